//! Signatures from outside: what others sign is accepted, what was changed is not, and every refusal has its code.

#[cfg(test)]
mod foreign;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod sample;

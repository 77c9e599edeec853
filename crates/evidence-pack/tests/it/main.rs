//! Packs made and checked: what passes, and what each kind of tampering is called.

#[cfg(test)]
mod container;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod suspended;
#[cfg(test)]
mod tamper;
#[cfg(test)]
mod whole_log;

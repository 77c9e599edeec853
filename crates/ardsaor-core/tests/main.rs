//! Core from outside: real HTTP, against stand-ins of the providers.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forge;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod membership;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vendor;

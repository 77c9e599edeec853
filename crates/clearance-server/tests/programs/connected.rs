//! A provider's groups, end to end: real programs, real HTTP, stand-ins of Okta and Entra that keep state and check signatures, and separate
//! people. Core runs inside the server or as a program of its own.

mod canaries;
mod company;
mod core_program;
mod faults;
mod killed;
mod providers;
mod set_up;
mod troubles;
mod walk;
mod watched;

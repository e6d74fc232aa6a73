//! The server's tests: one program, every promise on both databases.

#[macro_use]
mod common;

mod accounts;
mod authorisation;
mod conformance;
mod connections;
mod conversations;
mod database;
mod hostile;
mod messages;
mod protocol;
mod safety;
mod servers;
mod sessions;
mod socket;
mod streams;
mod tables;

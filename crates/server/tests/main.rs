//! The server's tests: one program, every promise on both databases.

#[macro_use]
mod common;

mod access;
mod accounts;
mod acme;
mod again;
mod audit;
mod authorisation;
mod backups;
mod command;
mod conformance;
mod connections;
mod control;
mod control_socket;
mod conversations;
mod database;
mod doctor;
mod files;
mod groups;
mod hostile;
mod imports;
mod logs;
mod messages;
mod newcomers;
mod pages;
mod people;
mod personal;
mod poolers;
mod profiles;
mod program;
mod protocol;
mod restores;
mod safety;
mod servers;
mod sessions;
mod settings;
mod socket;
mod socket_limits;
mod squatted;
mod standbys;
mod streams;
mod supervised;
mod tables;
mod upgrade;
mod watch;

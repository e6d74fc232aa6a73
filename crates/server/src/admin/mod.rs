//! Operations of the server's administrators, for the routes and the command line.

pub mod accounts;
pub mod audit;
pub(crate) mod backups;
mod claims;
pub mod groups;
pub mod invitations;
pub(crate) mod names;
pub mod newcomers;
pub mod passwords;
mod people;
pub mod registration;
pub(crate) mod reserved;
pub mod server;
pub(crate) mod sigma;

//! What the command line asks of a server: one list of requests, done in one place ([`perform()`]), whether a server
//! runs or not.
//!
//! A server that runs is told through a socket in its data folder, `control.sock`, by its own user or by root: what
//! it then does its clients hear at once. Where none runs the command opens the database itself, as it also
//! does on PostgreSQL, beside any number of servers.

#[cfg(unix)]
mod ask;
mod backups;
mod certificate;
mod diagnose;
mod error;
mod examine;
mod lists;
mod perform;
#[cfg(unix)]
mod place;
mod request;
mod run;
#[cfg(unix)]
mod socket;
mod status;
#[cfg(unix)]
mod wire;
#[cfg(not(unix))]
mod without;

pub use certificate::CertificateStatus;
pub use diagnose::diagnose;
pub use error::ControlError;
pub(crate) use examine::at_a_glance;
pub use perform::perform;
pub use request::{Checked, Group, Import, Invited, Item, Person, Reply, Request, Table};
pub use run::{run, through_server};
#[cfg(unix)]
pub(crate) use socket::{open, serve};
pub use status::{DatabaseStatus, Status};
#[cfg(not(unix))]
pub(crate) use without::{open, serve};

//! The requests of the command line. They are performed in one place ([`perform()`]), whether a server is running or
//! not.
//!
//! A running server receives them through a socket in its data folder, `control.sock`, which only its own user and
//! root can use, and on Windows through a named pipe. Its clients then notice the changes at once. If no server
//! responds, the command opens the database itself; on PostgreSQL this also works next to running servers.

mod backups;
mod certificate;
mod diagnose;
mod error;
mod examine;
mod exports;
mod listen;
mod lists;
#[cfg(windows)]
mod named_pipe;
mod perform;
mod progress;
mod request;
mod run;
mod send_request;
mod status;
#[cfg(unix)]
mod unix_socket;
mod wire;

pub use certificate::CertificateStatus;
pub use diagnose::diagnose;
pub use error::ControlError;
pub(crate) use examine::run_quick_checks;
pub(crate) use listen::{open, serve};
pub use perform::perform;
pub use request::{Group, Import, Invited, Item, Person, Reply, Request, Table, VerifyReport};
pub use run::{run, through_server};
pub use status::{DatabaseStatus, Status};

#[cfg(windows)]
use named_pipe as endpoint;
#[cfg(unix)]
use unix_socket as endpoint;

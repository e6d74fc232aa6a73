//! Encrypted connections without a proxy in front: whose certificate is shown, and how it is renewed.
//!
//! The certificate lies in files that are read again when they change, so a new one is shown from the next
//! connection on, and sockets stay.

mod accept;
mod certificate;
mod encryption;
mod error;
mod mode;
mod own;
mod renewal;

pub use accept::{Acceptor, Opened};
pub use encryption::Tls;
pub use error::TlsError;
pub use mode::TlsMode;
pub(crate) use own::give_to_owner;
pub use own::{make_if_missing, new_key};
pub use renewal::run;

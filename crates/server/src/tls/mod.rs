//! Encrypted connections without a proxy in front of the server: where the certificate comes from, and how
//! it is renewed.
//!
//! The certificate is in files that are read again when they change, or is obtained by ACME. A new one is
//! used from the next connection on; sockets stay open.

mod accept;
mod acme;
mod certificate;
mod encryption;
mod error;
mod expiry;
mod mode;
mod own_certificate;
mod renewal;
mod validity;

pub use accept::{Acceptor, MaybeEncrypted};
pub use acme::{Acme, FIRST_RETRY_DELAY, Failure, LETS_ENCRYPT};
pub(crate) use certificate::presented_certificate;
pub use encryption::Tls;
pub use error::TlsError;
pub use expiry::{matches_settings, seconds_left, validity};
pub use mode::TlsMode;
pub use own_certificate::{create_if_missing, new_key};
pub(crate) use own_certificate::{is_trusted, pin_of_file};
pub use renewal::run;
pub use validity::Validity;

//! Obtains certificates through ACME (RFC 8555) from an authority such as Let's Encrypt, with TLS-ALPN-01
//! (RFC 8737): the authority connects to the server's own port, so no other port has to be open.

mod challenges;
mod error;
mod files;
mod http;
mod order;
mod progress;
mod run;
mod settings;

pub use challenges::{ALPN_PROTOCOL, Challenges, is_challenge};
pub use files::{read_certificate, renewal_time};
pub use progress::{Failure, Progress};
pub use run::run;
pub use settings::{Acme, FIRST_RETRY_DELAY, LETS_ENCRYPT};

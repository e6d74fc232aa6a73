//! The bytes of files, on the disk of this computer: each in its own file in the account's folder, encrypted with its own
//! secret. The secrets are in the two encrypted databases; without its secret a file cannot be read.

mod encryption;
pub(crate) mod folder;
mod reader;
mod secret;
mod writer;

pub use reader::BlobReader;
pub use secret::Secret;
pub use writer::BlobWriter;

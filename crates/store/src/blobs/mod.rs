//! The bytes of files, on the disk of this computer: each in a file of its own in the account's folder, encrypted with
//! a secret of its own. The secrets are in the two encrypted databases; who loses a secret has lost the bytes.

pub(crate) mod folder;
mod reader;
mod sealing;
mod secret;
mod writer;

pub use reader::BlobReader;
pub use secret::Secret;
pub use writer::BlobWriter;

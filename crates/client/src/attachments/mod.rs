//! Files of messages. An attached file is first copied into the account's files ([`stage`]) and uploaded from there
//! ([`upload`]), even if the original is changed or deleted. Files from others are fetched ([`fetch`]) and stored there,
//! too.

pub(crate) mod fetch;
mod media;
mod picture;
pub(crate) mod queue;
mod read;
mod save;
mod stage;
mod staged;
mod staging;
pub(crate) mod transfers;
pub(crate) mod upload;

pub use picture::Pixels;
pub use read::{FileState, OpenedFile};
pub use staged::StagedFile;
pub(crate) use staged::store_file_limits;
pub use staging::{NotStaged, PASTED_BYTES, Staging};
pub use transfers::Transfer;

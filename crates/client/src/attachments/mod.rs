//! Files of messages. What is attached is copied into the account's files first ([`stage`]), so that it can be sent from
//! there whatever becomes of the original ([`upload`]); what others sent is fetched into the same place ([`fetch`]).

pub(crate) mod fetch;
mod media;
mod picture;
mod read;
mod save;
mod stage;
mod staged;
mod staging;
pub(crate) mod transfers;
pub(crate) mod upload;
pub(crate) mod wanted;

pub use read::{FileState, OpenedFile};
pub use staged::StagedFile;
pub(crate) use staged::keep_file_limits;
pub use staging::{NotStaged, PASTED_BYTES, Staging};
pub use transfers::Transfer;

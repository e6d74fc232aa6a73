//! Files of messages: how a sender describes them, how they are uploaded, and the checks that both ends
//! make.
//!
//! Nothing here reads the content of a file. [`check_files`] is the one check of the files of a message.

mod check;
mod hash;
mod kind;
mod limits;
mod message_file;
mod name;
mod program;
mod unique_names;
mod upload;

pub use check::{check_files, is_media_range};
pub use hash::{FileHash, InvalidFileHash};
pub use kind::FileKind;
pub use limits::{FileLimits, counted_bytes};
pub use message_file::{MessageFile, Thumbnail};
pub use name::{clean_file_name, saved_file_name};
pub use program::may_run;
pub use unique_names::{UniqueNames, folder_name};
pub use upload::{NewUpload, Upload};

#[cfg(test)]
mod tests;

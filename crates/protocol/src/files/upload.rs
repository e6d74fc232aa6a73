//! Uploads: the transfer of the bytes of a file to the server.

use super::FileHash;
use super::check::{check_media_type, check_size};
use crate::{Count, ErrorBody};
use serde::{Deserialize, Serialize};

/// `PUT /v1/uploads/{hash}`: begins the upload of a file, or continues it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewUpload {
    /// The size of the whole file, in bytes.
    pub bytes: Count,
    /// As in [`MessageFile`](super::MessageFile).
    pub media_type: String,
}

impl NewUpload {
    /// Checks the size and the media type.
    ///
    /// # Errors
    /// `invalid`, or `too_large`.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_size(self.bytes.0)?;
        check_media_type(&self.media_type)
    }
}

/// The state of an upload: the response to each request about it. The next part begins at `received`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// The hash of the whole file.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: FileHash,
    /// The size of the whole file, in bytes.
    pub bytes: Count,
    /// Number of bytes that the server has stored, from the beginning of the file.
    pub received: Count,
    /// Whether the file is complete and has this hash, so that a message can be sent with it.
    pub is_complete: bool,
}

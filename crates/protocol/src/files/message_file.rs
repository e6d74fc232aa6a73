//! The description of a file in a message.

use super::{FileHash, FileKind};
use crate::Count;
use serde::{Deserialize, Serialize};

/// A file of a message, as its sender describes it. Its bytes are uploaded before the message is sent
/// (`PUT /v1/uploads/{hash}`), and never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageFile {
    /// The SHA-256 of its bytes.
    #[cfg_attr(feature = "ipc", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: FileHash,
    /// Its size in bytes, 1 or more.
    pub bytes: Count,
    /// Its name, with the extension, 1 to 255 bytes: see [`clean_file_name`](crate::clean_file_name).
    pub name: String,
    /// The media type that the sender states, unverified, such as `application/pdf`: at most 127 bytes, in
    /// lower case, without parameters.
    pub media_type: String,
    /// How it is shown. A picture that is sent "as file" is a [`FileKind::File`].
    pub kind: FileKind,
    /// A small picture of it, made by the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Thumbnail>,
}

/// A small picture of a file: PNG, JPEG or WebP, not animated, at most 40 KB and 512 pixels a side. It is uploaded
/// like a file, in one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Thumbnail {
    /// The SHA-256 of its bytes.
    #[cfg_attr(feature = "ipc", specta(type = String))]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: FileHash,
    /// Its size in bytes.
    pub bytes: Count,
}

#[cfg(any(test, feature = "examples"))]
impl MessageFile {
    /// Returns the description of a file with these bytes, for tests.
    pub fn example(name: &str, bytes: &[u8]) -> Self {
        Self {
            hash: FileHash::of(bytes),
            bytes: Count(i64::try_from(bytes.len()).expect("a small file")),
            name: name.into(),
            media_type: "application/octet-stream".into(),
            kind: FileKind::File,
            thumbnail: None,
        }
    }
}

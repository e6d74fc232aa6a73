//! How a file is shown.

use crate::limits;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// How a file is shown, with what is needed before it is downloaded. The sender states it, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FileKind {
    /// A picture, shown in the timeline.
    Picture {
        /// Its width in pixels, as it is shown (after its orientation was applied).
        width: u32,
        /// Its height in pixels, likewise.
        height: u32,
        /// Its ThumbHash (at most 32 bytes, in base64), shown until there is something better.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thumbhash: Option<String>,
    },
    /// Audio.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Sound {
        /// Its duration in milliseconds.
        duration_ms: u32,
    },
    /// Video.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Film {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// Its duration in milliseconds.
        duration_ms: u32,
        /// Like that of a picture.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thumbhash: Option<String>,
    },
    /// Any file: shown as a row with its name, type and size. So is a kind that this version does not know.
    #[serde(other)]
    File,
}

impl FileKind {
    /// Returns the word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Picture { .. } => "picture",
            Self::Sound { .. } => "sound",
            Self::Film { .. } => "film",
            Self::File => "file",
        }
    }

    /// Returns width, height and duration (0 if it has none), and its ThumbHash (empty if it has none).
    pub(crate) fn dimensions(&self) -> ([u32; 3], &str) {
        match self {
            Self::Picture { width, height, thumbhash } => {
                ([*width, *height, 0], thumbhash.as_deref().unwrap_or_default())
            }
            Self::Sound { duration_ms } => ([0, 0, *duration_ms], ""),
            Self::Film { width, height, duration_ms, thumbhash } => {
                ([*width, *height, *duration_ms], thumbhash.as_deref().unwrap_or_default())
            }
            Self::File => ([0; 3], ""),
        }
    }

    /// Returns whether its dimensions and its ThumbHash are valid.
    pub fn is_valid(&self) -> bool {
        let is_hash = |hash: &Option<String>| hash.as_deref().is_none_or(is_base64);
        match self {
            Self::Picture { width, height, thumbhash }
            | Self::Film { width, height, thumbhash, .. } => {
                is_side(*width) && is_side(*height) && is_hash(thumbhash)
            }
            Self::Sound { .. } | Self::File => true,
        }
    }
}

/// Returns whether this is the width or height of a picture that can exist.
fn is_side(pixels: u32) -> bool {
    (1..=limits::FILE_PIXELS).contains(&pixels)
}

/// Returns whether this is a ThumbHash in base64.
fn is_base64(text: &str) -> bool {
    text.len() <= 44
        && BASE64.decode(text.as_bytes()).is_ok_and(|bytes| (5..=32).contains(&bytes.len()))
}

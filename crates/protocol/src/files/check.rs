//! The check of the files of a message, which client and server make.

use super::{FileHash, MessageFile, clean_file_name};
use crate::text::invalid;
use crate::{ErrorBody, Refusal, limits};
use std::collections::HashMap;

/// Checks the files of a message: at most 10, each with a clean name, a media type, a valid size and
/// dimensions. Only the server can check whether it has them and accepts such files.
///
/// # Errors
/// `invalid`, with the reason if a person can do something about it.
pub fn check_files(files: &[MessageFile]) -> Result<(), ErrorBody> {
    if files.len() > limits::FILES {
        return Err(Refusal::FilesTooMany.into());
    }
    let mut sizes: HashMap<FileHash, i64> = HashMap::new();
    for file in files {
        file.check()?;
        let thumbnail = file.thumbnail.map(|thumbnail| (thumbnail.hash, thumbnail.bytes.0));
        for (hash, bytes) in [(file.hash, file.bytes.0)].into_iter().chain(thumbnail) {
            if *sizes.entry(hash).or_insert(bytes) != bytes {
                return Err(invalid("The same file has different sizes."));
            }
        }
    }
    Ok(())
}

impl MessageFile {
    fn check(&self) -> Result<(), ErrorBody> {
        check_size(self.bytes.0)?;
        check_media_type(&self.media_type)?;
        if clean_file_name(&self.name) != self.name {
            return Err(Refusal::FileName.into());
        }
        if !self.kind.is_valid() {
            return Err(invalid("A file's width, height or thumbhash is invalid."));
        }
        let is_small = |bytes| (1..=limits::THUMBNAIL_BYTES).contains(&bytes);
        if self.thumbnail.is_some_and(|thumbnail| !is_small(thumbnail.bytes.0)) {
            return Err(invalid("A thumbnail has 1 to 40,000 bytes."));
        }
        Ok(())
    }
}

/// Checks the size of a file in bytes: 1 to 4 GiB.
pub(super) fn check_size(size: i64) -> Result<(), ErrorBody> {
    match size {
        ..0 => Err(invalid("A file's size is not negative.")),
        0 => Err(Refusal::FileEmpty.into()),
        1..=limits::FILE_BYTES => Ok(()),
        _ => Err(Refusal::FileTooLarge { max_mib: limits::FILE_MIB }.into()),
    }
}

/// Checks a media type: two restricted names (RFC 6838) in lower case, at most 127 bytes.
pub(super) fn check_media_type(text: &str) -> Result<(), ErrorBody> {
    let is_plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(&byte)
    };
    let is_name = |name: &str| {
        name.bytes().all(is_plain) && name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
    };
    let is_type =
        text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype));
    if is_type && text.len() <= limits::MEDIA_TYPE_BYTES {
        return Ok(());
    }
    Err(invalid("A media type is like application/pdf, in lower case and without parameters."))
}

/// Returns whether this is a media type or all of one kind, such as `image/*`.
pub fn is_media_range(text: &str) -> bool {
    match text.strip_suffix("/*") {
        Some(kind) => check_media_type(&format!("{kind}/x")).is_ok(),
        None => check_media_type(text).is_ok(),
    }
}

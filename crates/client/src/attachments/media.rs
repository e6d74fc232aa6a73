//! Media types of files, from their first bytes and their names.

use super::picture;
use image::ImageFormat;

/// Returns the media type of a file: of a picture from its first bytes, otherwise from the extension of its name.
pub(super) fn media_type(beginning: &[u8], name: &str) -> String {
    match picture::format_of(beginning) {
        Some(ImageFormat::Png) => "image/png".into(),
        Some(ImageFormat::Jpeg) => "image/jpeg".into(),
        Some(ImageFormat::Gif) => "image/gif".into(),
        Some(ImageFormat::WebP) => "image/webp".into(),
        Some(_) | None => {
            let guessed = mime_guess::from_path(name).first_or_octet_stream();
            guessed.essence_str().to_ascii_lowercase()
        }
    }
}

/// Returns a picture's name with the extension of its media type.
pub(super) fn with_extension_of(name: &str, media_type: &str) -> String {
    let extensions: &[&str] = match media_type {
        "image/jpeg" => &[".jpg", ".jpeg", ".jpe", ".jfif"],
        "image/png" => &[".png", ".apng"],
        "image/gif" => &[".gif"],
        "image/webp" => &[".webp"],
        _ => return name.into(),
    };
    let lower = name.to_ascii_lowercase();
    if extensions.iter().any(|extension| lower.ends_with(extension)) {
        return name.into();
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    parlour_protocol::clean_file_name(&format!("{stem}{}", extensions[0]))
}

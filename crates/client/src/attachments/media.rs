//! What a file is, according to its beginning and its name.

use super::picture;
use image::ImageFormat;

/// Returns the media type of a file: of a picture that is recognised by its first bytes, otherwise what its name says.
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

/// Returns the name of a picture that is sent as another format than its name says.
pub(super) fn renamed(name: &str, media_type: &str) -> String {
    let endings: &[&str] = match media_type {
        "image/jpeg" => &[".jpg", ".jpeg", ".jpe", ".jfif"],
        "image/png" => &[".png", ".apng"],
        "image/gif" => &[".gif"],
        "image/webp" => &[".webp"],
        _ => return name.into(),
    };
    let lower = name.to_ascii_lowercase();
    if endings.iter().any(|ending| lower.ends_with(ending)) {
        return name.into();
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    parlour_protocol::clean_file_name(&format!("{stem}{}", endings[0]))
}

//! The media type of a file, and the size of a picture, from its first bytes. Nothing is decoded.

use imagesize::{ImageType, blob_size, image_type};
use parlour_protocol::{FileKind, is_media_range, limits};

/// The number of first bytes that are read.
pub const BEGINNING_BYTES: u64 = 256 * 1024;
/// The media type of a file about which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// Returns the media type of a file, and how it is shown, as the app does when it sends one: a picture is recognized by
/// its first bytes, anything else by its name.
pub fn media_type(beginning: &[u8], name: &str) -> (String, FileKind) {
    let picture = match image_type(beginning) {
        Ok(ImageType::Png) => Some("image/png"),
        Ok(ImageType::Jpeg) => Some("image/jpeg"),
        Ok(ImageType::Gif) => Some("image/gif"),
        Ok(ImageType::Webp) => Some("image/webp"),
        _ => None,
    };
    if let Some(picture) = picture {
        return (picture.to_owned(), picture_kind(beginning).unwrap_or(FileKind::File));
    }
    let guessed = mime_guess::from_path(name).first_or_octet_stream();
    let guessed = guessed.essence_str().to_ascii_lowercase();
    let is_valid = !guessed.ends_with("/*") && is_media_range(&guessed);
    (if is_valid { guessed } else { UNKNOWN.to_owned() }, FileKind::File)
}

/// Returns the size of a picture as it is shown, without a preview; `None` if it is not among the first bytes.
fn picture_kind(beginning: &[u8]) -> Option<FileKind> {
    let size = blob_size(beginning).ok()?;
    let side = |pixels: usize| {
        u32::try_from(pixels).ok().filter(|side| (1..=limits::FILE_PIXELS).contains(side))
    };
    let (width, height) = (side(size.width)?, side(size.height)?);
    let (width, height) = if is_on_its_side(beginning) { (height, width) } else { (width, height) };
    Some(FileKind::Picture { width, height, thumbhash: None })
}

/// Returns whether a JPEG is shown rotated by 90 degrees, according to its metadata (Exif).
fn is_on_its_side(jpeg: &[u8]) -> bool {
    orientation(jpeg).is_some_and(|orientation| (5..=8).contains(&orientation))
}

/// Returns the value of the field Orientation, from 1 to 8, of a JPEG's metadata.
fn orientation(jpeg: &[u8]) -> Option<u16> {
    let mut rest = jpeg.strip_prefix(b"\xff\xd8")?;
    let exif = loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        // The metadata precede the compressed picture.
        if marker == 0xda {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let segment = rest.get(4..2 + length)?;
        if marker == 0xe1
            && let Some(exif) = segment.strip_prefix(b"Exif\0\0")
        {
            break exif;
        }
        rest = &rest[2 + length..];
    };
    let is_little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let u32_at = |at: usize| {
        let bytes = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = usize::try_from(u32_at(4)?).ok()?;
    let fields = usize::from(u16_at(directory)?);
    (0..fields).find_map(|field| {
        let at = directory.checked_add(2 + field * 12)?;
        let is_orientation = u16_at(at)? == 0x0112;
        is_orientation.then(|| u16_at(at.checked_add(8)?)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::example_picture::png;

    /// Returns the beginning of a JPEG of 640 by 480 pixels with this orientation.
    fn jpeg(orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let frame = b"\xff\xc0\x00\x0b\x08\x01\xe0\x02\x80\x01\x01\x11\x00";
        [&b"\xff\xd8\xff\xe1"[..], &length, &exif, frame].concat()
    }

    fn picture(width: u32, height: u32) -> FileKind {
        FileKind::Picture { width, height, thumbhash: None }
    }

    #[test]
    fn pictures_are_recognized_by_their_bytes_and_other_files_by_their_names() {
        let gif = b"GIF89a\x08\x00\x09\x00\x80\x00\x00".to_vec();
        for (bytes, name, media, kind) in [
            (png(8, 9, 0), "a.txt", "image/png", picture(8, 9)),
            (gif, "a", "image/gif", picture(8, 9)),
            (jpeg(1), "a.jpg", "image/jpeg", picture(640, 480)),
            (jpeg(6), "a.jpg", "image/jpeg", picture(480, 640)),
            (b"\xff\xd8\xff\xe0".to_vec(), "a.jpg", "image/jpeg", FileKind::File),
            (b"%PDF".to_vec(), "Plan.PDF", "application/pdf", FileKind::File),
            (b"MZ".to_vec(), "a", UNKNOWN, FileKind::File),
            (Vec::new(), "../x.tar.gz", "application/gzip", FileKind::File),
        ] {
            assert_eq!(media_type(&bytes, name), (media.to_owned(), kind), "{name}");
        }
    }

    #[test]
    fn no_truncated_metadata_cause_a_panic() {
        let whole = jpeg(6);
        for end in 0..whole.len() {
            orientation(&whole[..end]);
        }
        for at in 4..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] = 0xff;
            orientation(&damaged);
        }
    }
}

//! Attached pictures: each is decoded once, within limits, for its size, a thumbnail and a preview.

mod clean;
mod gif;
mod jpeg;
#[cfg(test)]
mod tests;

use data_encoding::BASE64;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits,
};
use parlour_protocol::{FileKind, limits::THUMBNAIL_BYTES};
use std::io::Cursor;

/// Largest file that is decoded, in bytes.
pub const BYTES: i64 = 64 << 20;
/// Largest picture that is decoded: number of pixels, pixels per side, and bytes of memory.
const PIXELS: u64 = 64_000_000;
const SIDE: u32 = 32_000;
const MEMORY: u64 = 320 << 20;
/// The quality of a JPEG that had to be rotated, from 1 to 100.
const ROTATED_QUALITY: u8 = 92;
/// The sides in pixels and the qualities of thumbnails that are tried, until one is small enough.
const THUMBNAILS: [(u32, u8); 5] = [(480, 80), (480, 65), (360, 65), (240, 60), (160, 50)];
/// The side of the picture from which a preview is created, in pixels.
const PREVIEW: u32 = 100;

/// A picture that is ready to be sent.
pub struct Prepared {
    /// Its bytes, without metadata.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
    /// Its width, height and preview.
    pub kind: FileKind,
    /// Its thumbnail.
    pub thumbnail: Vec<u8>,
}

/// Returns the format of a picture that can be prepared, according to its first bytes.
pub fn format_of(beginning: &[u8]) -> Option<ImageFormat> {
    image::guess_format(beginning).ok().filter(|format| media_type(*format).is_some())
}

/// Returns the media type of a picture that can be prepared.
fn media_type(format: ImageFormat) -> Option<&'static str> {
    match format {
        ImageFormat::Png => Some("image/png"),
        ImageFormat::Jpeg => Some("image/jpeg"),
        ImageFormat::Gif => Some("image/gif"),
        ImageFormat::WebP => Some("image/webp"),
        _ => None,
    }
}

/// The pixels of a picture.
pub struct Pixels {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Red, green, blue and opacity of each pixel, a byte each, row by row from the top.
    pub rgba: Vec<u8>,
}

/// Returns the pixels of a picture as it is shown; of a moving one, the first frame. This takes time and memory, like
/// [`prepare`]. Returns `None` if it is damaged, too large to be decoded, or of another format.
pub fn pixels(bytes: &[u8]) -> Option<Pixels> {
    let decoded = decode(format_of(bytes)?, bytes)?.picture.into_rgba8();
    let (width, height) = decoded.dimensions();
    Some(Pixels { width, height, rgba: decoded.into_raw() })
}

/// A decoded picture, as it is shown.
struct Decoded {
    picture: DynamicImage,
    /// How it was rotated according to its metadata.
    orientation: Orientation,
    colour_profile: Option<Vec<u8>>,
}

/// Decodes a picture within the limits.
fn decode(format: ImageFormat, bytes: &[u8]) -> Option<Decoded> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE), Some(SIDE));
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let colour_profile = decoder.icc_profile().ok().flatten();
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(Decoded { picture, orientation, colour_profile })
}

/// Prepares a picture. This takes time and memory: call it outside of the async runtime, for one picture at a time.
/// Returns `None` if it is damaged, or too large to be decoded: then it can be sent as a file.
pub fn prepare(format: ImageFormat, bytes: &[u8]) -> Option<Prepared> {
    let Decoded { picture: decoded, orientation, colour_profile } = decode(format, bytes)?;
    let media_type = media_type(format)?;
    let (bytes, media_type) = match orientation {
        Orientation::NoTransforms => (clean::without_metadata(format, bytes)?, media_type),
        _ => (rotated_jpeg(&decoded, colour_profile)?, "image/jpeg"),
    };
    let small = decoded.thumbnail(PREVIEW, PREVIEW).to_rgba8();
    let (small_width, small_height) = (small.width() as usize, small.height() as usize);
    let preview = thumbhash::rgba_to_thumb_hash(small_width, small_height, small.as_raw());
    let (width, height) = (decoded.width(), decoded.height());
    let thumbhash = Some(BASE64.encode(&preview));
    let kind = FileKind::Picture { width, height, thumbhash };
    Some(Prepared { bytes, media_type, kind, thumbnail: thumbnail(&decoded)? })
}

/// Returns a picture that was rotated according to its metadata, as a JPEG.
fn rotated_jpeg(decoded: &DynamicImage, colour_profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    jpeg(decoded, ROTATED_QUALITY, colour_profile)
}

/// Returns a thumbnail: a PNG if that is small and the picture has transparency, otherwise a JPEG.
fn thumbnail(decoded: &DynamicImage) -> Option<Vec<u8>> {
    let fits = |bytes: &Vec<u8>| i64::try_from(bytes.len()).is_ok_and(|n| n <= THUMBNAIL_BYTES);
    let has_alpha = decoded.color().has_alpha();
    THUMBNAILS.into_iter().find_map(|(side, quality)| {
        let is_small = decoded.width() <= side && decoded.height() <= side;
        let small = if is_small { decoded.clone() } else { decoded.thumbnail(side, side) };
        let transparent = if has_alpha { png(&small).filter(fits) } else { None };
        transparent.or_else(|| jpeg(&small, quality, None).filter(fits))
    })
}

fn png(decoded: &DynamicImage) -> Option<Vec<u8>> {
    let (small, mut bytes) = (decoded.to_rgba8(), Vec::new());
    let encoder = PngEncoder::new(&mut bytes);
    let (width, height) = small.dimensions();
    encoder.write_image(small.as_raw(), width, height, ExtendedColorType::Rgba8).ok()?;
    Some(bytes)
}

fn jpeg(decoded: &DynamicImage, quality: u8, colour_profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let (pixels, mut bytes) = (decoded.to_rgb8(), Vec::new());
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    if let Some(colour_profile) = colour_profile {
        encoder.set_icc_profile(colour_profile).ok()?;
    }
    let (width, height) = pixels.dimensions();
    encoder.write_image(pixels.as_raw(), width, height, ExtendedColorType::Rgb8).ok()?;
    Some(bytes)
}

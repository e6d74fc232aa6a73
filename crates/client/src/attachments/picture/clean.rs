//! Removes metadata (location, camera, previews, edit history, trailing data) from pictures without decoding them.
//! Colours, transparency and animation stay.

use super::{gif, jpeg};
use image::ImageFormat;
use img_parts::Bytes;
use img_parts::png::Png;
use img_parts::webp::WebP;
use img_parts::{ImageEXIF, riff::RiffChunk};

/// The chunks of a PNG that are retained: pixels, colours, transparency and animation.
const PNG_CHUNKS: [&[u8; 4]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];
/// The chunks of a WebP that are retained.
const WEBP_CHUNKS: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// Returns a picture without its metadata; `None` if it is damaged or of another format.
pub fn without_metadata(format: ImageFormat, bytes: &[u8]) -> Option<Vec<u8>> {
    match format {
        ImageFormat::Png => {
            let mut png = Png::from_bytes(Bytes::copy_from_slice(bytes)).ok()?;
            png.chunks_mut().retain(|chunk| PNG_CHUNKS.contains(&&chunk.kind()));
            Some(png.encoder().bytes().to_vec())
        }
        ImageFormat::WebP => {
            let mut webp = WebP::from_bytes(Bytes::copy_from_slice(bytes)).ok()?;
            webp.chunks_mut().retain(|chunk: &RiffChunk| WEBP_CHUNKS.contains(&&chunk.id()));
            // Corrects the flags in the header for the remaining chunks.
            webp.set_exif(None);
            Some(webp.encoder().bytes().to_vec())
        }
        ImageFormat::Jpeg => jpeg::without_metadata(bytes),
        ImageFormat::Gif => gif::without_metadata(bytes),
        _ => None,
    }
}

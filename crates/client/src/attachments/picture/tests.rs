//! Tests that metadata is removed from pictures, and that nothing hostile is decoded.

use super::*;
use parlour_protocol::PictureFormat;

/// A text that must be in no sent picture.
const SECRET: &[u8] = b"52.3702N 4.8952E";

fn sample() -> DynamicImage {
    DynamicImage::ImageRgb8(image::RgbImage::from_fn(60, 40, |x, y| {
        image::Rgb([u8::try_from(x).unwrap() * 4, u8::try_from(y).unwrap() * 6, 90])
    }))
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    sample().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Returns metadata (TIFF) with an orientation and the secret.
fn metadata(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend(SECRET);
    tiff
}

fn jpeg_with(orientation: u8) -> Vec<u8> {
    let plain = encoded(ImageFormat::Jpeg);
    let contents = [b"Exif\0\0".to_vec(), metadata(orientation)].concat();
    let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
    let with_metadata = [&plain[..2], &[0xff, 0xe1], &length, &contents, &plain[2..], SECRET];
    with_metadata.concat()
}

#[test]
fn metadata_and_trailing_data_are_removed_from_a_jpeg_without_changing_its_pixels() {
    let prepared = prepare(ImageFormat::Jpeg, &jpeg_with(1)).unwrap();
    assert_eq!(prepared.bytes, encoded(ImageFormat::Jpeg), "nothing else changed");
    assert!(matches!(prepared.kind, FileKind::Picture { width: 60, height: 40, .. }));
    assert!(PictureFormat::of(&prepared.thumbnail).is_err(), "it is not square");
    assert!(prepared.thumbnail.len() <= 40_000);
}

#[test]
fn a_picture_with_an_orientation_is_rotated_before_it_is_sent() {
    let prepared = prepare(ImageFormat::Jpeg, &jpeg_with(6)).unwrap();
    assert!(matches!(prepared.kind, FileKind::Picture { width: 40, height: 60, .. }));
    assert!(!contains(&prepared.bytes, SECRET));
    let decoded = image::load_from_memory(&prepared.bytes).unwrap();
    assert_eq!((decoded.width(), decoded.height()), (40, 60));
}

#[test]
fn metadata_is_removed_from_png_webp_and_gif() {
    let png = encoded(ImageFormat::Png);
    let mut parts = img_parts::png::Png::from_bytes(png.clone().into()).unwrap();
    for kind in [*b"eXIf", *b"tEXt", *b"iTXt"] {
        let chunk = img_parts::png::PngChunk::new(kind, SECRET.into());
        parts.chunks_mut().insert(1, chunk);
    }
    let with_metadata = parts.encoder().bytes().to_vec();
    assert!(contains(&with_metadata, SECRET));
    assert_eq!(prepare(ImageFormat::Png, &with_metadata).unwrap().bytes, png);

    let mut parts = img_parts::webp::WebP::from_bytes(encoded(ImageFormat::WebP).into()).unwrap();
    img_parts::ImageEXIF::set_exif(&mut parts, Some(metadata(1).into()));
    let with_metadata = parts.encoder().bytes().to_vec();
    assert!(contains(&with_metadata, SECRET));
    let prepared = prepare(ImageFormat::WebP, &with_metadata).unwrap();
    assert!(!contains(&prepared.bytes, SECRET));
    assert!(image::load_from_memory(&prepared.bytes).is_ok());

    let gif = encoded(ImageFormat::Gif);
    let comment = [&[0x21, 0xfe, u8::try_from(SECRET.len()).unwrap()], SECRET, &[0]].concat();
    let end = gif.len() - 1;
    let with_metadata = [&gif[..end], &comment, &gif[end..], SECRET].concat();
    let prepared = prepare(ImageFormat::Gif, &with_metadata).unwrap();
    assert!(!contains(&prepared.bytes, SECRET));
    assert!(image::load_from_memory(&prepared.bytes).is_ok());
}

#[test]
fn damaged_and_too_large_pictures_are_not_prepared() {
    // The header of a PNG of 64,000 times 64,000 pixels.
    let mut bomb = encoded(ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xfa, 0, 0, 0, 0xfa, 0]);
    assert!(prepare(ImageFormat::Png, &bomb).is_none());
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        let whole = encoded(format);
        assert_eq!(format_of(&whole), Some(format));
        for length in [0, 1, 4, 12, 20, whole.len() / 4] {
            assert!(prepare(format, &whole[..length]).is_none(), "{format:?} {length}");
        }
        for offset in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[offset] ^= 0xff;
            // It must terminate, and not panic.
            let _ = clean::without_metadata(format, &damaged);
        }
    }
    assert_eq!(format_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), None);
}

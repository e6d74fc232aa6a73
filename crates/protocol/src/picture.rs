//! Pictures of people: their ids, and the checks that both ends make. Nothing here decodes a picture: the
//! checks read its header.

use crate::{Refusal, limits};
use data_encoding::HEXLOWER;
use imagesize::{ImageType, blob_size, image_type};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// The id of a picture: the SHA-256 of its bytes, written in hexadecimal. The picture of an id never
/// changes, and its recipient can verify it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PictureId([u8; 32]);

impl PictureId {
    /// Returns the id of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl From<PictureId> for String {
    fn from(id: PictureId) -> Self {
        id.to_string()
    }
}

/// The error for a text that is not the id of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits in lower case")]
pub struct InvalidPictureId;

impl FromStr for PictureId {
    type Err = InvalidPictureId;

    fn from_str(text: &str) -> Result<Self, InvalidPictureId> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| InvalidPictureId)?;
        bytes.try_into().map(Self).map_err(|_| InvalidPictureId)
    }
}

impl TryFrom<String> for PictureId {
    type Error = InvalidPictureId;

    fn try_from(text: String) -> Result<Self, InvalidPictureId> {
        text.parse()
    }
}

/// The formats that a picture can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// JPEG.
    Jpeg,
    /// PNG, not animated.
    Png,
    /// WebP, not animated.
    Webp,
}

impl PictureFormat {
    /// Returns the media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// Returns the format of a valid profile picture: square, not animated, within the limits of bytes and
    /// pixels.
    ///
    /// # Errors
    /// The reason why it is invalid.
    pub fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::PICTURE_BYTES {
            return Err(Refusal::PictureTooLarge);
        }
        let (format, [width, height]) = Self::still_format(bytes)?;
        let is_small = (1..=limits::PICTURE_PIXELS).contains(&width);
        if width == height && is_small { Ok(format) } else { Err(Refusal::PictureShape) }
    }

    /// Returns the format of a valid thumbnail of a file: not animated, within the limits of bytes and
    /// pixels.
    ///
    /// # Errors
    /// The reason why it is invalid.
    pub fn of_thumbnail(bytes: &[u8]) -> Result<Self, Refusal> {
        if i64::try_from(bytes.len()).is_ok_and(|length| length > limits::THUMBNAIL_BYTES) {
            return Err(Refusal::PictureTooLarge);
        }
        let (format, sides) = Self::still_format(bytes)?;
        let is_small = |side| (1..=limits::THUMBNAIL_PIXELS).contains(side);
        if sides.iter().all(is_small) { Ok(format) } else { Err(Refusal::PictureShape) }
    }

    /// Returns the format, and the width and height in pixels, of a picture that is not animated.
    fn still_format(bytes: &[u8]) -> Result<(Self, [usize; 2]), Refusal> {
        let format = match image_type(bytes) {
            Ok(ImageType::Jpeg) => Self::Jpeg,
            Ok(ImageType::Png) => Self::Png,
            Ok(ImageType::Webp) => Self::Webp,
            _ => return Err(Refusal::NoPicture),
        };
        if format.is_animated(bytes) {
            return Err(Refusal::PictureMoves);
        }
        let size = blob_size(bytes).map_err(|_| Refusal::NoPicture)?;
        Ok((format, [size.width, size.height]))
    }

    fn is_animated(self, bytes: &[u8]) -> bool {
        match self {
            Self::Jpeg => false,
            Self::Png => has_frames(bytes),
            // The first chunk of an extended file begins with its flags.
            Self::Webp => {
                bytes.get(12..16) == Some(b"VP8X")
                    && bytes.get(20).is_some_and(|flags| flags & 2 != 0)
            }
        }
    }
}

/// Returns whether a PNG is animated: whether it has the chunk with the number of frames.
fn has_frames(bytes: &[u8]) -> bool {
    // After the signature, each chunk has its length, its name, that many bytes, and a checksum.
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, chunk)) = rest.split_first_chunk() {
        if chunk.starts_with(b"acTL") {
            return true;
        }
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        rest = chunk.get(length.saturating_add(8)..).unwrap_or_default();
    }
    false
}

#[cfg(any(test, feature = "examples"))]
pub mod example {
    //! Small pictures, for tests.

    /// Returns a PNG of this size, all in one shade of grey (`salt`), which a decoder accepts.
    pub fn png(width: u32, height: u32, salt: u8) -> Vec<u8> {
        let mut header = [width, height].map(u32::to_be_bytes).concat();
        header.extend([8, 0, 0, 0, 0]);
        let rows: Vec<u8> = (0..height).flat_map(|_| grey_row(width, salt)).collect();
        let chunks =
            [chunk(*b"IHDR", &header), chunk(*b"IDAT", &zlib(&rows)), chunk(*b"IEND", &[])];
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
    }

    /// Returns an animated PNG.
    pub fn animated_png() -> Vec<u8> {
        let mut png = png(8, 8, 0);
        let control = chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
        // After the signature and the header.
        png.splice(33..33, control);
        png
    }

    fn grey_row(width: u32, grey: u8) -> Vec<u8> {
        let pixels = usize::try_from(width).expect("a small picture");
        [vec![0], vec![grey; pixels]].concat()
    }

    fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).expect("a small picture").to_be_bytes();
        let named = [&name[..], body].concat();
        let sum = crc(&named).to_be_bytes();
        [&length[..], &named, &sum].concat()
    }

    /// Returns the bytes as zlib stores them without compressing.
    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut stored = vec![0x78, 0x01];
        let blocks = bytes.chunks(0xffff);
        let last = blocks.len().saturating_sub(1);
        for (number, block) in blocks.enumerate() {
            let length = u16::try_from(block.len()).expect("at most 0xffff");
            stored.push(u8::from(number == last));
            stored.extend(length.to_le_bytes());
            stored.extend((!length).to_le_bytes());
            stored.extend(block);
        }
        let (mut low, mut high) = (1_u32, 0_u32);
        for byte in bytes {
            low = (low + u32::from(*byte)) % 65_521;
            high = (high + low) % 65_521;
        }
        stored.extend(((high << 16) | low).to_be_bytes());
        stored
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the beginning of a JPEG with these dimensions.
    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut head = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08".to_vec();
        head.extend([height, width].map(u16::to_be_bytes).concat());
        head.extend(b"\x01\x01\x11\x00");
        head
    }

    /// Returns the beginning of an extended WebP with these flags and dimensions.
    fn webp(flags: u8, width: u32, height: u32) -> Vec<u8> {
        let mut head = b"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00".to_vec();
        head.extend([flags, 0, 0, 0]);
        for side in [width, height] {
            head.extend(&(side - 1).to_le_bytes()[..3]);
        }
        head
    }

    #[test]
    fn a_small_square_still_picture_of_a_known_format_is_accepted() {
        for (bytes, format) in [
            (example::png(8, 8, 0), PictureFormat::Png),
            (example::png(512, 512, 0).into_iter().take(1000).collect(), PictureFormat::Png),
            (jpeg(256, 256), PictureFormat::Jpeg),
            (webp(0x10, 64, 64), PictureFormat::Webp),
        ] {
            assert_eq!(PictureFormat::of(&bytes), Ok(format));
        }
    }

    #[test]
    fn what_is_not_a_picture_or_too_large_or_animated_is_refused_by_its_header() {
        let gif = b"GIF89a\x08\x00\x08\x00\x80\x00\x00".to_vec();
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>".to_vec();
        let large = [example::png(8, 8, 0), vec![0; limits::PICTURE_BYTES]].concat();
        for (bytes, reason) in [
            (Vec::new(), Refusal::NoPicture),
            (b"hello".to_vec(), Refusal::NoPicture),
            (b"\x89PNG\r\n\x1a\n".to_vec(), Refusal::NoPicture),
            (b"\xff\xd8\xff".to_vec(), Refusal::NoPicture),
            (b"\xff\xd8\xff\xe0\x00\x00\x00\x00".to_vec(), Refusal::NoPicture),
            (b"RIFF\x1e\x00\x00\x00WEBP".to_vec(), Refusal::NoPicture),
            (gif, Refusal::NoPicture),
            (svg, Refusal::NoPicture),
            (large, Refusal::PictureTooLarge),
            (jpeg(0, 0), Refusal::PictureShape),
            (jpeg(65_000, 65_000), Refusal::PictureShape),
            (jpeg(513, 513), Refusal::PictureShape),
            (jpeg(256, 255), Refusal::PictureShape),
            (webp(0, 16_000_000, 16_000_000), Refusal::PictureShape),
            (webp(0x02, 64, 64), Refusal::PictureMoves),
            (example::animated_png(), Refusal::PictureMoves),
        ] {
            assert_eq!(PictureFormat::of(&bytes), Err(reason), "{:?}", bytes.get(..16));
        }
        // No truncated picture causes a panic.
        for whole in [example::png(8, 8, 0), jpeg(8, 8), webp(0x02, 8, 8), example::animated_png()]
        {
            for end in 0..whole.len() {
                let _ = PictureFormat::of(&whole[..end]);
            }
        }
    }

    #[test]
    fn a_thumbnail_is_a_small_still_picture_of_any_shape() {
        assert_eq!(PictureFormat::of_thumbnail(&jpeg(512, 1)), Ok(PictureFormat::Jpeg));
        assert_eq!(PictureFormat::of_thumbnail(&example::png(8, 9, 0)), Ok(PictureFormat::Png));
        let large = [example::png(8, 8, 0), vec![0; 40_000]].concat();
        for (bytes, reason) in [
            (b"<svg/>".to_vec(), Refusal::NoPicture),
            (large, Refusal::PictureTooLarge),
            (jpeg(513, 1), Refusal::PictureShape),
            (jpeg(1, 0), Refusal::PictureShape),
            (example::animated_png(), Refusal::PictureMoves),
        ] {
            assert_eq!(PictureFormat::of_thumbnail(&bytes), Err(reason));
        }
    }

    #[test]
    fn an_id_is_64_digits_and_different_for_each_picture() {
        let id = PictureId::of(b"abc");
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(id.to_string(), hex);
        assert_eq!(serde_json::to_value(id).unwrap(), hex);
        assert_eq!(hex.parse(), Ok(id));
        assert_ne!(PictureId::of(b"abd"), id);
        for bad in ["", "ba78", &hex.to_uppercase(), &format!("{hex}00"), &hex.replace('b', "/")] {
            assert_eq!(bad.parse::<PictureId>(), Err(InvalidPictureId), "{bad}");
            assert!(serde_json::from_value::<PictureId>(bad.into()).is_err());
        }
    }
}

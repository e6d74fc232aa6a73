//! JPEG: the segments of a picture (ITU T.81, annex B).

const MARKER: u8 = 0xff;
const BEGIN: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
/// The segment of a profile of colours, which begins with this name.
const COLOURS: (u8, &[u8]) = (0xe2, b"ICC_PROFILE\0");

/// Returns the picture without the segments of applications, except those that say how it looks, without comments, and
/// without what follows it, which in pictures of phones may be another one with its own metadata.
pub fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = bytes.get(..2)?.to_vec();
    if kept != [MARKER, BEGIN] {
        return None;
    }
    let mut at = 2;
    loop {
        // What is between a marker and the next one is the data of a scan, in which a marker's first byte is followed by
        // a zero or by the number of a restart.
        let from = at;
        while *bytes.get(at)? != MARKER || matches!(*bytes.get(at + 1)?, 0 | 0xd0..=0xd7 | MARKER) {
            at += 1;
        }
        kept.extend_from_slice(&bytes[from..at]);
        let marker = *bytes.get(at + 1)?;
        if marker == END {
            kept.extend([MARKER, END]);
            return Some(kept);
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
        let segment = bytes.get(at..at + 2 + length).filter(|_| length >= 2)?;
        if is_kept(marker, &segment[4..]) {
            kept.extend_from_slice(segment);
        }
        at += segment.len();
        // Between other segments there is nothing.
        if marker != SCAN && *bytes.get(at)? != MARKER {
            return None;
        }
    }
}

fn is_kept(marker: u8, contents: &[u8]) -> bool {
    match marker {
        // JFIF, and what Adobe says of the colours.
        0xe0 => contents.starts_with(b"JFIF\0"),
        0xee => contents.starts_with(b"Adobe"),
        marker if marker == COLOURS.0 => contents.starts_with(COLOURS.1),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

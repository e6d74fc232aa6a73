//! JPEG: the segments of a picture (ITU T.81, annex B).

const MARKER: u8 = 0xff;
const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
/// The marker of a segment with a colour profile, and the bytes with which the segment begins.
const COLOUR_PROFILE: (u8, &[u8]) = (0xe2, b"ICC_PROFILE\0");

/// Returns the picture without comments, without segments of applications except those that determine its colours, and
/// without data after its end, which in phone pictures may be another picture with its own metadata.
pub fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut output = bytes.get(..2)?.to_vec();
    if output != [MARKER, START_OF_IMAGE] {
        return None;
    }
    let mut offset = 2;
    loop {
        // Between two markers is the data of a scan, in which the first byte of a marker is followed by a zero or by the
        // number of a restart marker.
        let start = offset;
        while *bytes.get(offset)? != MARKER
            || matches!(*bytes.get(offset + 1)?, 0 | 0xd0..=0xd7 | MARKER)
        {
            offset += 1;
        }
        output.extend_from_slice(&bytes[start..offset]);
        let marker = *bytes.get(offset + 1)?;
        if marker == END_OF_IMAGE {
            output.extend([MARKER, END_OF_IMAGE]);
            return Some(output);
        }
        let length =
            usize::from(u16::from_be_bytes([*bytes.get(offset + 2)?, *bytes.get(offset + 3)?]));
        let segment = bytes.get(offset..offset + 2 + length).filter(|_| length >= 2)?;
        if is_retained(marker, &segment[4..]) {
            output.extend_from_slice(segment);
        }
        offset += segment.len();
        // There is no data between other segments.
        if marker != START_OF_SCAN && *bytes.get(offset)? != MARKER {
            return None;
        }
    }
}

fn is_retained(marker: u8, contents: &[u8]) -> bool {
    match marker {
        // JFIF, and Adobe's segment with the colour transform.
        0xe0 => contents.starts_with(b"JFIF\0"),
        0xee => contents.starts_with(b"Adobe"),
        marker if marker == COLOUR_PROFILE.0 => contents.starts_with(COLOUR_PROFILE.1),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

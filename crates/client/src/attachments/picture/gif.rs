//! GIF: the blocks of a picture (GIF89a).

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
/// The extensions that are retained: how a frame is shown, and those of the applications below.
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;
/// The applications whose extension says how often the animation is repeated.
const LOOPS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// Returns the picture without comments, texts, extensions of other applications and data after its end.
pub fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let header = 13 + colour_table_bytes(*bytes.get(10)?);
    let mut output = bytes.get(..header).filter(|header| header.starts_with(b"GIF8"))?.to_vec();
    let mut offset = header;
    loop {
        let start = offset;
        let is_retained = match *bytes.get(offset)? {
            TRAILER => {
                output.push(TRAILER);
                return Some(output);
            }
            EXTENSION => {
                let (label, name) = (*bytes.get(offset + 1)?, bytes.get(offset + 3..offset + 14));
                offset += 2;
                label == CONTROL
                    || (label == APPLICATION && name.is_some_and(|name| LOOPS.contains(&name)))
            }
            IMAGE => {
                offset += 10 + colour_table_bytes(*bytes.get(offset + 9)?) + 1;
                true
            }
            _ => return None,
        };
        loop {
            let length = usize::from(*bytes.get(offset)?);
            offset += 1 + length;
            if length == 0 {
                break;
            }
        }
        if is_retained {
            output.extend_from_slice(bytes.get(start..offset)?);
        }
    }
}

/// Returns the size of a colour table in bytes, according to the flags before it.
fn colour_table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

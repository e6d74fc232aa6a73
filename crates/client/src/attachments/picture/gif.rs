//! GIF: the blocks of a picture (GIF89a).

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
/// The extensions that are kept: how a frame is shown, and those of applications that are named below.
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;
/// The applications whose extension says how often the movement is repeated.
const LOOPS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// Returns the picture without comments, texts, the extensions of applications and what follows it.
pub fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let header = 13 + colours(*bytes.get(10)?);
    let mut kept = bytes.get(..header).filter(|header| header.starts_with(b"GIF8"))?.to_vec();
    let mut at = header;
    loop {
        let from = at;
        let is_kept = match *bytes.get(at)? {
            TRAILER => {
                kept.push(TRAILER);
                return Some(kept);
            }
            EXTENSION => {
                let (label, name) = (*bytes.get(at + 1)?, bytes.get(at + 3..at + 14));
                at += 2;
                label == CONTROL
                    || (label == APPLICATION && name.is_some_and(|name| LOOPS.contains(&name)))
            }
            IMAGE => {
                at += 10 + colours(*bytes.get(at + 9)?) + 1;
                true
            }
            _ => return None,
        };
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
        if is_kept {
            kept.extend_from_slice(bytes.get(from..at)?);
        }
    }
}

/// Returns the bytes of a table of colours, according to the flags before it.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

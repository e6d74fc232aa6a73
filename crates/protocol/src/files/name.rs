//! The names of files. The sender cleans a name that comes from a disk, a clipboard or another system; the
//! server refuses one that is not clean. So the extension that is shown is the real one, and no name is a
//! path.

use crate::limits;
use crate::text::{is_blank, plain_line};
use unicode_normalization::UnicodeNormalization;

/// The name if nothing is left after cleaning.
const FALLBACK: &str = "file";
/// Maximum number of times that a name is cleaned; more than two are rarely needed.
const MAX_ROUNDS: usize = 8;
/// Longest extension that is preserved when a name is shortened, in bytes.
const EXTENSION_BYTES: usize = 32;

/// Returns the name of a file as it may be sent: the last part of a path, one line in NFC, at most 255 bytes of UTF-8,
/// without control characters, invisible ones and ones that change the direction of the text, without space around
/// it, and neither `.` nor `..`. A name that is too long loses the end of its stem. Cleaning twice changes nothing.
pub fn clean_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !is_blank(part)).unwrap_or_default();
    let mut name = clean_once(last);
    // Shortening can leave a space at the end or make characters adjacent that are invisible together.
    for _ in 0..MAX_ROUNDS {
        let again = clean_once(&name);
        if again == name {
            let is_name = !is_blank(&name) && name.chars().any(|c| c != '.');
            return if is_name { name } else { FALLBACK.into() };
        }
        name = again;
    }
    FALLBACK.into()
}

fn clean_once(name: &str) -> String {
    let line: String = plain_line(name).nfc().collect();
    shorten(line.trim())
}

/// Shortens a name to the maximum length, preserving its extension.
fn shorten(name: &str) -> String {
    if name.len() <= limits::FILE_NAME_BYTES {
        return name.into();
    }
    let at = name.rfind('.').filter(|at| *at > 0 && name.len() - at <= EXTENSION_BYTES);
    let (stem, extension) = name.split_at(at.unwrap_or(name.len()));
    let available = limits::FILE_NAME_BYTES - extension.len();
    format!("{}{extension}", &stem[..stem.floor_char_boundary(available)])
}

/// Returns the name under which a file that was received can be saved on any system: a clean one, without the
/// characters that Windows forbids, without a dot or a space at its end, and not that of a device of Windows.
pub fn saved_file_name(name: &str) -> String {
    let name = clean_file_name(name).replace(['<', '>', ':', '"', '|', '?', '*'], "_");
    let forbidden_ends = ['.', ' '];
    let name = name.trim_end_matches(forbidden_ends);
    // Windows considers only the part before the first dot.
    let is_device = is_device(name.split('.').next().unwrap_or_default().trim_end());
    let name = if is_device { clean_file_name(&format!("_{name}")) } else { name.to_owned() };
    match name.trim_end_matches(forbidden_ends) {
        "" => FALLBACK.into(),
        name => name.into(),
    }
}

/// Returns whether this is the name of a device in Windows.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_uppercase();
    let is_numbered = |prefix: &str| {
        let number = stem.strip_prefix(prefix).map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    };
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
        || is_numbered("COM")
        || is_numbered("LPT")
}

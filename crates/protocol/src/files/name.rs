//! The names of files. What comes from a disk, a clipboard or another system is cleaned once, by the sender; what is
//! sent must be clean, so that nobody sees another ending than there is, and no name is a path.

use crate::limits;
use crate::text::{is_blank, plain_line};
use unicode_normalization::UnicodeNormalization;

/// The name of a file of whose name nothing is left.
const NAMELESS: &str = "file";
/// How often a name is cleaned at most; more than twice is hardly ever needed.
const ROUNDS: usize = 8;
/// How many bytes of an ending are kept of a name that is too long.
const ENDING_BYTES: usize = 32;

/// Returns the name of a file as it may be sent: the last part of a path, one line in NFC, at most 255 bytes of UTF-8,
/// without control characters, invisible ones and ones that change the direction of the text, without space around
/// it, and neither `.` nor `..`. A name that is too long loses the end of its stem. Cleaning twice changes nothing.
pub fn clean_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !is_blank(part)).unwrap_or_default();
    let mut name = clean_once(last);
    // Shortening may end it in a space, and what is joined anew may be hidden: until nothing changes.
    for _ in 0..ROUNDS {
        let again = clean_once(&name);
        if again == name {
            let is_name = !is_blank(&name) && name.chars().any(|c| c != '.');
            return if is_name { name } else { NAMELESS.into() };
        }
        name = again;
    }
    NAMELESS.into()
}

fn clean_once(name: &str) -> String {
    let line: String = plain_line(name).nfc().collect();
    shorten(line.trim())
}

/// Returns the longest name that is allowed, of which the ending stays.
fn shorten(name: &str) -> String {
    if name.len() <= limits::FILE_NAME_BYTES {
        return name.into();
    }
    let at = name.rfind('.').filter(|at| *at > 0 && name.len() - at <= ENDING_BYTES);
    let (stem, ending) = name.split_at(at.unwrap_or(name.len()));
    let most = limits::FILE_NAME_BYTES - ending.len();
    format!("{}{ending}", &stem[..stem.floor_char_boundary(most)])
}

/// Returns the name under which a file that was received can be saved on any system: a clean one, without the
/// characters that Windows forbids, without a dot or a space at its end, and not that of a device of Windows.
pub fn saved_file_name(name: &str) -> String {
    let name = clean_file_name(name).replace(['<', '>', ':', '"', '|', '?', '*'], "_");
    let ends = ['.', ' '];
    let name = name.trim_end_matches(ends);
    // Windows looks at what stands before the first dot.
    let is_device = is_device(name.split('.').next().unwrap_or_default().trim_end());
    let name = if is_device { clean_file_name(&format!("_{name}")) } else { name.to_owned() };
    match name.trim_end_matches(ends) {
        "" => NAMELESS.into(),
        name => name.into(),
    }
}

/// Returns whether Windows takes this for a device.
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

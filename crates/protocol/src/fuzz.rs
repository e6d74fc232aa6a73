//! The functions of this crate's fuzz targets.

use crate::{
    AuditEntry, Bootstrap, ClientFrame, Digest, EarlierBody, ErrorBody, Frame, Heads, History,
    Invitation, Op, OpDone, Page, PictureFormat, Pull, Pulled, Row, ServerInfo, SessionInfo,
    StreamId, clean_file_name, limits, row_digest, saved_file_name,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Parses the request bodies that clients send.
pub fn op(bytes: &[u8]) {
    if let Some(op) = round_trip::<Op>(bytes) {
        let _ = op.check_texts();
    }
    round_trip::<Pull>(bytes);
}

/// Cleans the name of a file.
pub fn file_name(text: &str) {
    let name = clean_file_name(text);
    assert_eq!(clean_file_name(&name), name, "{text:?}");
    assert!((1..=limits::FILE_NAME_BYTES).contains(&name.len()), "{name:?}");
    assert!(!name.contains(|c: char| c.is_control() || c == '/' || c == '\\'), "{name:?}");
    let saved = saved_file_name(text);
    assert_eq!(saved_file_name(&saved), saved, "{text:?}");
}

/// Parses the frames that either end of the socket sends.
pub fn frame(bytes: &[u8]) {
    round_trip::<Frame>(bytes);
    round_trip::<ClientFrame>(bytes);
}

/// Parses the responses of a server, which may be any server.
pub fn answer(bytes: &[u8]) {
    round_trip::<AuditEntry>(bytes);
    round_trip::<Bootstrap>(bytes);
    round_trip::<Digest>(bytes);
    round_trip::<EarlierBody>(bytes);
    round_trip::<ErrorBody>(bytes);
    round_trip::<Heads>(bytes);
    round_trip::<History>(bytes);
    round_trip::<Invitation>(bytes);
    round_trip::<OpDone>(bytes);
    round_trip::<Pulled>(bytes);
    round_trip::<ServerInfo>(bytes);
    round_trip::<SessionInfo>(bytes);
    if let Some(page) = round_trip::<Page>(bytes) {
        page.rows.iter().for_each(digest);
    }
}

fn digest(row: &Row) {
    let json = serde_json::to_string(row).expect("a row is plain data");
    let reread: Row = serde_json::from_str(&json).expect("it was just serialized");
    assert_eq!(row_digest(row), row_digest(&reread), "{json}");
}

/// Parses the name of a stream as in a query string.
pub fn stream(text: &str) {
    if let Ok(stream) = text.parse::<StreamId>() {
        assert_eq!(stream.to_string().parse::<StreamId>().ok(), Some(stream));
    }
}

/// Reads the header of a picture.
pub fn picture(bytes: &[u8]) {
    let _ = PictureFormat::of_thumbnail(bytes);
    if PictureFormat::of(bytes).is_ok() {
        assert!(bytes.len() <= limits::PICTURE_BYTES);
    }
}

/// Checks that whatever can be parsed is serialized, and parsed again, as the same value.
fn round_trip<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let value = serde_json::from_slice::<T>(bytes).ok()?;
    let json = serde_json::to_string(&value).expect("plain data");
    let reread = serde_json::from_str::<T>(&json).expect("it was just serialized");
    assert_eq!(serde_json::to_string(&reread).expect("plain data"), json);
    Some(value)
}

#[cfg(test)]
mod tests {
    use parlour_samples::run_samples;

    #[test]
    fn any_bytes_are_parsed_or_refused() {
        run_samples("op", 5_000, super::op);
        run_samples("frame", 5_000, super::frame);
        run_samples("answer", 5_000, super::answer);
        run_samples("picture", 5_000, super::picture);
        run_samples("filename", 5_000, |bytes| super::file_name(&String::from_utf8_lossy(bytes)));
        run_samples("query", 5_000, |bytes| super::stream(&String::from_utf8_lossy(bytes)));
    }
}

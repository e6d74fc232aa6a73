//! The URL scheme by which the page shows files of messages: `attachment://localhost/ACCOUNT-HASH` is the file or
//! thumbnail with this hash, if it is on this computer. Only pictures, audio and video are served, with a type that is
//! detected from their content; nothing that could run in the page is served.

use crate::own_scheme::{not_found, parse, respond, session};
use parlour_client::OpenedFile;
use parlour_protocol::FileHash;
use std::ops::Range;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{AppHandle, Runtime, UriSchemeContext, UriSchemeResponder};

/// The scheme, which the CSP names.
pub const SCHEME: &str = "attachment";
/// Maximum size of a picture that is shown, in bytes.
const PICTURE_BYTES: u64 = 64 << 20;
/// Maximum length of audio or video in one response, in bytes.
const RANGE_BYTES: u64 = 4 << 20;
/// Number of bytes at the start of a file that identify its type.
const SIGNATURE_BYTES: usize = 16;

/// Serves a request of the page, on a thread for blocking work.
pub fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn_blocking(move || {
        let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok());
        let found = find(&app, request.uri().path());
        let response = found.and_then(|mut file| file_response(&mut file, range));
        responder.respond(response.unwrap_or_else(not_found));
    });
}

/// Returns a file by the path of its URL, if the account is open and the file is on this computer.
fn find<R: Runtime>(app: &AppHandle<R>, path: &str) -> Option<OpenedFile> {
    let (account, hash) = parse::<FileHash>(path)?;
    session(app, account)?.open_file(hash).ok()?
}

/// Returns a response with a file, or with a range of it; `None` if it is not shown.
fn file_response(file: &mut OpenedFile, range: Option<&str>) -> Option<Response<Vec<u8>>> {
    let (media_type, is_picture) = media_type(&file.read_at(0, SIGNATURE_BYTES).ok()?)?;
    let size = file.size();
    if is_picture {
        let length = usize::try_from(size).ok().filter(|_| size <= PICTURE_BYTES)?;
        let bytes = file.read_at(0, length).ok()?;
        return respond(StatusCode::OK, media_type).body(bytes).ok();
    }
    let Range { start, end } = range.map_or(Some(0..size), |range| parse_range(range, size))?;
    let end = end.min(start + RANGE_BYTES);
    let bytes = file.read_at(start, usize::try_from(end - start).ok()?).ok()?;
    let content_range = format!("bytes {start}-{}/{size}", end - 1);
    let response = respond(StatusCode::PARTIAL_CONTENT, media_type);
    let response = response.header(header::ACCEPT_RANGES, "bytes");
    response.header(header::CONTENT_RANGE, content_range).body(bytes).ok()
}

/// Parses a `Range` header with a single range; `None` if it is invalid or outside of the file.
fn parse_range(header: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (start, end) = match (number(first), number(last)) {
        (Some(first), Some(last)) => (first, last.saturating_add(1)),
        (Some(first), None) => (first, size),
        (None, Some(length)) => (size.saturating_sub(length), size),
        (None, None) => return None,
    };
    Some(start..end.min(size)).filter(|range| !range.is_empty())
}

/// Returns the media type of a file by its first bytes, and whether it is a picture; `None` if it is not shown.
fn media_type(signature: &[u8]) -> Option<(&'static str, bool)> {
    let has =
        |from: usize, bytes: &[u8]| signature.get(from..).is_some_and(|b| b.starts_with(bytes));
    let known: [(bool, &str, bool); 11] = [
        (has(0, b"\x89PNG\r\n\x1a\n"), "image/png", true),
        (has(0, b"\xff\xd8\xff"), "image/jpeg", true),
        (has(0, b"GIF87a") || has(0, b"GIF89a"), "image/gif", true),
        (has(0, b"RIFF") && has(8, b"WEBP"), "image/webp", true),
        (has(4, b"ftyp"), "video/mp4", false),
        (has(0, b"\x1a\x45\xdf\xa3"), "video/webm", false),
        (has(0, b"OggS"), "application/ogg", false),
        (has(0, b"RIFF") && has(8, b"WAVE"), "audio/wav", false),
        (has(0, b"fLaC"), "audio/flac", false),
        (has(0, b"ID3"), "audio/mpeg", false),
        (has(0, b"\xff\xfb") || has(0, b"\xff\xf3"), "audio/mpeg", false),
    ];
    known.into_iter().find(|(matches, ..)| *matches).map(|(_, name, is_picture)| (name, is_picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8], range: Option<&str>) -> Option<Response<Vec<u8>>> {
        file_response(&mut OpenedFile::Small(bytes.to_vec()), range)
    }

    #[test]
    fn active_content_is_not_served() {
        for bytes in [&b"<svg onload='alert(1)'/>"[..], b"<!doctype html>", b"%PDF-1.7", b""] {
            assert!(shown(bytes, None).is_none());
        }
        let png = shown(b"\x89PNG\r\n\x1a\n<svg", None).unwrap();
        assert_eq!(png.headers()[header::CONTENT_TYPE], "image/png");
        assert_eq!(png.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(png.headers()[header::CACHE_CONTROL], "no-store");
    }

    #[test]
    fn audio_and_video_are_served_in_ranges() {
        let sound = [b"OggS".to_vec(), vec![7; 96]].concat();
        let part = |range| {
            let response = shown(&sound, Some(range))?;
            let content_range =
                response.headers()[header::CONTENT_RANGE].to_str().unwrap().to_owned();
            Some((content_range, response.body().len()))
        };
        assert_eq!(part("bytes=10-19"), Some(("bytes 10-19/100".into(), 10)));
        assert_eq!(part("bytes=90-"), Some(("bytes 90-99/100".into(), 10)));
        assert_eq!(part("bytes=-4"), Some(("bytes 96-99/100".into(), 4)));
        assert_eq!(part("bytes=100-"), None);
        assert_eq!(part("lines=1-2"), None);
        assert_eq!(shown(&sound, None).unwrap().body().len(), 100);
    }
}

//! The protocol by which the page shows files of messages: `attachment://localhost/ACCOUNT-HASH` is the file or thumbnail
//! with this hash, if it is on this computer. Only pictures, sound and film are answered, as what their bytes are; what
//! could run in the page never is.

use crate::own_scheme::{nothing, parse, respond, session};
use parlour_client::OpenedFile;
use parlour_protocol::FileHash;
use std::ops::Range;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{AppHandle, Runtime, UriSchemeContext, UriSchemeResponder};

/// The scheme, which the CSP names.
pub const SCHEME: &str = "attachment";
/// Largest picture that is shown, in bytes.
const PICTURE_BYTES: u64 = 64 << 20;
/// Longest stretch of sound and film in one response, in bytes.
const STRETCH: u64 = 4 << 20;
/// The bytes that tell what a file is.
const BEGINNING: usize = 16;

/// Answers a request of the page, on a thread for such work.
pub fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn_blocking(move || {
        let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok());
        let found = find(&app, request.uri().path());
        let answer = found.and_then(|mut file| answer(&mut file, range));
        responder.respond(answer.unwrap_or_else(nothing));
    });
}

/// Returns a file by the path of its address, if the account is open and the file is on this computer.
fn find<R: Runtime>(app: &AppHandle<R>, path: &str) -> Option<OpenedFile> {
    let (account, hash) = parse::<FileHash>(path)?;
    session(app, account)?.open_file(hash).ok()?
}

/// Returns a response with a file, or with a stretch of it; `None` if it is not shown.
fn answer(file: &mut OpenedFile, range: Option<&str>) -> Option<Response<Vec<u8>>> {
    let (media_type, is_picture) = media_type(&file.read_at(0, BEGINNING).ok()?)?;
    let size = file.size();
    if is_picture {
        let most = usize::try_from(size).ok().filter(|_| size <= PICTURE_BYTES)?;
        let bytes = file.read_at(0, most).ok()?;
        return respond(StatusCode::OK, media_type).body(bytes).ok();
    }
    let Range { start, end } = range.map_or(Some(0..size), |range| stretch(range, size))?;
    let end = end.min(start + STRETCH);
    let bytes = file.read_at(start, usize::try_from(end - start).ok()?).ok()?;
    let told = format!("bytes {start}-{}/{size}", end - 1);
    let response = respond(StatusCode::PARTIAL_CONTENT, media_type);
    let response = response.header(header::ACCEPT_RANGES, "bytes");
    response.header(header::CONTENT_RANGE, told).body(bytes).ok()
}

/// Returns the stretch that a header asks for, if there is one.
fn stretch(header: &str, size: u64) -> Option<Range<u64>> {
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

/// Returns what a file is according to its first bytes, and whether it is a picture; `None` if it is not shown.
fn media_type(beginning: &[u8]) -> Option<(&'static str, bool)> {
    let at =
        |from: usize, bytes: &[u8]| beginning.get(from..).is_some_and(|b| b.starts_with(bytes));
    let known: [(bool, &str, bool); 11] = [
        (at(0, b"\x89PNG\r\n\x1a\n"), "image/png", true),
        (at(0, b"\xff\xd8\xff"), "image/jpeg", true),
        (at(0, b"GIF87a") || at(0, b"GIF89a"), "image/gif", true),
        (at(0, b"RIFF") && at(8, b"WEBP"), "image/webp", true),
        (at(4, b"ftyp"), "video/mp4", false),
        (at(0, b"\x1a\x45\xdf\xa3"), "video/webm", false),
        (at(0, b"OggS"), "application/ogg", false),
        (at(0, b"RIFF") && at(8, b"WAVE"), "audio/wav", false),
        (at(0, b"fLaC"), "audio/flac", false),
        (at(0, b"ID3"), "audio/mpeg", false),
        (at(0, b"\xff\xfb") || at(0, b"\xff\xf3"), "audio/mpeg", false),
    ];
    known.into_iter().find(|(is_it, ..)| *is_it).map(|(_, name, is_picture)| (name, is_picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8], range: Option<&str>) -> Option<Response<Vec<u8>>> {
        answer(&mut OpenedFile::Small(bytes.to_vec()), range)
    }

    #[test]
    fn what_could_run_in_the_page_is_not_shown() {
        for bytes in [&b"<svg onload='alert(1)'/>"[..], b"<!doctype html>", b"%PDF-1.7", b""] {
            assert!(shown(bytes, None).is_none());
        }
        let png = shown(b"\x89PNG\r\n\x1a\n<svg", None).unwrap();
        assert_eq!(png.headers()[header::CONTENT_TYPE], "image/png");
        assert_eq!(png.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(png.headers()[header::CACHE_CONTROL], "no-store");
    }

    #[test]
    fn sound_and_film_are_read_in_stretches() {
        let sound = [b"OggS".to_vec(), vec![7; 96]].concat();
        let part = |range| {
            let answer = shown(&sound, Some(range))?;
            let told = answer.headers()[header::CONTENT_RANGE].to_str().unwrap().to_owned();
            Some((told, answer.body().len()))
        };
        assert_eq!(part("bytes=10-19"), Some(("bytes 10-19/100".into(), 10)));
        assert_eq!(part("bytes=90-"), Some(("bytes 90-99/100".into(), 10)));
        assert_eq!(part("bytes=-4"), Some(("bytes 96-99/100".into(), 4)));
        assert_eq!(part("bytes=100-"), None);
        assert_eq!(part("lines=1-2"), None);
        assert_eq!(shown(&sound, None).unwrap().body().len(), 100);
    }
}

//! Routes for reading the files of messages. The caller must be allowed to read the message at the time of the
//! request.

use super::extract::Path;
use super::messages::visible;
use super::range::RequestedRange;
use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::files::{self, FileToRead};
use crate::limits::ResponsePermit;
use crate::queries::file_uses;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE,
};
use axum::response::{IntoResponse, Response};
use parlour_protocol::{ErrorBody, MessageId};
use std::fmt::Write;
use std::ops::Range;
use uuid::Uuid;

/// If a browser shows a file anyway, the file can run no script and load nothing.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";
/// The memory that the response takes, whatever the size of the file.
const BUFFERED_BYTES: usize = 512 * 1024;

/// Returns a file of a message, by its position in the list, from 0. One range can be requested. A response that
/// takes longer than a minute is cut off, so large files are read range by range.
#[utoipa::path(
    get,
    path = "/v1/messages/{id}/files/{n}",
    tag = "files",
    params(("id" = Uuid, Path), ("n" = i64, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The range"),
        (status = 416, body = ErrorBody, description = "There is no such range"),
        ApiError,
    ),
    security(("token" = [])),
)]
pub async fn file(
    State(app): State<App>,
    caller: Caller,
    Path((id, n)): Path<(Uuid, i64)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    send(app, caller, (MessageId(id), n, FilePart::File), &headers).await
}

/// Returns the thumbnail of a file of a message.
#[utoipa::path(
    get,
    path = "/v1/messages/{id}/files/{n}/thumbnail",
    tag = "files",
    params(("id" = Uuid, Path), ("n" = i64, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        ApiError,
    ),
    security(("token" = [])),
)]
pub async fn thumbnail(
    State(app): State<App>,
    caller: Caller,
    Path((id, n)): Path<(Uuid, i64)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    send(app, caller, (MessageId(id), n, FilePart::Thumbnail), &headers).await
}

/// Whether the file or its thumbnail is read.
#[derive(Clone, Copy)]
enum FilePart {
    File,
    Thumbnail,
}

async fn send(
    app: App,
    caller: Caller,
    (id, n, part): (MessageId, i64, FilePart),
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let (file, name) = find(&app, caller, id, n, part).await?;
    let permit = app.limits.in_flight.reserve(caller.user_id, BUFFERED_BYTES)?;
    let etag = format!("\"{}\"", file.hash);
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let requested = match text(RANGE) {
        // A range of another version of the file is ignored.
        Some(range) if text(IF_RANGE).is_none_or(|known| known == etag) => {
            RequestedRange::parse(range, file.size)
        }
        Some(_) | None => RequestedRange::All,
    };
    let (status, range) = match requested {
        RequestedRange::All => (StatusCode::OK, 0..file.size),
        RequestedRange::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        RequestedRange::OutOfRange => return Ok(range_not_satisfiable(file.size)),
    };
    let body = Body::from_stream(files::stream(app, file, range.clone()).await?);
    let mut response = (status, body).into_response();
    set_headers(response.headers_mut(), &file, &range, status, name.as_deref());
    response.headers_mut().insert(ETAG, ascii(&etag));
    if let Some(permit) = permit {
        // The connection holds it until the client has received the last byte.
        response.extensions_mut().insert::<ResponsePermit>(permit);
    }
    Ok(response)
}

/// Returns the file and, unless it is a thumbnail, its name. A caller who may not see the message does not learn
/// whether it exists.
async fn find(
    app: &App,
    caller: Caller,
    id: MessageId,
    n: i64,
    part: FilePart,
) -> Result<(FileToRead, Option<String>), ApiError> {
    let not_found = || ApiError::not_found("file");
    let tx = app.db.read().await?;
    caller.require_session(&tx, app.now()).await?;
    let row = visible(&tx, id, caller.user_id).await?.ok_or_else(not_found)?;
    let file = usize::try_from(n).ok().and_then(|at| row.files.get(at)).ok_or_else(not_found)?;
    let file_use = file_uses::find(&tx, id, n).await?.ok_or_else(not_found)?;
    let to_u64 = |bytes: i64| bytes.unsigned_abs();
    match part {
        FilePart::File => {
            let (hash, size) = (file.hash, to_u64(file.bytes.0));
            Ok((FileToRead { id: file_use.file, hash, size }, Some(file.name.clone())))
        }
        FilePart::Thumbnail => {
            let (thumbnail, id) = file.thumbnail.zip(file_use.thumbnail).ok_or_else(not_found)?;
            Ok((FileToRead { id, hash: thumbnail.hash, size: to_u64(thumbnail.bytes.0) }, None))
        }
    }
}

/// Sets the headers of the response, so that browsers download the file and never show it.
fn set_headers(
    headers: &mut HeaderMap,
    file: &FileToRead,
    range: &Range<u64>,
    status: StatusCode,
    name: Option<&str>,
) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_LENGTH, (range.end - range.start).into());
    headers.insert(CONTENT_DISPOSITION, ascii(&disposition(name)));
    if status == StatusCode::PARTIAL_CONTENT {
        let (first, last) = (range.start, range.end - 1);
        headers.insert(CONTENT_RANGE, ascii(&format!("bytes {first}-{last}/{}", file.size)));
    }
}

/// Returns `Content-Disposition` (RFC 6266): the name in ASCII for old programs, and as it is (RFC 8187).
fn disposition(name: Option<&str>) -> String {
    let Some(name) = name else { return "attachment".into() };
    let plain =
        |c: char| if matches!(c, ' '..='~') && c != '"' && c != '\\' && c != '%' { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut header = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            header.push(char::from(byte));
        } else {
            write!(header, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    header
}

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("visible ASCII")
}

fn range_not_satisfiable(size: u64) -> Response {
    let error = ApiError::invalid("The file is shorter than that.");
    let mut response = error.into_response();
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    response.headers_mut().insert(CONTENT_RANGE, ascii(&format!("bytes */{size}")));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_sent_in_two_encodings_and_cannot_inject_a_header() {
        assert_eq!(
            disposition(Some("a \"plan\" für 50 %.pdf")),
            "attachment; filename=\"a _plan_ f_r 50 _.pdf\"; \
             filename*=UTF-8''a%20%22plan%22%20f%C3%BCr%2050%20%25.pdf"
        );
        for name in ["\r\nset-cookie: a", "\u{202e}", "漢字", "';%00"] {
            assert!(ascii(&disposition(Some(name))).to_str().is_ok(), "{name:?}");
        }
        assert_eq!(disposition(None), "attachment");
    }
}

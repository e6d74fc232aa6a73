//! The common parts of the protocols through which the page loads pictures and files: a URL contains an account and the
//! id of something in that account's files, `SCHEME://localhost/ACCOUNT-ID`, and nothing is fetched for it.

use crate::commands::ClientState;
use parlour_client::Session;
use std::str::FromStr;
use std::sync::Arc;
use tauri::http::response::Builder;
use tauri::http::{Response, StatusCode, header};
use tauri::{AppHandle, Manager, Runtime};

/// Returns the account and the id in the path of a URL.
pub fn parse<T: FromStr>(path: &str) -> Option<(&str, T)> {
    let (account, id) = path.strip_prefix('/')?.split_once('-')?;
    Some((account, id.parse().ok()?))
}

/// Returns the session of an account, if the account is open.
pub fn session<R: Runtime>(app: &AppHandle<R>, account: &str) -> Option<Arc<Session>> {
    let client = app.state::<ClientState>().client().ok()?;
    let mut sessions = client.sessions().into_iter();
    sessions.find(|(known, _)| known.to_string() == account).map(|(_, session)| session)
}

/// Returns the beginning of a response that the page can use only as this media type, whatever its bytes are. It is not
/// cached, because files are stored only encrypted.
pub fn respond(status: StatusCode, media_type: &str) -> Builder {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, media_type)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        .header(header::CACHE_CONTROL, "no-store")
}

/// Returns the response for a file that does not exist here.
pub fn not_found() -> Response<Vec<u8>> {
    respond(StatusCode::NOT_FOUND, "text/plain").body(Vec::new()).expect("headers are plain text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{FileHash, PictureId};

    const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_url_contains_only_an_account_and_an_id() {
        let id = PictureId::of(b"abc");
        assert_eq!(parse(&format!("/{ACCOUNT}-{id}")), Some((ACCOUNT, id)));
        let hash = FileHash::of(b"abc");
        assert_eq!(parse(&format!("/{ACCOUNT}-{hash}")), Some((ACCOUNT, hash)));
        for path in [
            String::new(),
            "/".into(),
            format!("/{id}"),
            format!("/{ACCOUNT}"),
            format!("/{ACCOUNT}/{id}"),
            format!("/{ACCOUNT}-{id}x"),
            format!("/{ACCOUNT}-00"),
            format!("/{ACCOUNT}-../{id}"),
            format!("{ACCOUNT}-{id}"),
        ] {
            assert_eq!(parse::<PictureId>(&path), None, "{path}");
            assert_eq!(parse::<FileHash>(&path), None, "{path}");
        }
    }
}

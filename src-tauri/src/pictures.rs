//! The URL scheme by which the page shows pictures of people and of servers. `picture://localhost/ACCOUNT-ID` is the
//! picture with this id in that account's files; nothing is fetched for it. Before there is an account,
//! `picture://localhost/invitation-ID` is the picture in the invitation that is shown.

use crate::commands::ClientState;
use crate::own_scheme::{not_found, parse, respond, session};
use parlour_protocol::{PictureFormat, PictureId};
use tauri::http::{Request, Response, StatusCode};
use tauri::{AppHandle, Manager, Runtime, UriSchemeContext, UriSchemeResponder};

/// The scheme, which the CSP names.
pub const SCHEME: &str = "picture";

/// Serves a request of the page, on a thread for blocking work.
pub fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn_blocking(move || {
        let found = find(&app, request.uri().path());
        responder.respond(picture_response(found));
    });
}

/// Replaces the account's id in the URL of the picture in an invitation. No account has this id.
const INVITATION: &str = "invitation";

/// Returns a picture by the path of its URL, if the account is open and the picture is in its files.
fn find<R: Runtime>(app: &AppHandle<R>, path: &str) -> Option<Vec<u8>> {
    let (account, id) = parse::<PictureId>(path)?;
    if account == INVITATION {
        return app.state::<ClientState>().client().ok()?.invited_picture(id);
    }
    session(app, account)?.picture(id).ok()?
}

/// Returns a response with a picture, or [`not_found`] if the bytes are not a picture.
fn picture_response(picture: Option<Vec<u8>>) -> Response<Vec<u8>> {
    let checked = picture.and_then(|bytes| Some((PictureFormat::of(&bytes).ok()?, bytes)));
    let Some((format, bytes)) = checked else { return not_found() };
    respond(StatusCode::OK, format.media_type()).body(bytes).expect("headers are plain text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tauri::http::header;

    #[test]
    fn only_pictures_are_served() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x08\0\0\0\x08\x08\0\0\0\0".to_vec();
        let header_value = |response: &Response<Vec<u8>>, name| {
            response.headers()[name].to_str().unwrap().to_owned()
        };
        let shown = picture_response(Some(png.clone()));
        assert_eq!((shown.status(), shown.body()), (StatusCode::OK, &png));
        assert_eq!(header_value(&shown, header::CONTENT_TYPE), "image/png");
        for other in [None, Some(b"<svg onload='alert(1)'/>".to_vec())] {
            let refused = picture_response(other);
            assert_eq!((refused.status(), refused.body().len()), (StatusCode::NOT_FOUND, 0));
            assert_eq!(header_value(&refused, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(header_value(&refused, header::CACHE_CONTROL), "no-store");
        }
    }
}

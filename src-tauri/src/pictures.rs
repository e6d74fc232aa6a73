//! The protocol by which the page shows pictures of people and of servers. An address names an account and a picture,
//! `picture://localhost/ACCOUNT-ID`; the answer comes from that account's files alone, and nothing is fetched for it.
//! Before there is an account, `picture://localhost/invitation-ID` is the picture in the invitation that is shown.

use crate::commands::Opened;
use crate::own_scheme::{nothing, parse, respond, session};
use parlour_protocol::{PictureFormat, PictureId};
use tauri::http::{Request, Response, StatusCode};
use tauri::{AppHandle, Manager, Runtime, UriSchemeContext, UriSchemeResponder};

/// The scheme, which the CSP names.
pub const SCHEME: &str = "picture";

/// Answers a request of the page, on a thread for such work.
pub fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn_blocking(move || {
        let found = find(&app, request.uri().path());
        responder.respond(answer(found));
    });
}

/// What stands for the account in the address of the picture in an invitation; no account has such an id.
const INVITATION: &str = "invitation";

/// Returns a picture by the path of its address, if the account is open and the picture is in its files.
fn find<R: Runtime>(app: &AppHandle<R>, path: &str) -> Option<Vec<u8>> {
    let (account, id) = parse::<PictureId>(path)?;
    if account == INVITATION {
        return app.state::<Opened>().client().ok()?.invited_picture(id);
    }
    session(app, account)?.picture(id).ok()?
}

/// Returns a response with a picture; bytes that are none are not shown.
fn answer(picture: Option<Vec<u8>>) -> Response<Vec<u8>> {
    let checked = picture.and_then(|bytes| Some((PictureFormat::of(&bytes).ok()?, bytes)));
    let Some((format, bytes)) = checked else { return nothing() };
    respond(StatusCode::OK, format.media_type()).body(bytes).expect("headers are plain text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tauri::http::header;

    #[test]
    fn what_is_no_picture_is_not_shown() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x08\0\0\0\x08\x08\0\0\0\0".to_vec();
        let told = |response: &Response<Vec<u8>>, name| {
            response.headers()[name].to_str().unwrap().to_owned()
        };
        let shown = answer(Some(png.clone()));
        assert_eq!((shown.status(), shown.body()), (StatusCode::OK, &png));
        assert_eq!(told(&shown, header::CONTENT_TYPE), "image/png");
        for other in [None, Some(b"<svg onload='alert(1)'/>".to_vec())] {
            let refused = answer(other);
            assert_eq!((refused.status(), refused.body().len()), (StatusCode::NOT_FOUND, 0));
            assert_eq!(told(&refused, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(told(&refused, header::CACHE_CONTROL), "no-store");
        }
    }
}

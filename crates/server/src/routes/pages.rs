//! The pages that links open in a browser, each with one button that opens the app.
//!
//! The secret of an invitation, or the id of the message, follows the `#`, so the browser does not send it. A page
//! without a script cannot read it either. So the button requests the page again, and the response redirects to the
//! same address in the scheme `parlour:`. A redirect keeps the part after the `#` (RFC 9110, section 10.2.2).

use super::safety::Page;
use crate::app::App;
use axum::Router;
use axum::extract::RawQuery;
use axum::http::header::{HOST, REFERER};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use parlour_protocol::APP_SCHEME;

/// The query that the button adds.
const OPEN: &str = "open=";
/// The largest length of an address, in bytes.
const ADDRESS_BYTES: usize = 500;

/// Returns the routes of the pages.
pub fn pages() -> Router<App> {
    let join = Page::with_button(include_str!("join.html"));
    let message = Page::with_button(include_str!("message.html"));
    Router::new()
        .route("/join", get(async move |query, headers| respond("join", &join, query, &headers)))
        .route("/join/", get(async || Redirect::permanent("../join")))
        .route(
            "/message",
            get(async move |query, headers| respond("message", &message, query, &headers)),
        )
}

/// Returns the page or, if the button was pressed, the redirect to the app.
fn respond(name: &str, page: &Page, RawQuery(query): RawQuery, headers: &HeaderMap) -> Response {
    if query.as_deref() != Some(OPEN) {
        return page.clone().into_response();
    }
    match address(name, headers) {
        Some(address) => Redirect::to(&format!("{APP_SCHEME}://{address}/{name}")).into_response(),
        None => page.clone().into_response(),
    }
}

/// Returns the server's address as the browser knows it, without the scheme: that of the page on which the button is,
/// or else the requested host. A proxy may have changed both the host and the path of the request itself.
fn address(name: &str, headers: &HeaderMap) -> Option<String> {
    let text = |header: HeaderName| headers.get(header)?.to_str().ok();
    let page = text(REFERER).and_then(|referrer| {
        let address =
            referrer.strip_prefix("https://").or_else(|| referrer.strip_prefix("http://"))?;
        let (address, _) = address.split_once('?').unwrap_or((address, ""));
        address.strip_suffix(name)?.strip_suffix('/').filter(|address| is_address(address))
    });
    page.or_else(|| text(HOST).filter(|host| is_address(host))).map(str::to_owned)
}

/// Returns whether a text is a host with an optional port and path, without special characters.
fn is_address(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_~:[]/".contains(&byte);
    let (host, _) = text.split_once('/').unwrap_or((text, ""));
    !host.is_empty() && text.len() <= ADDRESS_BYTES && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_taken_from_the_page_that_the_browser_shows() {
        for (referrer, expected) in [
            ("https://chat.example.org/message", "chat.example.org"),
            ("http://127.0.0.1:7700/message?open=", "127.0.0.1:7700"),
            ("https://a.example:8443/team/message", "a.example:8443/team"),
            ("https://[::1]/message", "[::1]"),
            // Other pages, and invalid addresses.
            ("https://evil.example/", "here.example"),
            ("https://evil.example/commessage", "here.example"),
            ("https://a.example/<b>/message", "here.example"),
            ("https://u:p@a.example/message", "here.example"),
            ("https:///message", "here.example"),
            ("javascript:/message", "here.example"),
        ] {
            let headers = [(REFERER, referrer), (HOST, "here.example")];
            let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
            let found = address("message", &headers.into_iter().collect());
            assert_eq!(found.as_deref(), Some(expected), "{referrer}");
        }
        assert_eq!(address("message", &HeaderMap::new()), None);
    }
}

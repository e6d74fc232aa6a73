//! The fuzz targets of this crate.

pub use crate::keys::fuzz::key_file;

use crate::address::{normalise, target};
use crate::app_link::AppLink;
use crate::http::response::envelope;
use crate::invitation;

/// Fuzzes a server's address or an invitation link, as people paste it: no text may lead to an address
/// to which a token would be sent unencrypted.
pub fn address(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(typed) = invitation::read(&text) else { return };
    assert!(typed.secret.is_none_or(|secret| !secret.is_empty()));
    let server = typed.server;
    let Ok(address) = normalise(server) else { return };
    assert_eq!(normalise(&address).ok(), Some(address.clone()), "{text:?}");
    let url = reqwest::Url::parse(&address).expect("it was normalised");
    let host = url.host_str().expect("a server has a host");
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_this_computer = host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    assert!(url.scheme() == "https" || (url.scheme() == "http" && is_this_computer), "{text:?}");
    assert!(url.username().is_empty() && url.password().is_none(), "{text:?}");
    if let Ok(to) = target("https://chat.example.org", &text) {
        assert!(to.starts_with("https://"), "{text:?}");
    }
}

/// Fuzzes a link of the scheme `parlour:`: it leads to a server to which a token may be sent, or nowhere.
pub fn app_link(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(link) = AppLink::parse(&text) else { return };
    assert_eq!(normalise(&link.server).ok(), Some(link.server), "{text:?}");
}

/// Fuzzes a status and a body of a refusal, from the server or from a proxy in front of it.
pub fn refusal(bytes: &[u8]) {
    let Some((status, body)) = bytes.split_first() else { return };
    let status = 200 + u16::from(*status) * 2;
    if let Some(body) = envelope(status, body) {
        let is_known = body.code != parlour_protocol::ErrorCode::Unknown;
        assert!(!is_known || body.code.status() == status);
    }
}

#[cfg(test)]
mod tests {
    use parlour_samples::run_samples;

    #[test]
    fn pasted_addresses_refusals_and_key_files_are_parsed_or_rejected() {
        run_samples("address", 5_000, super::address);
        run_samples("app_link", 5_000, super::app_link);
        run_samples("refusal", 5_000, super::refusal);
        run_samples("key_file", 500, super::key_file);
    }
}

//! The functions of this crate's fuzz targets.

use crate::auth::check_password;
use crate::backup;
use crate::bus::{self, BusAddress};
use crate::db::DatabaseAddress;
use crate::import::{self, Format};
use crate::names::{check_username, username_key};
use crate::ops::merge;
use crate::proxies::{Proxies, ProxyHeader};
use crate::routes;
use axum::http::{HeaderMap, HeaderValue};
use parlour_protocol::limits;

/// Parses the bytes as a query string, and as a header that a proxy sets.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    routes::query(&text);
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        let mut headers = HeaderMap::new();
        for (name, first) in [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")] {
            headers.append(name, HeaderValue::from_static(first));
            headers.append(name, value.clone());
        }
        for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
            for count in 0..4 {
                let _ = Proxies { count, header }.client(&headers);
            }
        }
    }
}

/// Parses the bytes as a username, a password, and the address of a database or a bus.
pub fn names(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(key) = username_key(&text) {
        assert_eq!(username_key(&key), Some(key.clone()), "{text:?}");
    }
    if check_username(&text).is_ok() {
        assert!(text.chars().count() <= limits::USERNAME_CHARS);
        assert!(!text.chars().any(|c| c.is_control() || c.is_whitespace()), "{text:?}");
    }
    if check_password(&text).is_ok() {
        assert!(text.len() <= limits::PASSWORD_BYTES);
    }
    if let Ok(address) = text.parse::<DatabaseAddress>() {
        assert!(!format!("{address:?}").contains('@') || text.starts_with("sqlite:"));
    }
    if let Ok(address) = text.parse::<BusAddress>() {
        assert!(!format!("{address:?}").contains('@'));
    }
}

/// Parses the bytes as an export of another chat system. Every record must be imported or reported.
pub fn export(format: Format, bytes: &[u8]) {
    import::fuzz::read(format, bytes);
}

/// Parses the bytes as the log of an IRC channel. Every line must be a message, a notice or reported: none may be
/// lost silently.
pub fn log(bytes: &[u8]) {
    let report = import::fuzz::read(Format::Irc, bytes);
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let parsed = report.messages + report.notices;
    assert!(usize::try_from(parsed).unwrap_or(usize::MAX) <= lines);
}

/// Parses the bytes as a batch of hints on the bus, which anyone with access to the transport may have sent.
pub fn hint_batch(bytes: &[u8]) {
    bus::fuzz(&String::from_utf8_lossy(bytes));
}

/// Merges two versions of a draft, separated by `\0`, that were written on two devices independently. Nothing of
/// either may be lost, and merging again must change nothing.
pub fn draft(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (known, new) = text.split_once('\0').unwrap_or((&text, ""));
    let merged = merge(known, new);
    assert!(merged.contains(known) && merged.contains(new));
    assert_eq!(merge(&merged, new), merged);
    assert_eq!(merge(known, &merged), merged);
}

/// Parses the bytes as the archive in a backup, which anyone may have made.
pub fn backup(bytes: &[u8]) {
    backup::fuzz(bytes);
}

#[cfg(test)]
mod tests {
    use parlour_samples::run_samples;

    #[test]
    fn untrusted_input_is_parsed_or_refused() {
        run_samples("query", 5_000, super::query);
        run_samples("names", 5_000, super::names);
        run_samples("hint_batch", 5_000, super::hint_batch);
        run_samples("draft", 5_000, super::draft);
        run_samples("log", 5_000, super::log);
        run_samples("backup", 5_000, super::backup);
    }
}

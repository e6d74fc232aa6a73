//! What the fuzz targets of this crate do with their bytes.

use crate::auth::check_password;
use crate::bus::{self, BusAddress};
use crate::db::DatabaseAddress;
use crate::import::irc;
use crate::names::{check_username, username_key};
use crate::ops::merge;
use crate::proxies::{Proxies, ProxyHeader};
use crate::routes;
use axum::http::{HeaderMap, HeaderValue};
use parlour_protocol::limits;

/// What stands in an address, and in the header that a proxy sets.
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
            for many in 0..4 {
                let _ = Proxies { many, header }.client(&headers);
            }
        }
    }
}

/// Usernames, passwords, and where a database or a bus is.
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

/// A day of a channel's log: every line is a message, a notice or odd; nothing is lost silently.
pub fn log(bytes: &[u8]) {
    let day = irc::read(bytes);
    for said in &day.messages {
        assert!((0..24 * 60).contains(&said.minute));
    }
    let lines = bytes.split(|byte| *byte == b'\n').count();
    assert!(day.messages.len() + usize::try_from(day.notices).unwrap_or(usize::MAX) <= lines);
}

/// A note on the bus, by whoever can put one there.
pub fn note(bytes: &[u8]) {
    bus::fuzz(&String::from_utf8_lossy(bytes));
}

/// What two devices wrote without knowing of each other, with a line break of `\0` between: nothing of
/// either is lost, and what was merged stays as it is.
pub fn draft(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (known, new) = text.split_once('\0').unwrap_or((&text, ""));
    let merged = merge(known, new);
    assert!(merged.contains(known) && merged.contains(new));
    assert_eq!(merge(&merged, new), merged);
    assert_eq!(merge(known, &merged), merged);
}

#[cfg(test)]
mod tests {
    use parlour_samples::try_out;

    #[test]
    fn whatever_a_stranger_sends_is_read_or_refused() {
        try_out("query", 5_000, super::query);
        try_out("names", 5_000, super::names);
        try_out("note", 5_000, super::note);
        try_out("draft", 5_000, super::draft);
        try_out("log", 5_000, super::log);
    }
}

//! Links to a server: of invitations, and for signing in on a further device. And the scheme of the links to the app.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// The scheme of the links that open the app.
pub const APP_SCHEME: &str = "parlour";

/// Returns what follows the scheme in a link that opens the app; `None` for any other text.
pub fn after_app_scheme(link: &str) -> Option<&str> {
    let (scheme, rest) = link.split_once(':')?;
    scheme.eq_ignore_ascii_case(APP_SCHEME).then_some(rest)
}

/// The SHA-256 of a public key (of its `SubjectPublicKeyInfo`, as RFC 7469 pins it), by which a client
/// recognizes a server whose certificate no authority signed. It is written in base64url without padding: 43
/// characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPin([u8; 32]);

impl KeyPin {
    /// Returns the pin of a public key, given as the DER of its `SubjectPublicKeyInfo`.
    pub fn from_public_key(public_key: &[u8]) -> Self {
        Self(Sha256::digest(public_key).into())
    }

    /// Returns the pin in hexadecimal, in groups of four digits, for people to compare.
    pub fn fingerprint(&self) -> String {
        let groups: Vec<String> = self.0.chunks(2).map(|pair| HEXLOWER.encode(pair)).collect();
        groups.join(" ")
    }
}

impl fmt::Display for KeyPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

/// The error for a text that is not a [`KeyPin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no SHA-256 in base64url")]
pub struct InvalidKeyPin;

impl FromStr for KeyPin {
    type Err = InvalidKeyPin;

    fn from_str(text: &str) -> Result<Self, InvalidKeyPin> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| InvalidKeyPin)?;
        bytes.try_into().map(Self).map_err(|_| InvalidKeyPin)
    }
}

/// Returns the link of an invitation: `SERVER/join#SECRET`, or `SERVER/join#SECRET.PIN` if no authority
/// signed the server's certificate. The part after the `#` is never sent in a request.
pub fn invitation_link(server: &str, secret: &str, pin: Option<KeyPin>) -> String {
    let server = server.trim_end_matches('/');
    match pin {
        Some(pin) => format!("{server}/join#{secret}.{pin}"),
        None => format!("{server}/join#{secret}"),
    }
}

/// Returns the link for signing in on a further device: the server's address, or `SERVER/join#.PIN` if no
/// authority signed the server's certificate.
pub fn device_link(server: &str, pin: Option<KeyPin>) -> String {
    match pin {
        Some(_) => invitation_link(server, "", pin),
        None => server.to_owned(),
    }
}

/// Returns the parts of a link after the `#`: the invitation's secret and the pin, if there are any.
///
/// # Errors
/// Fails if the part that should be a pin is not one.
pub fn read_fragment(fragment: &str) -> Result<(Option<&str>, Option<KeyPin>), InvalidKeyPin> {
    let (secret, pin) = match fragment.split_once('.') {
        Some((secret, pin)) => (secret, Some(pin.parse()?)),
        None => (fragment, None),
    };
    Ok(((!secret.is_empty()).then_some(secret), pin))
}

/// Returns the secret and the pin with which a text begins, in the form that [`read_fragment`] reads. They end at the
/// first character that neither contains, and before marks with which neither ends: a secret is hexadecimal, and the
/// last character of a pin has only four bits. The result is empty if the text begins otherwise.
pub fn leading_fragment(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    text[..end.unwrap_or(text.len())].trim_end_matches(['-', '_', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_ends_where_neither_a_secret_nor_a_pin_continues() {
        let pin = KeyPin::from_public_key(b"a key").to_string();
        let fragment = format!("c0ffee.{pin}");
        for end in ["", ".", ",", ")", "/", "%20", "%E3%80%82", "。", "_", "-- Anna"] {
            assert_eq!(leading_fragment(&format!("{fragment}{end}")), fragment, "{end}");
        }
        for other in ["", "/c0ffee", "%20c0ffee", "."] {
            assert_eq!(leading_fragment(other), "", "{other}");
        }
    }

    #[test]
    fn a_link_is_read_back_as_its_parts() {
        let pin = KeyPin::from_public_key(b"a key");
        let written = pin.to_string();
        assert_eq!((written.len(), written.parse()), (43, Ok(pin)));
        for (link, secret, pinned) in [
            (invitation_link("https://a.example/", "c0ffee", None), Some("c0ffee"), None),
            (invitation_link("https://a.example", "c0ffee", Some(pin)), Some("c0ffee"), Some(pin)),
            (device_link("https://a.example", Some(pin)), None, Some(pin)),
        ] {
            let (server, fragment) = link.split_once("/join#").unwrap();
            assert_eq!(server, "https://a.example");
            assert_eq!(read_fragment(fragment), Ok((secret, pinned)), "{link}");
        }
        assert_eq!(device_link("https://a.example", None), "https://a.example");
    }

    #[test]
    fn an_invalid_pin_is_an_error() {
        let pin = KeyPin::from_public_key(b"a key").to_string();
        for wrong in [&pin[1..], &format!("{pin}A"), "", "c0ffee", &format!("{pin}.{pin}"), "ü"] {
            assert_eq!(read_fragment(&format!("secret.{wrong}")), Err(InvalidKeyPin), "{wrong}");
        }
    }
}

//! Reads the link of an invitation as people paste it: a server's address and a secret.

use parlour_protocol::text::{is_punctuation, is_visible};
use parlour_protocol::{KeyPin, LocalReason, leading_fragment, read_fragment};

/// The path in an invitation link, after the server's address.
const PATH: &str = "/join";
/// The separator before the secret, as this program writes it and as other programs encode it.
const SEPARATORS: [&str; 2] = ["#", "%23"];
/// The largest number of bytes of a query that other programs add before the separator.
const QUERY_BYTES: usize = 500;

/// The text that was typed into the field for the server's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerInput<'a> {
    /// The server's address, as it was typed.
    pub server: &'a str,
    /// An invitation's secret.
    pub secret: Option<&'a str>,
    /// The key that identifies the server.
    pub pin: Option<KeyPin>,
}

/// Reads the link of an invitation or for another device; any other text is an address.
///
/// # Errors
/// Fails if the link names a key that is damaged.
pub(crate) fn read(typed: &str) -> Result<ServerInput<'_>, LocalReason> {
    let (server, fragment) = split(typed);
    let read = fragment.map_or(Ok((None, None)), read_fragment);
    let (secret, pin) = read.map_err(|_| LocalReason::LinkDamaged)?;
    Ok(ServerInput { server, secret, pin })
}

/// Splits a link into the server's address and the part after the `#`; returns any other text unchanged.
pub(crate) fn split(typed: &str) -> (&str, Option<&str>) {
    let typed = trim_pasted(typed);
    let secret = |at: usize| {
        let rest = &typed[at + PATH.len()..];
        let secret = secret_after(rest.strip_prefix('/').unwrap_or(rest))?;
        Some((address_at_end(&typed[..at]), Some(secret)))
    };
    typed.match_indices(PATH).find_map(|(at, _)| secret(at)).unwrap_or((typed, None))
}

/// Returns the address with which a text ends, without what other programs or people write before it.
fn address_at_end(text: &str) -> &str {
    let scheme = ["https://", "http://"].iter().filter_map(|scheme| text.rfind(scheme)).max();
    if let Some(start) = scheme {
        return &text[start..];
    }
    let word = text.rsplit(char::is_whitespace).next().unwrap_or(text);
    let address = word.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '[');
    // The bracket of an IPv6 address is closed.
    if address.contains(']') { address } else { address.trim_start_matches('[') }
}

/// Returns the secret and the pin that follow the separator at the beginning of a text, or after a query.
fn secret_after(text: &str) -> Option<&str> {
    let mark_position = |separator: &&str| match text.starts_with('?') {
        true => text[..text.floor_char_boundary(QUERY_BYTES)].find(separator),
        false => text.starts_with(*separator).then_some(0),
    };
    let after = SEPARATORS
        .iter()
        .find_map(|separator| Some(&text[mark_position(separator)? + separator.len()..]))?;
    let secret = leading_fragment(after);
    (!secret.is_empty()).then_some(secret)
}

/// Returns what was typed, without the characters that were pasted along with it.
pub(crate) fn trim_pasted(typed: &str) -> &str {
    typed
        .trim_start_matches(is_around_address)
        .trim_end_matches(|c| is_around_address(c) || ends_sentence(c))
}

/// Returns whether a character may surround an address and is not part of it.
pub(crate) fn is_around_address(c: char) -> bool {
    !is_visible(c) || "<>(){}\"'`*_~|".contains(c) || (!c.is_ascii() && is_punctuation(c))
}

/// Returns whether a character may end a sentence after an address.
pub(crate) fn ends_sentence(c: char) -> bool {
    ".,;:!?".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_link_contains_the_server_and_the_secret() {
        let link = " http://127.0.0.1:7700/join#c0ffee\n";
        assert_eq!(split(link), ("http://127.0.0.1:7700", Some("c0ffee")));
        for other in ["chat.example.org", "chat.example.org/join#"] {
            assert_eq!(split(other), (other, None));
        }
    }

    #[test]
    fn a_link_names_the_servers_key_and_a_damaged_one_is_refused() {
        let pin = KeyPin::from_public_key(b"a key");
        let server = "https://chat.example.org";
        for (typed, secret) in [
            (format!("{server}/join#c0ffee.{pin}"), Some("c0ffee")),
            (format!("<{server}/join%23c0ffee.{pin}>."), Some("c0ffee")),
            (format!("{server}/join#.{pin}"), None),
            (format!("_{server}/join#c0ffee.{pin}_ see you"), Some("c0ffee")),
            (format!("{server}/join#.{pin}-- Anna"), None),
        ] {
            assert_eq!(
                read(&typed).unwrap(),
                ServerInput { server, secret, pin: Some(pin) },
                "{typed}"
            );
        }
        let cut = pin.to_string();
        for typed in [format!("{server}/join#c0ffee.{}", &cut[..42]), format!("{server}/join#.x")] {
            assert_eq!(read(&typed), Err(LocalReason::LinkDamaged), "{typed}");
        }
    }

    #[test]
    fn an_address_without_a_scheme_may_follow_other_text() {
        for (typed, server) in [
            ("Join: chat.example.org/join#c0ffee", "chat.example.org"),
            ("[chat.example.org:7700/join#c0ffee]", "chat.example.org:7700"),
            ("[::1]:7700/join#c0ffee", "[::1]:7700"),
        ] {
            assert_eq!(split(typed), (server, Some("c0ffee")), "{typed}");
        }
    }

    #[test]
    fn characters_pasted_along_with_a_link_are_ignored() {
        let link = "https://chat.example.org/join#c0ffee";
        for typed in [
            format!("{link}."),
            format!("<{link}>,"),
            format!("\u{201c}{link}\u{201d}!"),
            format!("({link})."),
            format!("{link}\u{200b}"),
            link.replace('#', "%23"),
            link.replace("/join#", "/join/#"),
            format!("{}.", link.replace('#', "%23")),
            link.replace('#', "?utm_source=mail#"),
            link.replace('#', "/?a=1&b=%20%23"),
            format!("{link}）"),
            format!("「{link}」"),
            format!("**{link}**"),
            format!("[{link}]"),
            format!("[join]({link})"),
            format!("Join: {link}/ 然后"),
            format!("{link}%20"),
            format!("{link}&gt;"),
            format!("\u{2066}{link}\u{2069}"),
            format!("\u{202a}{link}\u{202c}\u{ad}"),
            format!("{link}۔"),
            format!("_{link}_ see you"),
            format!("__{link}.__ see you"),
            format!("{link}-- Anna"),
        ] {
            let read = split(&typed);
            assert_eq!(read, ("https://chat.example.org", Some("c0ffee")), "{typed}");
        }
    }
}

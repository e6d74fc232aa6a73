//! Decides which links can be opened. Links come from other people, and another program opens them.

use url::Url;

/// Returns whether a link may be passed to the system: to the web, or to the mail program with an
/// address and at most a subject and a text. No other parts of a `mailto:` are allowed: a mail
/// program may take `attach=` for a file to send along, and other headers for recipients.
pub fn is_openable(link: &str) -> bool {
    let Ok(url) = Url::parse(link) else { return false };
    match url.scheme() {
        "http" | "https" => true,
        "mailto" => is_address(url.path()) && is_plain_mail(&url),
        _ => false,
    }
}

/// Returns whether `path` contains nothing that a mail program, or a script that starts one, could
/// interpret as anything but addresses.
fn is_address(path: &str) -> bool {
    let is_allowed = |c: char| c.is_alphanumeric() || "@.,_-+~!*/".contains(c);
    path.contains('@') && !path.starts_with(['-', '/', '.', '~']) && path.chars().all(is_allowed)
}

fn is_plain_mail(url: &Url) -> bool {
    let is_line = |text: &str| !text.contains(char::is_control);
    let is_text = |text: &str| !text.contains(|c: char| c.is_control() && !"\t\r\n".contains(c));
    // Scripts that start mail programs quote a value, and put a comma before the next one.
    let is_quoted = |text: &str| {
        text.split(['\'', '"']).skip(1).any(|after| after.trim_start().starts_with(','))
    };
    let is_allowed = |(name, value): (_, std::borrow::Cow<'_, str>)| {
        let name: std::borrow::Cow<'_, str> = name;
        if is_quoted(&value) {
            return false;
        }
        (name.eq_ignore_ascii_case("subject") && is_line(&value))
            || (name.eq_ignore_ascii_case("body") && is_text(&value))
    };
    url.fragment().is_none() && url.query_pairs().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::is_openable;

    #[test]
    fn a_mail_link_has_an_address_and_at_most_a_subject_and_a_text() {
        for link in [
            "https://example.org/?attach=/etc/passwd",
            "http://example.org",
            "mailto:wren@example.org",
            "MAILTO:wren+list@example.org,oak@example.org",
            "mailto:wren@example.org?subject=Hello%20there&body=One%0D%0Atwo",
        ] {
            assert!(is_openable(link), "{link}");
        }
        for link in [
            "mailto:wren@example.org?attach=/etc/passwd",
            "mailto:wren@example.org?ATTACHMENT=/etc/passwd",
            "mailto:wren@example.org?subject=x&attach=~/.ssh/id_rsa",
            "mailto:wren@example.org?subject=x&amp;attach=/etc/passwd",
            "mailto:wren@example.org?%61ttach=/etc/passwd",
            "mailto:wren@example.org&attach=/etc/passwd",
            "mailto:wren@example.org%3fattach=/etc/passwd",
            "mailto:wren@example.org?bcc=oak@example.org",
            "mailto:wren@example.org?cc=oak@example.org",
            "mailto:wren@example.org?to=oak@example.org",
            "mailto:wren@example.org?subject=x%0d%0aBcc:%20oak@example.org",
            "mailto:wren@example.org%0d%0aBcc:oak@example.org",
            "mailto:wren@example.org?subject=x%27,attachment=%27/etc/passwd",
            "mailto:wren@example.org?body=x%22%20,attachment=/etc/passwd",
            "mailto:?attach=/etc/passwd",
            "mailto:",
            "mailto:--attach=/etc/passwd@x",
            "mailto:wren@example.org#x",
            "mailto:\"x\"@example.org",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "vscode://x",
            "",
        ] {
            assert!(!is_openable(link), "{link}");
        }
    }
}

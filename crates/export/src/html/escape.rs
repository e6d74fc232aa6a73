//! Texts in HTML. What others wrote becomes text, never markup.

use parlour_protocol::text::without_controls;

/// Returns a text as the contents of an element or of a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in without_controls(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Returns a piece that others wrote, isolated so that it does not change the direction of the text around it.
pub(super) fn isolated(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(text))
}

/// Returns a piece that others wrote for a place without markup, such as a title. Isolated in the same way.
pub(super) fn isolated_plain(text: &str) -> String {
    let is_direction = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    format!("\u{2068}{}\u{2069}", escaped(&text.replace(is_direction, "")))
}

/// Returns a relative path as a URL, which has no character with a meaning in HTML.
pub(super) fn url_path(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                url.push(char::from(byte));
            }
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_no_markup() {
        let text = "</p><script>alert('1')</script> \"&amp;\u{0}\u{1b}";
        assert_eq!(
            escaped(text),
            "&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;&amp;amp;\u{fffd}\u{fffd}"
        );
        assert_eq!(isolated("<i>"), "<bdi>&lt;i&gt;</bdi>");
        assert_eq!(isolated_plain("a\u{202e}b"), "\u{2068}ab\u{2069}");
    }

    #[test]
    fn a_path_is_a_url_that_cannot_leave_its_attribute() {
        assert_eq!(url_path("files/a b#c?\"'%ü.png"), "files/a%20b%23c%3F%22%27%25%C3%BC.png");
    }
}

//! Sanitizes other people's texts for notifications: limits their length, removes control characters, and isolates their
//! text direction.

/// Maximum lengths of a title, of a line, and of all lines together, in characters.
pub const TITLE: usize = 100;
pub const LINE: usize = 250;
pub const BODY: usize = 800;
/// Maximum length of an activation token from another program, in bytes.
pub const TOKEN_BYTES: usize = 1024;

/// The characters that isolate the direction of a part of a text (FSI and PDI of Unicode's bidirectional algorithm).
const ISOLATE: char = '\u{2068}';
const END: char = '\u{2069}';

/// Returns a text as one line of at most `max_chars` characters that cannot change the direction of surrounding text.
pub fn sanitized(text: &str, max_chars: usize) -> String {
    let is_plain = |c: &char| !c.is_control() && !is_direction(*c);
    // Bounds the work for a very long text.
    let mut plain =
        text.chars().take(max_chars * 20).map(|c| if c == '\n' { ' ' } else { c }).filter(is_plain);
    let mut shown: String = plain.by_ref().take(max_chars).collect();
    if plain.next().is_some() {
        shown.push('…');
    }
    format!("{ISOLATE}{}{END}", shown.trim())
}

/// Returns whether a character changes the direction of the following text, or ends such a change.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Escapes a text for markup.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_one_short_line_with_an_isolated_direction() {
        for (text, safe) in [
            ("oak", "oak"),
            ("a\nb\u{0}\u{7f}", "a b"),
            ("\u{202e}gpj.exe\u{202c}", "gpj.exe"),
            ("\u{2069}\u{2067}x", "x"),
            ("0123456789", "0123456789"),
            ("0123456789a", "0123456789…"),
            ("שלום", "שלום"),
        ] {
            assert_eq!(sanitized(text, 10), format!("{ISOLATE}{safe}{END}"), "{text:?}");
        }
        assert!(sanitized(&"x".repeat(10 << 20), LINE).chars().count() <= LINE + 3);
        assert_eq!(escaped("<b>&amp;</b>"), "&lt;b&gt;&amp;amp;&lt;/b&gt;");
    }
}

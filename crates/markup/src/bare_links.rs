//! Finds links and addresses in a text that have no markup around them. Each character is examined
//! once, and those at a link's end a few times more.

use parlour_protocol::text::{is_mark, is_punctuation, is_visible, is_written_without_spaces};
use std::ops::Range;

/// A link or an address without markup in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BareLink {
    /// Its range in the text, including angle brackets if it has some.
    pub range: Range<usize>,
    /// The part of the text that is shown.
    pub shown: Range<usize>,
    /// The URL to which it leads.
    pub url: String,
}

/// The prefixes of links, each with what must be added to make a URL.
const PREFIXES: [(&str, &str); 3] = [("https://", ""), ("http://", ""), ("www.", "http://")];

/// Returns every link and address, in the order of the text.
pub(crate) fn all(text: &str) -> Vec<BareLink> {
    let (mut links, mut end) = (Vec::new(), 0);
    for (start, byte) in text.bytes().enumerate() {
        if start < end {
            continue;
        }
        let next = match byte {
            b'h' | b'H' | b'w' | b'W' => link(text, start),
            b'<' => bracketed(text, start),
            b'@' => address(text, end, start),
            _ => None,
        };
        if let Some(next) = next {
            end = next.range.end;
            links.push(next);
        }
    }
    links
}

fn link(text: &str, start: usize) -> Option<BareLink> {
    let previous = text[..start].chars().next_back();
    if previous.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let rest = &text[start..];
    let has_prefix = |prefix: &str| {
        rest.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let (prefix, scheme) = PREFIXES.into_iter().find(|(prefix, _)| has_prefix(prefix))?;
    let host = rest[prefix.len()..].chars().next()?;
    if !(host.is_alphanumeric() || host == '[') {
        return None;
    }
    let candidate_length = prefix.len() + length(&rest[prefix.len()..]);
    let range =
        start..start + trimmed_length(&rest[..candidate_length], prefix.len() + host.len_utf8());
    let url = format!("{scheme}{}", &text[range.clone()]);
    Some(BareLink { shown: range.clone(), range, url })
}

/// Returns the maximum length of a link: it ends at white space, at a character that no link
/// contains, or where text in a script without spaces follows.
fn length(rest: &str) -> usize {
    let (mut previous, mut is_host) = ('/', true);
    for (end, c) in rest.char_indices() {
        let next = || rest[end + c.len_utf8()..].chars().next();
        let ends = c.is_whitespace()
            || c.is_control()
            || "<>`|\\\"".contains(c)
            || never_in_links(c)
            || is_invisible(c)
            || (c == ']' && rest[end + 1..].starts_with('('))
            || (is_written_without_spaces(c) && may_end_with(&rest[..end], is_host))
            // Punctuation of the text that continues in its script.
            || (previous.is_ascii() && !c.is_ascii() && is_punctuation(c)
                && next().is_some_and(|next| next.is_alphabetic() && !is_latin(next)));
        if ends {
            return end;
        }
        is_host &= !"/?#".contains(c);
        previous = c;
    }
    rest.len()
}

/// Returns whether a link may end here if a script without spaces follows: after a letter, or after a
/// character that ends a sentence or emphasis or closes a bracket. A full stop in a host and `_` can be
/// part of names in that script.
fn may_end_with(link: &str, is_host: bool) -> bool {
    match link.chars().next_back() {
        None | Some('_') => false,
        Some('.') => !is_host,
        Some('~') => link.ends_with("~~"),
        Some(last) => last.is_ascii_alphanumeric() || ")]".contains(last) || ends_sentence(last),
    }
}

fn is_latin(c: char) -> bool {
    matches!(c, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// Returns whether a character of ASCII at the end of a link can belong to the sentence or the markup
/// around it.
fn ends_sentence(c: char) -> bool {
    "?!.,:;*_~'".contains(c)
}

/// Returns whether a character is never part of a link and can follow one without a space: punctuation of Chinese,
/// Japanese or Korean, dashes, quotes, and what ends a sentence in any script.
fn never_in_links(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{30fb}'
        | '\u{fe30}'..='\u{fe6b}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | '\u{2018}'..='\u{201f}' | '\u{2026}'
        | '\u{2014}' | '\u{2015}' | '\u{2e3a}' | '\u{2e3b}' | '\u{203c}' | '\u{2047}'..='\u{2049}'
        | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}'
        | '\u{589}' | '\u{5c3}' | '\u{61b}' | '\u{61f}' | '\u{6d4}' | '\u{964}' | '\u{965}' | '\u{1362}')
}

/// Returns whether a character is invisible and changes none of the visible ones around it.
fn is_invisible(c: char) -> bool {
    !(is_visible(c) || is_mark(c) || is_joiner(c))
}

/// Returns whether a character joins or separates the letters around it, also in addresses of some scripts: the
/// zero-width joiner and non-joiner.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Returns the length of a link without trailing characters that end a sentence or belong to markup
/// around it; at least `min_length`.
fn trimmed_length(link: &str, min_length: usize) -> usize {
    let unopened = |open: char, close: char| {
        link.matches(close).count().saturating_sub(link.matches(open).count())
    };
    let (mut round, mut square) = (unopened('(', ')'), unopened('[', ']'));
    let mut curly = unopened('{', '}');
    let mut end = link.len();
    while end > min_length {
        let last = link[..end].chars().next_back().unwrap_or_default();
        let trailing = match last {
            ')' if round > 0 => {
                round -= 1;
                1
            }
            ']' if square > 0 => {
                square -= 1;
                1
            }
            '}' if curly > 0 => {
                curly -= 1;
                1
            }
            last if is_joiner(last) => last.len_utf8(),
            ';' => entity(&link[min_length..end]),
            last if ends_sentence(last) => 1,
            // Punctuation of other scripts.
            last if !last.is_ascii() && is_punctuation(last) => last.len_utf8(),
            _ => 0,
        };
        if trailing == 0 {
            break;
        }
        end -= trailing;
    }
    end
}

/// Returns the length of the entity with which `link` ends, or 1 for a single character.
fn entity(link: &str) -> usize {
    let name = link[..link.len() - 1].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    if name.ends_with('&') { link.len() - name.len() + 1 } else { 1 }
}

/// Returns a link such as `<https://example.org>` or `<wren@example.org>`.
fn bracketed(text: &str, start: usize) -> Option<BareLink> {
    let inside = &text[start + 1..];
    let end = inside.find(|c: char| c.is_whitespace() || c.is_control() || "<>".contains(c))?;
    if !inside[end..].starts_with('>') {
        return None;
    }
    let (range, shown) = (start..start + end + 2, start + 1..start + 1 + end);
    let inside = &inside[..end];
    if inside.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme)) {
        return Some(BareLink { range, shown, url: inside.into() });
    }
    let link = address(inside, 0, inside.find('@')?)?;
    if link.range == (0..inside.len()) {
        Some(BareLink { range, shown, url: link.url })
    } else {
        None
    }
}

/// Returns whether a text is a scheme according to CommonMark: 2 to 32 letters, digits and signs.
fn is_scheme(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
}

/// Returns the address around an at sign; it does not start before `first`.
fn address(text: &str, first: usize, sign: usize) -> Option<BareLink> {
    let is_of_person = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let start = first + text[first..sign].trim_end_matches(is_of_person).len();
    let rest = &text[sign + 1..];
    let host = &rest[..rest.find(|c| !is_of_host(c)).unwrap_or(rest.len())];
    let host = host.trim_end_matches('.');
    let is_host = host.contains('.')
        && !host.ends_with(['-', '_'])
        && host.split('.').all(|label| !label.is_empty());
    if start == sign || !is_host {
        return None;
    }
    let end = sign + 1 + host.len();
    let url = format!("mailto:{}", &text[start..end]);
    let begin = text[first..start].strip_suffix("mailto:").map_or(start, |text| first + text.len());
    Some(BareLink { range: begin..end, shown: begin..end, url })
}

#[cfg(test)]
mod tests {
    use super::all;

    fn links_in(text: &str) -> Vec<&str> {
        all(text).into_iter().map(|bare| &text[bare.range]).collect()
    }

    #[test]
    fn a_link_ends_before_punctuation_and_markup_around_it() {
        for (text, links) in [
            ("see https://example.org/a.", &["https://example.org/a"][..]),
            ("(https://example.org/a_(b))", &["https://example.org/a_(b)"]),
            ("https://example.org/?a=1&b=2;", &["https://example.org/?a=1&b=2"]),
            ("https://example.org/&copy;&amp;", &["https://example.org/"]),
            ("**https://example.org**", &["https://example.org"]),
            ("http://[::1]:80/x]", &["http://[::1]:80/x"]),
            ("`https://example.org`", &["https://example.org"]),
            ("www.example.org, and so on", &["www.example.org"]),
            ("xhttps://example.org 1www.example.org", &[]),
            ("https:// http://. www. www..", &[]),
            ("HTTPS://EXAMPLE.ORG", &["HTTPS://EXAMPLE.ORG"]),
            // Without spaces.
            ("看https://example.com/a。然后", &["https://example.com/a"]),
            ("看https://example.com/a然后", &["https://example.com/a"]),
            ("「https://example.com」を", &["https://example.com"]),
            ("https://example.com에서", &["https://example.com"]),
            ("https://zh.wikipedia.org/wiki/中文，", &["https://zh.wikipedia.org/wiki/中文"]),
            ("https://例え.jp/", &["https://例え.jp/"]),
            ("ดูhttps://example.com/aที่นี่", &["https://example.com/a"]),
            ("https://www.例え.jp/", &["https://www.例え.jp/"]),
            ("https://example.中国/", &["https://example.中国/"]),
            ("https://zh.wikipedia.org/wiki/C_语言", &["https://zh.wikipedia.org/wiki/C_语言"]),
            ("https://example.org/?q=中文&r=中文", &["https://example.org/?q=中文&r=中文"]),
        ] {
            assert_eq!(links_in(text), links, "{text}");
        }
    }

    #[test]
    fn a_link_ends_where_a_script_without_spaces_continues_after_any_mark() {
        for (before, after) in [
            ("看(", ")然后"),
            ("[", "]然后"),
            ("", "!真的吗"),
            ("", "?然后"),
            ("", ",然后"),
            ("", ":然后"),
            ("", ";然后"),
            ("", "'的"),
            ("**", "**然后"),
            ("*", "*然后"),
            ("~~", "~~然后"),
            ("", "!)然后"),
            ("", "——这是"),
            ("", "·然后"),
            ("", "‼然后"),
            ("", "–그리고"),
            ("", "...ครับ"),
        ] {
            for url in
                ["https://example.com/a", "https://example.com/wiki/A_(b)", "https://example.com"]
            {
                if after.starts_with('.') && url.ends_with(".com") {
                    continue;
                }
                let text = format!("{before}{url}{after}");
                assert_eq!(links_in(&text), [url], "{text}");
            }
        }
        assert_eq!(links_in("https://example.com/a.然后"), ["https://example.com/a"]);
    }

    #[test]
    fn punctuation_of_any_script_at_the_end_of_a_link_is_not_in_it() {
        for mark in "،؛؟۔।॥።։׃«»‹›—–·‼⁉…。！".chars() {
            for text in
                [format!("https://example.org/a{mark}"), format!("https://example.org/a{mark} b")]
            {
                assert_eq!(links_in(&text), ["https://example.org/a"], "{text}");
            }
        }
        assert_eq!(links_in("https://example.org/a،ثم"), ["https://example.org/a"]);
        for url in [
            "https://ca.wikipedia.org/wiki/Col·lecció",
            "https://a.org/a–b",
            "https://ar.wikipedia.org/wiki/باريس،_تكساس",
        ] {
            assert_eq!(links_in(url), [url]);
        }
    }

    #[test]
    fn a_link_ends_at_an_invisible_character_that_joins_nothing() {
        let url = "https://example.org/a";
        for after in
            ['\u{200b}', '\u{200d}', '\u{200f}', '\u{2060}', '\u{2069}', '\u{feff}', '\u{ad}']
        {
            assert_eq!(links_in(&format!("{url}{after}")), [url]);
            if after != '\u{200d}' {
                assert_eq!(links_in(&format!("{url}{after}看")), [url], "{after:?}");
            }
        }
        assert_eq!(links_in("\u{2066}https://example.org/a\u{2069}"), [url]);
        assert_eq!(links_in("https://example.org/a\u{202e}/gpj.exe"), [url]);
        assert_eq!(links_in("{https://example.org/a}"), [url]);
        for whole in [
            "https://example.org/می\u{200c}خواهم",
            "https://example.org/❤\u{fe0f}/x",
            "https://example.org/{a}",
        ] {
            assert_eq!(links_in(whole), [whole]);
        }
    }

    #[test]
    fn addresses_and_links_in_angle_brackets() {
        for (text, links) in [
            ("to wren@example.org.", &["wren@example.org"][..]),
            ("mailto:w.r_e+n@mail.example.org", &["mailto:w.r_e+n@mail.example.org"]),
            ("@wren a@b a@b. @a.b a@.b a@b..c a@b.c-", &[]),
            (
                "<wren@example.org> <https://example.org/*a*>",
                &["<wren@example.org>", "<https://example.org/*a*>"],
            ),
            ("<b>https://example.org</b>", &["https://example.org"]),
            ("a < b@c.de", &["b@c.de"]),
        ] {
            assert_eq!(links_in(text), links, "{text}");
        }
        assert_eq!(all("mailto:a@b.cd")[0].url, "mailto:a@b.cd");
        assert_eq!(all("www.b.cd")[0].url, "http://www.b.cd");
    }
}

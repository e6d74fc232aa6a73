//! Finds links and addresses in a text that have no markup around them. Each character is examined
//! once, and those at a link's end a few times more.

use parlour_protocol::text::{is_punctuation, is_written_without_spaces};
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
const BEGINNINGS: [(&str, &str); 3] = [("https://", ""), ("http://", ""), ("www.", "http://")];

/// Returns every link and address, in the order of the text.
pub(crate) fn all(text: &str) -> Vec<BareLink> {
    let (mut found, mut end) = (Vec::new(), 0);
    for (at, byte) in text.bytes().enumerate() {
        if at < end {
            continue;
        }
        let next = match byte {
            b'h' | b'H' | b'w' | b'W' => link(text, at),
            b'<' => bracketed(text, at),
            b'@' => address(text, end, at),
            _ => None,
        };
        if let Some(next) = next {
            end = next.range.end;
            found.push(next);
        }
    }
    found
}

fn link(text: &str, at: usize) -> Option<BareLink> {
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let rest = &text[at..];
    let is_at = |begin: &str| {
        rest.get(..begin.len()).is_some_and(|found| found.eq_ignore_ascii_case(begin))
    };
    let (begin, scheme) = BEGINNINGS.into_iter().find(|(begin, _)| is_at(begin))?;
    let host = rest[begin.len()..].chars().next()?;
    if !(host.is_alphanumeric() || host == '[') {
        return None;
    }
    let long = begin.len() + length(&rest[begin.len()..]);
    let range = at..at + without_end(&rest[..long], begin.len() + host.len_utf8());
    let url = format!("{scheme}{}", &text[range.clone()]);
    Some(BareLink { shown: range.clone(), range, url })
}

/// Returns the maximum length of a link: it ends at white space, at a character that no link
/// contains, or where a text continues that is written without spaces.
fn length(rest: &str) -> usize {
    let (mut before, mut is_host) = ('/', true);
    for (at, c) in rest.char_indices() {
        let next = || rest[at + c.len_utf8()..].chars().next();
        let ends = c.is_whitespace()
            || c.is_control()
            || "<>`|\\\"".contains(c)
            || is_around_links(c)
            || (c == ']' && rest[at + 1..].starts_with('('))
            || (is_written_without_spaces(c) && may_end_with(&rest[..at], is_host))
            // Punctuation of the text that continues in its script.
            || (before.is_ascii() && !c.is_ascii() && is_punctuation(c)
                && next().is_some_and(|next| next.is_alphabetic() && !is_latin(next)));
        if ends {
            return at;
        }
        is_host &= !"/?#".contains(c);
        before = c;
    }
    rest.len()
}

/// Returns whether a link may end here if a script without spaces follows: behind a letter, or behind a mark that ends
/// a sentence or emphasis, or closes a bracket. A full stop in a host, and `_`, are in names of that script.
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

/// Returns whether a character of ASCII at the end of a link belongs to the sentence or the markup around it.
fn ends_sentence(c: char) -> bool {
    "?!.,:;*_~'".contains(c)
}

/// Returns whether a character is never part of a link and can follow one without a space: punctuation of Chinese,
/// Japanese or Korean, dashes, quotes, and what ends a sentence in any script.
fn is_around_links(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{30fb}'
        | '\u{fe30}'..='\u{fe6b}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | '\u{2018}'..='\u{201f}' | '\u{2026}'
        | '\u{2014}' | '\u{2015}' | '\u{2e3a}' | '\u{2e3b}' | '\u{203c}' | '\u{2047}'..='\u{2049}'
        | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}'
        | '\u{589}' | '\u{5c3}' | '\u{61b}' | '\u{61f}' | '\u{6d4}' | '\u{964}' | '\u{965}' | '\u{1362}')
}

/// Returns the length of a link without trailing characters that end a sentence or belong to markup
/// around it; at least `least`.
fn without_end(link: &str, least: usize) -> usize {
    let more_closed = |open: char, close: char| {
        link.matches(close).count().saturating_sub(link.matches(open).count())
    };
    let (mut round, mut square) = (more_closed('(', ')'), more_closed('[', ']'));
    let mut end = link.len();
    while end > least {
        let last = link[..end].chars().next_back().unwrap_or_default();
        let over = match last {
            ')' if round > 0 => {
                round -= 1;
                1
            }
            ']' if square > 0 => {
                square -= 1;
                1
            }
            ';' => entity(&link[least..end]),
            last if ends_sentence(last) => 1,
            // Punctuation of other scripts.
            last if !last.is_ascii() && is_punctuation(last) => last.len_utf8(),
            _ => 0,
        };
        if over == 0 {
            break;
        }
        end -= over;
    }
    end
}

/// Returns the length of the entity with which `link` ends, or 1 for a single character.
fn entity(link: &str) -> usize {
    let name = link[..link.len() - 1].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    if name.ends_with('&') { link.len() - name.len() + 1 } else { 1 }
}

/// Returns a link such as `<https://example.org>` or `<wren@example.org>`.
fn bracketed(text: &str, at: usize) -> Option<BareLink> {
    let inside = &text[at + 1..];
    let end = inside.find(|c: char| c.is_whitespace() || c.is_control() || "<>".contains(c))?;
    if !inside[end..].starts_with('>') {
        return None;
    }
    let (range, shown) = (at..at + end + 2, at + 1..at + 1 + end);
    let inside = &inside[..end];
    if inside.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme)) {
        return Some(BareLink { range, shown, url: inside.into() });
    }
    let found = address(inside, 0, inside.find('@')?)?;
    if found.range == (0..inside.len()) {
        Some(BareLink { range, shown, url: found.url })
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
fn address(text: &str, first: usize, at: usize) -> Option<BareLink> {
    let is_of_person = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let begin = first + text[first..at].trim_end_matches(is_of_person).len();
    let rest = &text[at + 1..];
    let host = &rest[..rest.find(|c| !is_of_host(c)).unwrap_or(rest.len())];
    let host = host.trim_end_matches('.');
    let is_host = host.contains('.')
        && !host.ends_with(['-', '_'])
        && host.split('.').all(|label| !label.is_empty());
    if begin == at || !is_host {
        return None;
    }
    let end = at + 1 + host.len();
    let url = format!("mailto:{}", &text[begin..end]);
    let before =
        text[first..begin].strip_suffix("mailto:").map_or(begin, |text| first + text.len());
    Some(BareLink { range: before..end, shown: before..end, url })
}

#[cfg(test)]
mod tests {
    use super::all;

    fn found(text: &str) -> Vec<&str> {
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
            assert_eq!(found(text), links, "{text}");
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
                assert_eq!(found(&text), [url], "{text}");
            }
        }
        assert_eq!(found("https://example.com/a.然后"), ["https://example.com/a"]);
    }

    #[test]
    fn punctuation_of_any_script_at_the_end_of_a_link_is_not_in_it() {
        for mark in "،؛؟۔।॥።։׃«»‹›—–·‼⁉…。！".chars() {
            for text in
                [format!("https://example.org/a{mark}"), format!("https://example.org/a{mark} b")]
            {
                assert_eq!(found(&text), ["https://example.org/a"], "{text}");
            }
        }
        assert_eq!(found("https://example.org/a،ثم"), ["https://example.org/a"]);
        for url in [
            "https://ca.wikipedia.org/wiki/Col·lecció",
            "https://a.org/a–b",
            "https://ar.wikipedia.org/wiki/باريس،_تكساس",
        ] {
            assert_eq!(found(url), [url]);
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
            assert_eq!(found(text), links, "{text}");
        }
        assert_eq!(all("mailto:a@b.cd")[0].url, "mailto:a@b.cd");
        assert_eq!(all("www.b.cd")[0].url, "http://www.b.cd");
    }
}

//! Text in the form in which it is compared: without letter case, accents, compatibility forms and invisible
//! characters; and the tokens in it. Texts and queries pass through the same function at both ends, so a query finds
//! what was written in another form.
//!
//! Scripts that are written without spaces (Chinese, Japanese, Thai …), and Korean, whose words
//! take endings, are not split into words by a dictionary: each character is a token, and the index
//! contains each pair of adjacent ones, which finds every part of a word in any of these scripts.

use crate::text::is_written_without_spaces;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters and digits.
    Word,
    /// One character of a script without spaces.
    Dense,
    /// One emoji, arrow, currency sign or other symbol.
    Sign,
}

/// A token: a range of bytes of the folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last one.
    pub end: usize,
}

/// A folded text.
#[derive(Debug, Default)]
pub struct Folded {
    /// The text, folded.
    pub text: String,
    /// The tokens in it.
    pub tokens: Vec<Token>,
    /// The positions at which the parts of a word like `fooBar` or `v6` begin, except the first
    /// part; ascending.
    pub parts: Vec<usize>,
    /// The byte of the original from which each byte of `text` came, and the original's length.
    pub origins: Vec<usize>,
}

impl Folded {
    /// Folds a text.
    pub fn new(original: &str) -> Self {
        let mut folder = Folder::default();
        folder.folded.text.reserve(original.len());
        folder.folded.origins.reserve(original.len() + 1);
        let mut chars = original.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            folder.push(at, c, chars.peek().map(|(_, next)| *next));
        }
        folder.end();
        folder.folded.origins.push(original.len());
        folder.folded
    }

    /// Returns the text of a token.
    pub fn word(&self, token: &Token) -> &str {
        &self.text[token.start..token.end]
    }

    /// Returns where the parts of a word like `fooBar` begin and end; empty if the word has only
    /// one part.
    pub fn parts_of(&self, token: &Token) -> Vec<(usize, usize)> {
        let first = self.parts.partition_point(|part| *part <= token.start);
        let inner = self.parts[first..].iter().copied().take_while(|part| *part < token.end);
        let mut ends: Vec<usize> = inner.chain([token.end]).collect();
        if ends.len() == 1 {
            return Vec::new();
        }
        ends.insert(0, token.start);
        ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// Returns whether a token, or a part of one, begins at this byte.
    pub fn begins(&self, at: usize) -> bool {
        self.tokens.binary_search_by_key(&at, |token| token.start).is_ok()
            || self.parts.binary_search(&at).is_ok()
    }

    /// Returns whether a token, or a part of one, ends at this byte.
    pub fn ends(&self, at: usize) -> bool {
        self.tokens.binary_search_by_key(&at, |token| token.end).is_ok()
            || self.parts.binary_search(&at).is_ok()
    }
}

/// Returns a name in the form in which two that differ only in letter case, or in how their accents are stored, are
/// equal. Unlike [`Folded`] it keeps the accents.
pub fn lower_case(name: &str) -> String {
    with_one_sigma(&name.nfc().collect::<String>().to_lowercase())
}

/// Returns a text in lower case with σ for each final sigma (ς): which of them a capital becomes depends on the letters
/// around it, so that `ΝΊΚΟΣ` and `Νίκος` can only be equal without the difference. The length stays the same.
pub fn with_one_sigma(lower: &str) -> String {
    lower.replace('ς', "σ")
}

#[derive(Default)]
struct Folder {
    folded: Folded,
    /// The position at which the current word began, if there is one.
    word: Option<usize>,
    previous: Option<char>,
}

impl Folder {
    fn push(&mut self, at: usize, c: char, next: Option<char>) {
        let is_part = match self.previous {
            Some(previous) if c.is_uppercase() => {
                previous.is_lowercase()
                    || previous.is_numeric()
                    || (previous.is_uppercase() && next.is_some_and(char::is_lowercase))
            }
            // Users search for a version with its letter or without.
            Some('v' | 'V') if c.is_ascii_digit() => {
                self.word.is_some_and(|start| start + 1 == self.folded.text.len())
            }
            _ => false,
        };
        if is_part && self.word.is_some() {
            self.folded.parts.push(self.folded.text.len());
        }
        self.previous = Some(c);
        match c {
            '\0'..='\x7f' => self.put(at, c.to_ascii_lowercase()),
            // Korean syllables and voiced kana are letters, not letters with marks.
            '\u{ac00}'..='\u{d7a3}' | '\u{3040}'..='\u{30ff}' => self.put(at, c),
            c if is_invisible(c) => {}
            c => decompose_compatible(c, |part| {
                if !is_accent(part) && !is_invisible(part) {
                    self.put_plain(at, part);
                }
            }),
        }
    }

    /// Adds a character in lower case, or the simpler form in which people also write it.
    fn put_plain(&mut self, at: usize, c: char) {
        if let Some(plain) = plain_form(c) {
            return plain.chars().for_each(|c| self.put(at, c));
        }
        let c = digit(c).unwrap_or(c);
        c.to_lowercase().filter(|c| !is_accent(*c)).for_each(|c| self.put(at, c));
    }

    fn put(&mut self, at: usize, c: char) {
        let (at, c) = self.compose_with_previous(c).unwrap_or((at, c));
        let start = self.folded.text.len();
        let kind = kind(c);
        match (kind, self.word) {
            (Some(TokenKind::Word), None) => self.word = Some(start),
            (Some(TokenKind::Word), Some(_)) => {}
            _ => self.end(),
        }
        self.folded.text.push(c);
        let end = self.folded.text.len();
        self.folded.origins.extend(std::iter::repeat_n(at, end - start));
        if let Some(kind @ (TokenKind::Dense | TokenKind::Sign)) = kind {
            self.folded.tokens.push(Token { kind, start, end });
        }
    }

    /// Combines a voicing mark with the kana before it, or a Korean letter with those before it,
    /// into the one character that keyboards write. Removes the previous character, which the
    /// result replaces.
    fn compose_with_previous(&mut self, c: char) -> Option<(usize, char)> {
        let is_composable = matches!(c, '\u{3099}' | '\u{309a}' | '\u{1161}'..='\u{1175}' | '\u{11a8}'..='\u{11c2}');
        let previous = self.folded.text.chars().next_back().filter(|_| is_composable)?;
        let whole = compose(previous, c)?;
        self.folded.text.pop();
        self.folded.tokens.pop();
        let at = self.folded.origins.get(self.folded.text.len()).copied()?;
        self.folded.origins.truncate(self.folded.text.len());
        Some((at, whole))
    }

    /// Ends the current word, if there is one.
    fn end(&mut self) {
        if let Some(start) = self.word.take() {
            let end = self.folded.text.len();
            self.folded.tokens.push(Token { kind: TokenKind::Word, start, end });
        }
    }
}

/// Returns the simpler form in which people also write a letter, where Unicode does not decompose it.
fn plain_form(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ł' | 'Ł' => "l",
        'ı' => "i",
        'ς' => "σ",
        // Letters for which Arabic and Persian keyboards use different characters.
        '\u{649}' | '\u{6cc}' => "\u{64a}",
        '\u{6a9}' => "\u{643}",
        '\u{2018}' | '\u{2019}' | '\u{2bb}' | '\u{2bc}' | '\u{5f3}' => "'",
        '\u{201c}' | '\u{201d}' | '\u{5f4}' => "\"",
        _ => return None,
    })
}

/// Converts a digit of Arabic, Persian or Hindi to ASCII.
fn digit(c: char) -> Option<char> {
    let zero = match c {
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        '०'..='९' => '०',
        _ => return None,
    };
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

/// Returns whether a character is invisible: zero-width and direction characters, soft hyphens,
/// variation selectors, skin tones.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{640}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns whether a character is a combining mark of a script where it does not make another word:
/// Latin, Greek, Cyrillic, Hebrew, Arabic.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

fn kind(c: char) -> Option<TokenKind> {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric().then_some(TokenKind::Word),
        c if is_written_without_spaces(c) => {
            (c.is_alphanumeric() || is_combining_mark(c)).then_some(TokenKind::Dense)
        }
        // Currency, letter-like symbols, arrows, mathematics, dingbats, emoji.
        '\u{20a0}'..='\u{20cf}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' => {
            Some(TokenKind::Sign)
        }
        c => (c.is_alphanumeric() || is_combining_mark(c)).then_some(TokenKind::Word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::BLANK;
    use serde_json::json;
    use std::path::Path;

    /// Returns the characters with a property, as ranges of code points.
    fn ranges(has: impl Fn(char) -> bool) -> Vec<(u32, u32)> {
        let mut found: Vec<(u32, u32)> = Vec::new();
        for c in ('\0'..=char::MAX).filter(|c| has(*c)).map(u32::from) {
            match found.last_mut() {
                Some((_, last)) if *last + 1 == c => *last = c,
                _ => found.push((c, c)),
            }
        }
        found
    }

    /// The window folds names by these lists, and its test folds these texts.
    #[test]
    fn the_window_has_the_same_lists() {
        let plain: Vec<(char, String)> = ('\0'..=char::MAX)
            .filter_map(|c| {
                let digit = || digit(c).filter(|_| !c.is_ascii()).map(String::from);
                plain_form(c).map(String::from).or_else(digit).map(|plain| (c, plain))
            })
            .collect();
        let blocks = [
            ('\u{a1}', '\u{24f}'),
            ('\u{391}', '\u{3c9}'),
            ('\u{400}', '\u{45f}'),
            ('\u{5d0}', '\u{5ea}'),
            ('\u{621}', '\u{66f}'),
            ('\u{1e00}', '\u{1eff}'),
            ('\u{3041}', '\u{3096}'),
            ('\u{30a1}', '\u{30fe}'),
            ('\u{ff01}', '\u{ff9d}'),
        ];
        let texts = blocks.into_iter().map(|(from, to)| {
            let text: String = (from..=to).flat_map(|c| [c, ' ']).collect();
            let folded = Folded::new(&text).text;
            (text, folded)
        });
        let expected = json!({
            "accents": ranges(is_accent),
            "blank": BLANK,
            "folded": texts.collect::<Vec<_>>(),
            "plain": plain,
            "unseen": ranges(is_invisible),
            "withoutSpaces": ranges(is_written_without_spaces),
        });
        let expected = format!("{expected:#}\n");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let path = root.join("ui/src/lib/characters.gen.json");
        if std::fs::read_to_string(&path).unwrap_or_default() != expected {
            std::fs::write(&path, expected).unwrap();
            panic!("{} was out of date and has been rewritten", path.display());
        }
    }

    fn tokens(text: &str) -> Vec<String> {
        let folded = Folded::new(text);
        folded.tokens.iter().map(|token| folded.word(token).to_owned()).collect()
    }

    #[test]
    fn case_accents_and_forms_do_not_matter() {
        assert_eq!(tokens("Crème BRÛLÉE"), ["creme", "brulee"]);
        assert_eq!(
            tokens("Straße ﬁn Ｗｉｄｅ ΣΟΦΟΣ Ёлка"),
            ["strasse", "fin", "wide", "σοφοσ", "елка"]
        );
        assert_eq!(tokens("don\u{2019}t zero\u{200b}width"), ["don", "t", "zerowidth"]);
    }

    #[test]
    fn lower_case_keeps_accents_however_they_are_stored() {
        for name in ["josé", "JOSE\u{301}", "Jos\u{c9}"] {
            assert_eq!(lower_case(name), "josé");
        }
        assert_ne!(lower_case("jose"), "josé");
        for name in ["ΝΊΚΟΣ", "Νίκος", "νίκοσ", "ΝΙ\u{301}ΚΟΣ"] {
            assert_eq!(lower_case(name), "νίκοσ");
        }
    }

    #[test]
    fn code_is_split_at_punctuation_and_capital_letters() {
        assert_eq!(
            tokens("MVM_SPESH_DISABLE=1 foo->bar"),
            ["mvm", "spesh", "disable", "1", "foo", "bar"]
        );
        let folded = Folded::new("parseHTTPBody utf8");
        assert_eq!(folded.parts_of(&folded.tokens[0]), [(0, 5), (5, 9), (9, 13)]);
        assert_eq!(folded.parts_of(&folded.tokens[1]), []);
    }

    #[test]
    fn scripts_without_spaces_are_characters() {
        assert_eq!(tokens("東京へgo"), ["東", "京", "へ", "go"]);
        assert_eq!(tokens("한국 ไทย"), ["한", "국", "ไ", "ท", "ย"]);
        assert_eq!(tokens("ok 👍🏽 → €5"), ["ok", "👍", "→", "€", "5"]);
    }

    #[test]
    fn spellings_of_different_keyboards_are_equal() {
        for (one, other) in [
            ("\u{1112}\u{1161}\u{11ab}글", "한글"),
            ("ｶﾞｯﾂ \u{304b}\u{3099}", "ガッツ が"),
            ("葛\u{e0100}飾", "葛飾"),
            ("צה״ל ג׳", "צה\"ל ג'"),
            ("п\u{2bc}ять", "п'ять"),
            ("کتابی ۲۰۲۴", "كتابي 2024"),
            ("Þórður", "thordur"),
        ] {
            assert_eq!(Folded::new(one).text, Folded::new(other).text, "{one}");
            assert_eq!(tokens(one), tokens(other), "{one}");
        }
        let folded = Folded::new("a\u{304b}\u{3099}b");
        assert_eq!(folded.origins, [0, 1, 1, 1, 7, 8]);
    }

    #[test]
    fn a_version_is_found_without_its_letter() {
        let folded = Folded::new("v6.d rev2");
        assert_eq!(folded.parts_of(&folded.tokens[0]), [(0, 1), (1, 2)]);
        assert_eq!(folded.parts_of(&folded.tokens[2]), []);
    }

    #[test]
    fn every_byte_has_its_position_in_the_original() {
        let original = "É ß!";
        let folded = Folded::new(original);
        assert_eq!(folded.text, "e ss!");
        assert_eq!(folded.origins, [0, 2, 3, 3, 5, 6]);
    }
}

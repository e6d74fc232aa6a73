//! Words behind an at sign that mention everybody.

use super::ink::is_mark;
use super::words::is_in_word;
use crate::reserved::looks_like_a_call;
use unicode_normalization::UnicodeNormalization;

/// Returns whether a text has an at sign and behind it a word that mentions everybody, in any spelling and among any
/// punctuation.
pub(crate) fn calls_everybody(text: &str) -> bool {
    let plain: String = text.nfkc().collect();
    plain.match_indices('@').any(|(at, _)| {
        let called = plain[at + 1..].trim_start_matches(is_around);
        let word = called_word(called);
        // The host of an address, such as `wren@all.example`.
        let is_host = plain[..at].ends_with(char::is_alphanumeric)
            && called[word.len()..]
                .strip_prefix('.')
                .is_some_and(|rest| rest.starts_with(is_in_word));
        !is_host && looks_like_a_call(word.trim_matches(['_', '-']))
    })
}

/// Returns whether a character between an at sign and a word is only around it.
fn is_around(c: char) -> bool {
    !(c.is_alphanumeric() || c.is_whitespace() || c == '@')
}

/// Returns the word with which a text behind an at sign starts: up to the first character that is no letter, digit,
/// mark, `_` or `-`, or is of a script that is written without spaces.
pub fn called_word(text: &str) -> &str {
    let end = text.find(|c: char| !(is_in_word(c) || is_mark(c) || "_-".contains(c)));
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_recognized_in_any_spelling() {
        for text in ["@all", "hi @here", "＠all", "(@everyone)", "@aII!", "@ａｌｌ", "x@channeI"]
        {
            assert!(calls_everybody(text), "{text}");
        }
        for text in ["all", "Dinner @ 8", "@wren", "@allan", "wren@all.example", "everyone", "@"] {
            assert!(!calls_everybody(text), "{text}");
        }
    }

    #[test]
    fn calls_end_where_mentions_end() {
        let around = "@all:x @all,hi hi,@all @*all* @_all_ @**all** @all\u{2019}s @all's @all。hi @all在吗 @all.hi \
            @all/x @all@x wren@x,@all @\"all\" @-all- @(all)";
        for text in around.split(' ') {
            assert!(calls_everybody(text), "{text}");
        }
        for text in
            ["@all-hands", "@all_staff", "@alla", "@all2", "@ all", "@x.all", "@áll\u{301}b"]
        {
            assert!(!calls_everybody(text), "{text}");
        }
    }
}

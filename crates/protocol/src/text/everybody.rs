//! Words after an at sign that mention everybody.

use super::visible::is_mark;
use super::words::is_in_word;
use crate::reserved::looks_like_everybody;
use unicode_normalization::UnicodeNormalization;

/// Returns whether a text has an at sign followed by a word that mentions everybody, in any spelling and
/// with any punctuation between them.
pub(crate) fn mentions_everybody(text: &str) -> bool {
    let plain: String = text.nfkc().collect();
    plain.match_indices('@').any(|(sign, _)| {
        let rest = plain[sign + 1..].trim_start_matches(is_between);
        let word = mentioned_word(rest);
        // The host of an address, such as `wren@all.example`, in any script.
        let is_host = plain[..sign].ends_with(char::is_alphanumeric)
            && rest[word.len()..]
                .strip_prefix('.')
                .is_some_and(|domain| domain.starts_with(char::is_alphanumeric));
        !is_host && looks_like_everybody(word.trim_matches(['_', '-']))
    })
}

/// Returns whether a character may stand between an at sign and the word that it applies to.
fn is_between(c: char) -> bool {
    !(c.is_alphanumeric() || c.is_whitespace() || c == '@')
}

/// Returns the first word of a text that follows an at sign: up to the first character that is no letter,
/// digit, mark, `_` or `-`, or is of a script that is written without spaces.
pub fn mentioned_word(text: &str) -> &str {
    let end = text.find(|c: char| !(is_in_word(c) || is_mark(c) || "_-".contains(c)));
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_of_everybody_are_recognized_in_any_spelling() {
        for text in ["@all", "hi @here", "＠all", "(@everyone)", "@aII!", "@ａｌｌ", "x@channeI"]
        {
            assert!(mentions_everybody(text), "{text}");
        }
        for text in [
            "all",
            "Dinner @ 8",
            "@wren",
            "@allan",
            "wren@all.example",
            "用户@all.公司",
            "everyone",
            "@",
        ] {
            assert!(!mentions_everybody(text), "{text}");
        }
    }

    #[test]
    fn mentions_of_everybody_end_where_other_mentions_end() {
        let texts = "@all:x @all,hi hi,@all @*all* @_all_ @**all** @all\u{2019}s @all's @all。hi @all在吗 @all.hi \
            @all/x @all@x wren@x,@all @\"all\" @-all- @(all)";
        for text in texts.split(' ') {
            assert!(mentions_everybody(text), "{text}");
        }
        for text in
            ["@all-hands", "@all_staff", "@alla", "@all2", "@ all", "@x.all", "@áll\u{301}b"]
        {
            assert!(!mentions_everybody(text), "{text}");
        }
    }
}

//! The appearance of names (UTS #39), by which names that could be confused are recognized.

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;
use unicode_security::mixed_script::AugmentedScriptSet;

/// Returns the skeleton of a name (UTS #39) in lower case, which is the same for names that look alike. It is
/// taken from the name as it is shown, so that a capital I counts as a small L.
pub fn looks(name: &str) -> String {
    let shown = |text: &str| skeleton(text).collect::<String>();
    shown(&shown(name).to_lowercase()).nfc().collect()
}

/// Returns whether all letters of a name that are not ASCII are of one script, or of the scripts in which
/// Chinese, Japanese or Korean is written ("Highly Restrictive" of UTS #39).
pub fn is_of_one_script(name: &str) -> bool {
    let scripts = |text: &str| AugmentedScriptSet::for_str(text);
    if !scripts(name).is_empty() {
        return true;
    }
    let others: String = name.chars().filter(|c| !c.is_ascii()).collect();
    let others = scripts(&others);
    others.jpan || others.hanb || others.kore
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_look_alike_whatever_they_are_made_of() {
        for (one, other) in [
            ("wren", "Wren"),
            ("paul", "pauI"),
            ("paul", "pau1"),
            ("paul", "раul"),
            ("oak", "0ak"),
            ("ace", "асе"),
            ("modern", "modem"),
            ("a\u{430}", "aa"),
            ("wrén", "wre\u{301}n"),
        ] {
            assert_eq!(looks(one), looks(other), "{one} {other}");
        }
        for (one, other) in [("wren", "wrén"), ("oak", "elm"), ("m_3", "m_4"), ("李四", "李三")]
        {
            assert_ne!(looks(one), looks(other), "{one} {other}");
        }
    }
}

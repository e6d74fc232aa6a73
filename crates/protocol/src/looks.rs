//! What a name looks like (UTS #39), by which one is told that could pass for another.

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;
use unicode_security::mixed_script::AugmentedScriptSet;

/// Returns what two names share that look alike: the skeleton of UTS #39 in lower case, of the name as it is
/// shown, so that capital I is small L.
pub fn looks(name: &str) -> String {
    let shown = |text: &str| skeleton(text).collect::<String>();
    shown(&shown(name).to_lowercase()).nfc().collect()
}

/// Returns whether the letters of a name are of one script, or of those that Chinese, Japanese and Korean are
/// written in, beside ASCII ("Highly Restrictive" of UTS #39).
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

//! The appearance of names (UTS #39), by which names that could be confused are recognized.

use icu_properties::props::{Script, SoftDotted};
use icu_properties::{CodePointMapData, CodePointSetData};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;
use unicode_security::confusable_detection::skeleton;
use unicode_security::mixed_script::AugmentedScriptSet;

/// Returns the skeleton of a name (UTS #39) in lower case, which is the same for names that look alike,
/// also in wide and other compatible forms. It is computed from the name as it is displayed, so that a
/// capital I equals a small L.
pub fn looks(name: &str) -> String {
    let skeleton_of = |text: &str| skeleton(text).collect::<String>();
    let plain: String = name.nfkc().collect();
    let skeleton = skeleton_of(&skeleton_of(&plain).to_lowercase());
    without_second_dots(&skeleton).nfc().collect()
}

/// Removes each dot above a letter that has one anyway, such as an i, which is then drawn the same (UTS #39, section
/// 5.4).
fn without_second_dots(text: &str) -> String {
    const DOT_ABOVE: char = '\u{307}';
    let mut has_dot = false;
    let is_shown = |c: &char| {
        if canonical_combining_class(*c) == 0 {
            has_dot = CodePointSetData::new::<SoftDotted>().contains(*c);
        }
        !(has_dot && *c == DOT_ABOVE)
    };
    text.nfd().filter(is_shown).collect()
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

/// Returns whether a word of a text mixes scripts so that one of its letters imitates a letter of another
/// script in the same word: `wrеn` with a Cyrillic е, but not `Δv`.
pub fn has_mixed_word(text: &str) -> bool {
    matches!(without_mixed_words(text), Cow::Owned(_))
}

/// Returns a text in which such letters (see [`has_mixed_word`]) are replaced by those that they imitate.
pub fn without_mixed_words(text: &str) -> Cow<'_, str> {
    let is_end = |c: char| !(c.is_alphanumeric() || is_inherited(c));
    let (mut plain, mut is_changed) = (String::new(), false);
    for word in text.split_inclusive(is_end) {
        for c in word.chars() {
            let letters = if is_of_one_script(word) { None } else { imitated_letters(c, word) };
            is_changed |= letters.is_some();
            plain.push_str(&letters.unwrap_or_else(|| c.to_string()));
        }
    }
    if is_changed { plain.into() } else { text.into() }
}

/// Returns the letters of another script of the word that `c` imitates, if it does.
fn imitated_letters(c: char, word: &str) -> Option<String> {
    let letters: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
    let script = script_of(letters.chars().next()?)?;
    let imitates = script_of(c).is_some_and(|its_script| its_script != script);
    let word_has_script = || word.chars().any(|other| script_of(other) == Some(script));
    (imitates && word_has_script()).then_some(letters)
}

/// Returns the script to which a character belongs, if it is one.
fn script_of(c: char) -> Option<Script> {
    let script = CodePointMapData::<Script>::new().get(c);
    let is_none = [Script::Common, Script::Inherited, Script::Unknown].contains(&script);
    (!is_none).then_some(script)
}

fn is_inherited(c: char) -> bool {
    CodePointMapData::<Script>::new().get(c) == Script::Inherited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_have_the_same_skeleton() {
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
            ("wren", "ｗｒｅｎ"),
            ("mia", "mi\u{307}a"),
            ("jan", "j\u{307}an"),
            ("Milo", "Mi\u{307}lo"),
            ("m\u{1ecb}a", "mi\u{323}\u{307}a"),
        ] {
            assert_eq!(looks(one), looks(other), "{one} {other}");
        }
        let dotted = ("zeta", "z\u{307}eta");
        for (one, other) in
            [("wren", "wrén"), ("oak", "elm"), ("m_3", "m_4"), ("李四", "李三"), dotted]
        {
            assert_ne!(looks(one), looks(other), "{one} {other}");
        }
    }

    #[test]
    fn letters_that_imitate_others_in_the_same_word_are_found_and_replaced() {
        for (mixed, plain) in [
            ("wr\u{435}n", "wren"),
            ("team Wr\u{435}n-s", "team Wren-s"),
            ("\u{3bf}ak", "oak"),
            ("\u{585}ak", "oak"),
            ("Δwr\u{435}n", "Δwren"),
        ] {
            assert!(has_mixed_word(mixed), "{mixed}");
            assert_eq!(without_mixed_words(mixed), plain);
            assert!(!has_mixed_word(plain), "{plain}");
        }
        for fine in ["Δv budget", "Jean-Пётр", "ken健", "ハル-7", "вася_1", "Nguyễn", "Łódź"]
        {
            assert!(!has_mixed_word(fine), "{fine}");
        }
    }
}

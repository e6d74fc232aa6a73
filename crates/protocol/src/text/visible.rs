//! Which characters are visible.

use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, NoncharacterCodePoint,
    PrependedConcatenationMark, WhiteSpace,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Characters that Unicode describes as blank or as a placeholder, but that no property distinguishes from
/// visible ones.
pub(crate) const BLANK: [char; 6] = [
    '\u{2800}',  // Braille pattern blank
    '\u{fffc}',  // Object replacement character
    '\u{13441}', // Egyptian hieroglyph full blank
    '\u{13442}', // Egyptian hieroglyph half blank
    '\u{16fe4}', // Khitan small script filler
    '\u{1d159}', // Musical symbol null notehead
];

/// Returns whether a character is visible. These are not: white space, control characters, what Unicode
/// calls default ignorable (joiners, Hangul fillers, variation selectors …), format characters except those
/// that are drawn around the following digits, noncharacters, and a few that are blank by definition. Code
/// points that are not assigned yet count as visible, because future emoji are among them.
pub fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic();
    }
    let category = || CodePointMapData::<GeneralCategory>::new().get(c);
    let is_drawn = || CodePointSetData::new::<PrependedConcatenationMark>().contains(c);
    !(c.is_control()
        || CodePointSetData::new::<WhiteSpace>().contains(c)
        || is_default_ignorable(c)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(c)
        || category() == GeneralCategory::Format && !is_drawn()
        || BLANK.contains(&c))
}

/// Returns whether a character is never visible by itself (Unicode's property
/// Default_Ignorable_Code_Point).
pub(super) fn is_default_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Returns whether a character is a mark that has no width: it is drawn on, under or around the
/// character before it.
pub fn is_mark(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
}

/// Returns whether a character is punctuation of any script.
pub fn is_punctuation(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_punctuation();
    }
    GeneralCategoryGroup::Punctuation.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every invisible character, as ranges of code points.
    const INVISIBLE: &[(u32, u32)] = &[
        (0x0, 0x20),
        (0x7f, 0xa0),
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x1680, 0x1680),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x2000, 0x200f),
        (0x2028, 0x202f),
        (0x205f, 0x206f),
        (0x2800, 0x2800),
        (0x3000, 0x3000),
        (0x3164, 0x3164),
        (0xfdd0, 0xfdef),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfffc),
        (0xfffe, 0xffff),
        (0x13430, 0x1343f),
        (0x13441, 0x13442),
        (0x16fe4, 0x16fe4),
        (0x1bca0, 0x1bca3),
        (0x1d159, 0x1d159),
        (0x1d173, 0x1d17a),
        (0x1fffe, 0x1ffff),
        (0x2fffe, 0x2ffff),
        (0x3fffe, 0x3ffff),
        (0x4fffe, 0x4ffff),
        (0x5fffe, 0x5ffff),
        (0x6fffe, 0x6ffff),
        (0x7fffe, 0x7ffff),
        (0x8fffe, 0x8ffff),
        (0x9fffe, 0x9ffff),
        (0xafffe, 0xaffff),
        (0xbfffe, 0xbffff),
        (0xcfffe, 0xcffff),
        (0xdfffe, 0xe0fff),
        (0xefffe, 0xeffff),
        (0xffffe, 0xfffff),
        (0x10fffe, 0x10ffff),
    ];

    #[test]
    fn these_characters_and_no_others_are_invisible() {
        let mut found: Vec<(u32, u32)> = Vec::new();
        for c in ('\0'..=char::MAX).filter(|c| !is_visible(*c)).map(u32::from) {
            match found.last_mut() {
                Some((_, last)) if *last + 1 == c => *last = c,
                _ => found.push((c, c)),
            }
        }
        assert_eq!(found, INVISIBLE);
    }

    #[test]
    fn punctuation_is_known_in_every_script() {
        for c in "!'*،؛؟۔।॥።։׃«»‹›—‼·–。".chars() {
            assert!(is_punctuation(c), "{c:?}");
        }
        for c in "aé1 漢\u{301}ฯ€☂".chars() {
            assert!(!is_punctuation(c), "{c:?}");
        }
    }

    #[test]
    fn visible_format_characters_marks_and_new_code_points_have_ink() {
        for c in "\u{600}\u{6dd}\u{70f}\u{110bd}\u{301}\u{e000}\u{1faea}\u{1fffd}1é漢".chars() {
            assert!(is_visible(c), "{c:?}");
        }
    }
}

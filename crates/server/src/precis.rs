//! The class of usernames (RFC 8264) with Unicode's current tables. The library has those of Unicode 6.3, which lack
//! all characters assigned since 2013, including whole scripts. Characters that it knows keep their property, so that
//! the keys of existing names stay the same.

use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, HangulSyllableType,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use precis_profiles::precis_core::DerivedPropertyValue::{
    self, Disallowed, PValid, SpecClassDis, Unassigned,
};
use precis_profiles::precis_core::{IdentifierClass, StringClass};
use unicode_normalization::UnicodeNormalization;

/// The class IdentifierClass.
pub struct CurrentIdentifier;

impl StringClass for CurrentIdentifier {
    fn get_value_from_char(&self, c: char) -> DerivedPropertyValue {
        match IdentifierClass::default().get_value_from_char(c) {
            Unassigned => property_of_newer(c),
            known => known,
        }
    }

    fn get_value_from_codepoint(&self, code: u32) -> DerivedPropertyValue {
        char::from_u32(code).map_or(Disallowed, |c| self.get_value_from_char(c))
    }
}

/// The categories of letters, digits and the marks on them (section 9.1 of RFC 8264).
const LETTERS_AND_DIGITS: [GeneralCategoryGroup; 7] = [
    GeneralCategoryGroup::LowercaseLetter,
    GeneralCategoryGroup::UppercaseLetter,
    GeneralCategoryGroup::OtherLetter,
    GeneralCategoryGroup::DecimalNumber,
    GeneralCategoryGroup::ModifierLetter,
    GeneralCategoryGroup::NonspacingMark,
    GeneralCategoryGroup::SpacingMark,
];

/// Returns the property of a character that the library's tables do not know, by the algorithm of section 8.
/// Characters that other classes would allow count as disallowed in this one.
fn property_of_newer(c: char) -> DerivedPropertyValue {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let syllable = CodePointMapData::<HangulSyllableType>::new().get(c);
    let is_jamo = [
        HangulSyllableType::LeadingJamo,
        HangulSyllableType::VowelJamo,
        HangulSyllableType::TrailingJamo,
    ]
    .contains(&syllable);
    let is_compatible = || std::iter::once(c).nfkc().ne(std::iter::once(c));
    if category == GeneralCategory::Unassigned {
        Unassigned
    } else if is_jamo || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) {
        Disallowed
    } else if !is_compatible() && LETTERS_AND_DIGITS.iter().any(|item| item.contains(category)) {
        PValid
    } else {
        SpecClassDis
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_characters_are_known_and_older_ones_keep_their_property() {
        // Adlam, and a Latin letter of Unicode 7.
        for c in "\u{1e900}\u{ab30}".chars() {
            assert_eq!(CurrentIdentifier.get_value_from_char(c), PValid, "{c:?}");
        }
        // A symbol, emoji, and compatible forms of letters and digits.
        for c in "\u{20bf}\u{1f979}\u{1fbf0}\u{a7f2}\u{378}\u{ffff}\u{e000}".chars() {
            assert_ne!(CurrentIdentifier.get_value_from_char(c), PValid, "{c:?}");
        }
        for c in ('\0'..=char::MAX).step_by(7) {
            let known = IdentifierClass::default().get_value_from_char(c);
            let now = CurrentIdentifier.get_value_from_char(c);
            assert!(known == now || known == Unassigned, "{c:?} {known:?} {now:?}");
        }
    }
}

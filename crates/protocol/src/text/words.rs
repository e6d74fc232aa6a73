//! Scripts with and without spaces between words.

/// Returns whether a character is of a script that puts no spaces between words, or of Korean, whose words
/// take endings: next to such a character, a name or a link may end.
pub fn is_written_without_spaces(c: char) -> bool {
    matches!(c,
        // Thai, Lao, Tibetan, Burmese, Hangul, Khmer, the Tai scripts, Balinese.
        '\u{e00}'..='\u{109f}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{1950}'..='\u{19df}'
        | '\u{1a20}'..='\u{1aaf}'
        | '\u{1b00}'..='\u{1b7f}'
        // Radicals, kana, Bopomofo, Han, Yi.
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{a4cf}'
        // Javanese, more of Burmese, Tai and Hangul; more of Han and kana.
        | '\u{a960}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aadf}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{1b000}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Returns whether a character is part of a word that is written with spaces around it.
pub fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() && !is_written_without_spaces(c)
}

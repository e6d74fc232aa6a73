//! The storage format of a message's text in the mirror: compressed, if that is shorter.
//!
//! Short pieces that are common in chats are written as one byte each, and every other byte with an
//! escape before it: a fixed symbol table (Boncz, Neumann and Leis, "FSST: Fast Random Access
//! String Compression", VLDB 2020). Each text is packed separately, so that it can be read without
//! any other, in a fraction of a microsecond. An English message becomes a third shorter; a text
//! that would not become shorter is stored as it is. So a packed text is a BLOB, and any other
//! TEXT.

mod symbols;

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};
use std::sync::LazyLock;
use symbols::SYMBOLS;

/// The code before a literal byte.
const ESCAPE: u8 = u8::MAX;

/// The codes of the symbols that start with a byte, for each byte; shorter symbols first.
static BY_FIRST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut by_first = vec![Vec::new(); 256];
    for (code, symbol) in (0..ESCAPE).zip(SYMBOLS) {
        by_first[usize::from(symbol.as_bytes()[0])].push(code);
    }
    for codes in &mut by_first {
        codes.sort_by_key(|code| SYMBOLS[usize::from(*code)].len());
    }
    by_first
});

/// A text to be stored.
pub(crate) struct Packed<'a>(pub &'a str);

impl ToSql for Packed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let packed = pack(self.0.as_bytes());
        Ok(match packed.len() < self.0.len() {
            true => ToSqlOutput::Owned(Value::Blob(packed)),
            false => self.0.into(),
        })
    }
}

/// A text that was stored as [`Packed`].
pub(crate) struct Unpacked(pub String);

impl FromSql for Unpacked {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(packed) => unpack(packed)
                .and_then(|text| String::from_utf8(text).ok())
                .map(Self)
                .ok_or_else(|| FromSqlError::Other("a text that was not packed here".into())),
            value => value.as_str().map(|text| Self(text.to_owned())),
        }
    }
}

/// Packs a text in the shortest way: computes the best first code for each position, from the end
/// of the text to its beginning.
fn pack(text: &[u8]) -> Vec<u8> {
    let by_first = &*BY_FIRST;
    // For each position: the number of packed bytes from there to the end, and the first code.
    let mut best = vec![(0u32, ESCAPE); text.len() + 1];
    for position in (0..text.len()).rev() {
        best[position] = (best[position + 1].0 + 2, ESCAPE);
        for code in &by_first[usize::from(text[position])] {
            let symbol = SYMBOLS[usize::from(*code)].as_bytes();
            if text[position..].starts_with(symbol) {
                best[position] = best[position].min((best[position + symbol.len()].0 + 1, *code));
            }
        }
    }
    let mut packed = Vec::with_capacity(best[0].0 as usize);
    let mut position = 0;
    while position < text.len() {
        let code = best[position].1;
        packed.push(code);
        if code == ESCAPE {
            packed.push(text[position]);
        }
        position += SYMBOLS.get(usize::from(code)).map_or(1, |symbol| symbol.len());
    }
    packed
}

/// Unpacks a text; returns `None` for bytes that [`pack`] does not write.
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(packed.len() * 2);
    let mut codes = packed.iter();
    while let Some(code) = codes.next() {
        match SYMBOLS.get(usize::from(*code)) {
            Some(symbol) => text.extend_from_slice(symbol.as_bytes()),
            None if *code == ESCAPE => text.push(*codes.next()?),
            None => return None,
        }
    }
    Some(text)
}

#[cfg(any(test, fuzzing))]
/// Unpacks any bytes. Packing must preserve the result if there is one, and the bytes themselves.
pub fn fuzz(bytes: &[u8]) {
    if let Some(text) = unpack(bytes) {
        assert_eq!(unpack(&pack(&text)).as_deref(), Some(&text[..]));
    }
    assert_eq!(unpack(&pack(bytes)).as_deref(), Some(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rusqlite::{Connection, Row};

    /// Returns a text as it is stored, and as it is read again.
    fn stored(text: &str) -> (Value, String) {
        let conn = Connection::open_in_memory().unwrap();
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Unpacked>(0)?.0));
        conn.query_row("SELECT $1", [Packed(text)], read).unwrap()
    }

    #[test]
    fn an_english_message_becomes_a_third_shorter() {
        let english =
            "I think that would work, but we should ask them first: https://example.com/a";
        let (Value::Blob(packed), _) = stored(english) else { panic!("packed") };
        assert!(packed.len() * 3 < english.len() * 2, "{} of {}", packed.len(), english.len());
    }

    #[test]
    fn a_text_that_would_become_longer_is_stored_unpacked() {
        for text in ["", "漢字", "QX", "Щука"] {
            assert_eq!(stored(text), (Value::Text(text.into()), text.into()));
        }
    }

    #[test]
    fn bytes_that_are_not_packed_text_are_an_error() {
        let conn = Connection::open_in_memory().unwrap();
        let not_utf8 = [ESCAPE, 0xC3];
        for bytes in [&[ESCAPE][..], &[254], &[0, 1, 2, ESCAPE], &not_utf8] {
            let read = conn.query_row("SELECT $1", [bytes], |row| row.get::<_, Unpacked>(0));
            assert!(read.is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn the_symbol_table_has_not_changed() {
        // FNV-1a (Fowler, Noll, Vo), with a zero after each symbol.
        let bytes = SYMBOLS.iter().flat_map(|symbol| symbol.bytes().chain([0]));
        let sum = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(sum, 0x9e6b_ef27_9829_db3f, "another table reads mirrors wrongly: {sum:#x}");
    }

    #[test]
    fn no_symbol_is_in_the_table_twice() {
        let mut symbols = SYMBOLS.to_vec();
        symbols.sort_unstable();
        symbols.dedup();
        assert_eq!(symbols.len(), SYMBOLS.len());
        assert!(symbols.iter().all(|symbol| !symbol.is_empty()));
    }

    proptest! {
        #[test]
        fn every_text_is_the_same_after_unpacking(text in "\\PC{0,80}|[ -~\n]{0,200}") {
            prop_assert_eq!(unpack(&pack(text.as_bytes())).unwrap(), text.as_bytes());
            prop_assert_eq!(stored(&text).1, text);
        }
    }
}

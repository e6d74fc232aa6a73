//! The folded names by which users are found, one per row.

use crate::db::{DbError, Tx};
use parlour_protocol::UserId;
use parlour_protocol::fold::Folded;
use std::collections::BTreeSet;

parlour_sqlite::statements! {
    /// $1 user.
    FORGET = "DELETE FROM name_keys WHERE user_id = $1";
    /// $1 name, $2 user.
    ADD = "INSERT INTO name_keys (folded, user_id) VALUES ($1, $2)";
}

/// The number of words of a display name by which it is found; later words are ignored.
const MAX_WORDS: usize = 16;
/// The number of characters that are compared. A single one can become many when it is folded.
const MAX_CHARS: usize = 100;

/// Replaces the names by which a user is found: the username and the display name, or none for an erased account.
pub async fn set(tx: &Tx, user: UserId, names: Option<(&str, &str)>) -> Result<(), DbError> {
    tx.execute(FORGET, &[user.into()]).await?;
    for name in names.map(keys).unwrap_or_default() {
        tx.execute(ADD, &[name.as_str().into(), user.into()]).await?;
    }
    Ok(())
}

/// Returns a name, or the beginning of one, in the form in which names are compared. Later characters are ignored.
pub fn folded(name: &str) -> String {
    let folded = Folded::new(name).text;
    let words = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(MAX_CHARS).collect()
}

/// Returns the folded username, and the folded display name from each of its words on.
fn keys((username, display_name): (&str, &str)) -> BTreeSet<String> {
    let display_name = folded(display_name);
    let words: Vec<&str> = display_name.split(' ').collect();
    let from_each = (0..words.len().min(MAX_WORDS)).map(|word| words[word..].join(" "));
    // PostgreSQL does not accept NUL, and no valid name contains it.
    let is_name = |name: &String| !name.is_empty() && !name.contains('\0');
    from_each.chain([folded(username)]).filter(is_name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_username_and_by_each_word_of_the_display_name() {
        let sorted_keys = |names| keys(names).into_iter().collect::<Vec<_>>();
        assert_eq!(
            sorted_keys(("Wren", "Zoë  van Dijk")),
            ["dijk", "van dijk", "wren", "zoe van dijk"]
        );
        assert_eq!(sorted_keys(("wren", "")), ["wren"]);
        assert_eq!(sorted_keys(("wren", "WREN")), ["wren"], "once");
        assert_eq!(keys(("wren", &"a ".repeat(40))).len(), MAX_WORDS + 1);
        let long = keys(("wren", &"\u{fdfa}".repeat(80)));
        assert!(long.iter().all(|key| key.chars().count() <= MAX_CHARS), "{long:?}");
    }
}

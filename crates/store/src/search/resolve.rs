//! Finds the people and conversations that a name, a title or a word like `unread` means.

use super::ranges::{Range, sorted_unique};
use crate::error::Result;
use crate::mirror::messages::{key, range};
use crate::mirror::users::NamedPerson;
use crate::mirror::{conversations, users};
use parlour_protocol::fold::{Folded, lower_case};
use parlour_protocol::reserved::is_mention_sign;
use parlour_protocol::{ConversationId, UserId};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

parlour_sqlite::statements! {
    ME = "SELECT users.number FROM mirror CROSS JOIN users ON users.id = mirror.user_id
        WHERE mirror.only_row = 1";
    MY_ID = "SELECT user_id FROM mirror WHERE only_row = 1";
    SAVED = "SELECT messages.key FROM saved INDEXED BY saved_saved_at
            CROSS JOIN messages ON substr(messages.id, 1, 8) = substr(saved.message_id, 1, 8)
                AND messages.id = saved.message_id
        WHERE saved.saved_at IS NOT NULL";
}

// These read one row per conversation: its title, its members, its read position.
const CONVERSATIONS_WITH: &str = "SELECT conversations.number FROM conversations
    WHERE EXISTS (SELECT 1 FROM members WHERE members.conversation = conversations.number
        AND members.user = $1 AND members.left_at IS NULL)";
const TITLES: &str = "SELECT number, title FROM conversations WHERE type = 'group'";
const UNREAD: &str = "SELECT number, last_read_seq, last_seq FROM conversations
    WHERE left_at IS NULL AND last_seq > last_read_seq";

/// Maximum number of people whom a prefix of a name can mean.
const MAX_PEOPLE: usize = 50;

/// Returns the number of this user.
pub(super) fn me(conn: &Connection) -> Result<Option<i64>> {
    Ok(conn.prepare_cached(ME)?.query_row([], |row| row.get("number")).optional()?)
}

/// Returns the people with this username or display name, or, if there are none, those whose username, or a word
/// of whose display name, starts with it.
pub(super) fn people(conn: &Connection, name: &str) -> Result<Vec<(i64, UserId)>> {
    let name = name.trim_start_matches(is_mention_sign);
    let found = users::find_by_prefix(conn, name)?;
    // A complete match compares accents, too.
    let typed = lower_case(name);
    let is_exact =
        |named: &NamedPerson| named.names().iter().any(|known| lower_case(known) == typed);
    let has_exact = found.iter().any(is_exact);
    let best_matches = found.into_iter().filter(|named| !has_exact || is_exact(named));
    Ok(best_matches.take(MAX_PEOPLE).map(|named| (named.number, named.person.id)).collect())
}

/// The degree to which a name matches the typed one; the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MatchQuality {
    Exact,
    /// Equal except for a leading `#`, which some titles have and some people type.
    ExactName,
    Prefix,
}

impl MatchQuality {
    /// Compares folded texts; returns `None` if they do not match.
    fn of(known: &str, typed: &str) -> Option<Self> {
        let [known_name, typed_name] = [known, typed].map(|text| text.trim_start_matches('#'));
        if known == typed {
            Some(Self::Exact)
        } else if known_name == typed_name {
            Some(Self::ExactName)
        } else if known.starts_with(typed) || known_name.starts_with(typed_name) {
            Some(Self::Prefix)
        } else {
            None
        }
    }

    /// Same as [`Self::of`] for the name of a person, which also matches from the start of any of its words.
    fn of_person_name(known: &str, typed: &str) -> Option<Self> {
        let is_of_word = || known.contains(&format!(" {typed}"));
        Self::of(known, typed).or_else(|| is_of_word().then_some(Self::Prefix))
    }
}

/// Returns the groups with this title and the conversations with a person of this name; if there
/// are none, those whose title or name starts with it.
pub(super) fn conversations_by_name(conn: &Connection, title: &str) -> Result<Vec<Range>> {
    let typed = Folded::new(title).text;
    let mut statement = conn.prepare_cached(TITLES)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let known = Folded::new(row.get_ref("title")?.as_str().unwrap_or_default()).text;
        if let Some(quality) = MatchQuality::of(&known, &typed) {
            found.push((quality, row.get("number")?));
        }
    }
    let me: Uuid = conn.prepare_cached(MY_ID)?.query_row([], |row| row.get("user_id"))?;
    let name = typed.trim_start_matches(['#', '@']);
    for named in users::find_by_prefix(conn, name)? {
        let names = named.names().map(|known| Folded::new(known).text);
        let quality =
            names.iter().filter_map(|known| MatchQuality::of_person_name(known, name)).min();
        let conversation = ConversationId::p2p(UserId(me), named.person.id);
        if let (Some(quality), Some(number)) = (quality, conversations::find(conn, conversation)?) {
            found.push((quality, number));
        }
    }
    let best = found.iter().map(|(quality, _)| *quality).min();
    let best_matches = found.into_iter().filter(|(quality, _)| Some(*quality) == best);
    Ok(best_matches.map(|(_, number)| range(number)).collect())
}

/// Returns the conversations that a person of this name is in.
pub(super) fn conversations_with(conn: &Connection, name: &str) -> Result<Vec<Range>> {
    let mut ranges = Vec::new();
    for (number, _) in people(conn, name)? {
        let mut statement = conn.prepare_cached(CONVERSATIONS_WITH)?;
        let rows = statement.query_map([number], |row| row.get("number"))?;
        ranges.extend(rows.collect::<rusqlite::Result<Vec<i64>>>()?.into_iter().map(range));
    }
    Ok(sorted_unique(ranges))
}

/// Returns the messages that are not read yet.
pub(super) fn unread(conn: &Connection) -> Result<Vec<Range>> {
    let mut statement = conn.prepare_cached(UNREAD)?;
    let rows = statement.query_map([], |row| {
        let (number, read, last) =
            (row.get("number")?, row.get::<_, i64>("last_read_seq")?, row.get("last_seq")?);
        Ok((key(number, read + 1), key(number, last)))
    })?;
    Ok(sorted_unique(rows.collect::<rusqlite::Result<_>>()?))
}

/// Returns the keys of the messages that were saved for later, sorted.
pub(super) fn saved(conn: &Connection) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached(SAVED)?;
    let rows = statement.query_map([], |row| row.get("key"))?;
    let mut keys: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
    keys.sort_unstable();
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::people;
    use crate::ServerUpdate;
    use crate::tests::{open, page};
    use parlour_protocol::{Page, Row, StreamId, UserId, UserRole, UserRow};
    use tempfile::TempDir;
    use uuid::Uuid;

    #[test]
    fn an_exact_name_with_accents_finds_one_person() {
        let folder = TempDir::new().unwrap();
        let store = open(&folder);
        let ids = [1, 2].map(|number| UserId(Uuid::from_u128(100 + number)));
        let user = |id, name, at| Row::User(UserRow::new(id, name, UserRole::Member, at));
        let rows = vec![user(ids[0], "jose", 1), user(ids[1], "jos\u{e9}", 2)];
        let page = Page { stream: StreamId::Directory, term: 0, ..page(0, 2, rows) };
        store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
        for (typed, id) in [("jose", ids[0]), ("JOS\u{c9}", ids[1]), ("jose\u{301}", ids[1])] {
            let found = store.mirror.read(|conn| people(conn, typed)).unwrap();
            assert_eq!(found.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), [id], "{typed}");
        }
    }
}

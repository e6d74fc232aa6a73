//! Who is meant by a message: the members that it names.

use crate::users::name;
use crate::{Result, Store, conversations};
use parlour_protocol::{Action, ConversationId, UserId, limits};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;

parlour_sqlite::statements! {
    /// $1 username, $2 conversation.
    MEMBER = "SELECT users.id FROM users INDEXED BY users_username
            CROSS JOIN members ON members.user = users.number
        WHERE users.username = $1 COLLATE NOCASE
            AND members.conversation = $2 AND members.left_at IS NULL";
    /// $1 conversation.
    MAY_MEAN_ALL = "SELECT conversations.type = 'p2p' OR EXISTS (
            SELECT 1 FROM mirror CROSS JOIN users ON users.id = mirror.user_id
                CROSS JOIN members ON members.user = users.number
            WHERE mirror.only_row = 1 AND members.conversation = conversations.number
                AND members.role IN ('owner', 'administrator'))
        FROM conversations WHERE conversations.number = $1";
}

// A row a member: an index knows the letter case of ASCII alone.
const MEMBERS: &str = "SELECT users.id, users.username FROM members
        CROSS JOIN users ON users.number = members.user
    WHERE members.conversation = $1 AND members.left_at IS NULL";

/// Means everybody.
const ALL_WORD: &str = "all";

impl Store {
    /// The members that a text names by `@name`, in any letter case, at most 100, and whether it means
    /// everybody by `@all` where its author may. A name ends where no member's name goes on; it does
    /// not begin inside a word, as that of an e-mail address would.
    pub fn mentioned(&self, id: ConversationId, text: &str) -> Result<(Vec<UserId>, bool)> {
        if !text.contains('@') {
            return Ok((Vec::new(), false));
        }
        // Whoever is added here is as good as there.
        let open = self.outbox.open_ops_in(id)?;
        let begins = open.iter().any(|open| matches!(open.op.action, Action::Create { .. }));
        let added: Vec<UserId> = open
            .into_iter()
            .flat_map(|open| match open.op.action {
                Action::Create { members, .. } => members,
                Action::AddMember { user_id } => vec![user_id],
                _ => Vec::new(),
            })
            .collect();
        self.mirror.read(|conn| {
            let number = conversations::find(conn, id)?;
            let members = match number {
                Some(number) if names(text).any(|name| !first_word(name).is_ascii()) => {
                    members(conn, number)?
                }
                _ => Vec::new(),
            };
            let indexed = number.filter(|_| members.is_empty());
            let added = added.iter().filter_map(|id| Some((*id, name(conn, *id).ok()?)));
            let known: Vec<(UserId, String)> = added.chain(members).collect();
            let (mut ids, mut all) = (BTreeSet::new(), false);
            for name in names(text) {
                let held = match indexed {
                    Some(number) => member(conn, number, name)?,
                    None => None,
                };
                let found = held.or_else(|| begins_with(&known, name));
                match found {
                    Some(id) => drop(ids.insert(id)),
                    None if first_word(name) == ALL_WORD => all = true,
                    None => {}
                }
            }
            let may_mean_all = match number {
                Some(number) => {
                    conn.prepare_cached(MAY_MEAN_ALL)?.query_row([number], |row| row.get(0))?
                }
                None => begins,
            };
            let all = all && may_mean_all;
            Ok((ids.into_iter().take(limits::MENTIONS).map(UserId).collect(), all))
        })
    }
}

/// What stands behind each `@` that begins a word, as long as a name can be, to the end of its line.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@').filter_map(|(at, _)| {
        let is_inside = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let rest = text[at + 1..].lines().next().unwrap_or_default();
        let end =
            rest.char_indices().nth(limits::USERNAME_CHARS).map_or(rest.len(), |(end, _)| end);
        (!is_inside).then_some(&rest[..end])
    })
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}

/// Who is in a conversation, by name.
fn members(conn: &Connection, conversation: i64) -> Result<Vec<(UserId, String)>> {
    let mut statement = conn.prepare_cached(MEMBERS)?;
    let rows = statement.query_map([conversation], |row| {
        Ok((UserId(row.get::<_, uuid::Uuid>("id")?), row.get("username")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Who of these has the longest name that this begins with.
fn begins_with(known: &[(UserId, String)], text: &str) -> Option<uuid::Uuid> {
    let fits = |name: &str| {
        let begin = text.get(..name.len());
        begin.is_some_and(|begin| begin.to_lowercase() == name.to_lowercase())
            && ends_word(text, name.len())
    };
    let found = known.iter().filter(|(_, name)| fits(name)).max_by_key(|(_, name)| name.len());
    found.map(|(id, _)| id.0)
}

fn ends_word(text: &str, end: usize) -> bool {
    text[end..].chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '_')
}

/// The member whose name is the longest beginning of this.
fn member(conn: &Connection, conversation: i64, text: &str) -> Result<Option<uuid::Uuid>> {
    let ends = text.char_indices().map(|(at, _)| at).skip(1).chain([text.len()]);
    let ends: Vec<usize> = ends.filter(|end| *end > 0 && ends_word(text, *end)).collect();
    for end in ends.into_iter().rev() {
        let name = (&text[..end], conversation);
        let found = conn.prepare_cached(MEMBER)?.query_row(name, |row| row.get(0)).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

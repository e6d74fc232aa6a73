//! Whether a conversation is what its id says. A pair's id is made from the two people's (see
//! [`ConversationId::p2p`]), so the mirror can tell by itself what is the conversation of two people and
//! nobody else's, whatever the server says of it.

use crate::error::Result;
use crate::store::Store;
use parlour_protocol::{Action, ConversationId, ConversationType, UserId, is_made};
use rusqlite::{Connection, OptionalExtension};

parlour_sqlite::statements! {
    /// $1 conversation.
    KIND = "SELECT number, type, left_at IS NOT NULL AS is_left FROM conversations WHERE id = $1";
    /// $1 conversation.
    OTHERS = "SELECT users.id AS id FROM members JOIN users ON users.number = members.user
            JOIN mirror ON mirror.only_row = 1
        WHERE members.conversation = $1 AND users.id <> mirror.user_id LIMIT 2";
    ME = "SELECT user_id FROM mirror WHERE only_row = 1";
}

// Reads everybody, when something is said in a group whose id was derived: an import's, if all is well.
const EVERYBODY: &str = "SELECT id FROM users";

/// What the mirror has under the id of two people's conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pair {
    /// The mirror has nothing there yet.
    Unknown,
    /// The mirror has their conversation.
    Here,
    /// Something else, by the server's word.
    Untrusted,
}

impl Store {
    /// What the mirror has of the conversation with one other person.
    pub fn pair(&self, other: UserId) -> Result<Pair> {
        self.mirror.read(|conn| {
            let id = ConversationId::p2p(me(conn)?, other);
            let Some((number, kind, is_left)) = kind(conn, id)? else { return Ok(Pair::Unknown) };
            Ok(match kind {
                // What a restored server does not have any more is begun again.
                _ if is_left => Pair::Unknown,
                Some(ConversationType::P2p) if is_pair(conn, number, id)? => Pair::Here,
                Some(_) => Pair::Untrusted,
                None => Pair::Unknown,
            })
        })
    }

    /// Whether the server says nothing of a conversation that cannot be: a pair's is no group, and nobody
    /// but the two is in it.
    pub fn is_trusted(&self, id: ConversationId) -> Result<bool> {
        let begun = self.outbox.open_ops_in(id)?.into_iter().any(|open| {
            matches!(open.op.action, Action::Create { kind: ConversationType::P2p, .. })
        });
        self.mirror.read(|conn| {
            let Some((number, kind, _)) = kind(conn, id)? else { return Ok(true) };
            match kind {
                Some(ConversationType::P2p) => is_pair(conn, number, id),
                Some(ConversationType::Group) if begun => Ok(false),
                Some(ConversationType::Group) if is_made(id.0) => Ok(true),
                Some(ConversationType::Group) => Ok(!is_of_a_pair(conn, id)?),
                None => Ok(true),
            }
        })
    }
}

/// Whether nobody but the two is in a conversation of two people. Of one that has just begun the other may
/// not be known yet.
pub(crate) fn is_pair(conn: &Connection, number: i64, id: ConversationId) -> Result<bool> {
    let me = me(conn)?;
    let mut statement = conn.prepare_cached(OTHERS)?;
    let others = statement.query_map([number], |row| row.get("id").map(UserId))?;
    let others: Vec<UserId> = others.collect::<rusqlite::Result<_>>()?;
    Ok(match others[..] {
        [] => !is_made(id.0),
        [other] => id == ConversationId::p2p(me, other),
        _ => false,
    })
}

/// Whether it is the id of one's own conversation with somebody.
fn is_of_a_pair(conn: &Connection, id: ConversationId) -> Result<bool> {
    let me = me(conn)?;
    let mut statement = conn.prepare_cached(EVERYBODY)?;
    let mut people = statement.query([])?;
    while let Some(row) = people.next()? {
        if id == ConversationId::p2p(me, UserId(row.get("id")?)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn me(conn: &Connection) -> Result<UserId> {
    Ok(conn.prepare_cached(ME)?.query_row([], |row| row.get("user_id").map(UserId))?)
}

/// A conversation's number, what it is once that is known, and whether one left it.
fn kind(
    conn: &Connection,
    id: ConversationId,
) -> Result<Option<(i64, Option<ConversationType>, bool)>> {
    let read = |row: &rusqlite::Row<'_>| {
        let kind = ConversationType::parse(&row.get::<_, String>("type")?);
        Ok((row.get("number")?, kind, row.get("is_left")?))
    };
    Ok(conn.prepare_cached(KIND)?.query_row([id.0], read).optional()?)
}

//! Checks whether a conversation matches its id. The id of a conversation between two people is derived from
//! their two ids (see [`ConversationId::p2p`]), so the mirror can check locally whether a conversation
//! belongs to two people and nobody else, without trusting the server.

use crate::error::Result;
use crate::store::Store;
use parlour_protocol::{Action, ConversationId, ConversationType, UserId, is_client_made};
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

// Reads all people when a message is written in a group with a derived id. Usually, such a group
// comes from an import.
const EVERYBODY: &str = "SELECT id FROM users";

/// The kind of data that the mirror has under the id of a conversation between two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectState {
    /// The mirror has nothing there yet.
    Unknown,
    /// The mirror has their conversation.
    Present,
    /// The server has put something else under this id.
    ImpossibleMembers,
}

impl Store {
    /// Returns the state in the mirror of the conversation with one other person.
    pub fn direct_state(&self, other: UserId) -> Result<DirectState> {
        self.mirror.read(|conn| {
            let id = ConversationId::p2p(me(conn)?, other);
            let Some((number, kind, is_left)) = kind(conn, id)? else {
                return Ok(DirectState::Unknown);
            };
            Ok(match kind {
                // A conversation that a restored server no longer has is created again.
                _ if is_left => DirectState::Unknown,
                Some(ConversationType::P2p) if is_valid_direct(conn, number, id)? => {
                    DirectState::Present
                }
                Some(_) => DirectState::ImpossibleMembers,
                None => DirectState::Unknown,
            })
        })
    }

    /// Returns whether the server's data about a conversation is possible with its id: one with the id of two people is
    /// not a group, and only these two are in it.
    pub fn conversation_matches_id(&self, id: ConversationId) -> Result<bool> {
        let is_created_here = self.outbox.pending_ops_in(id)?.into_iter().any(|pending| {
            matches!(pending.op.action, Action::Create { kind: ConversationType::P2p, .. })
        });
        self.mirror.read(|conn| {
            let Some((number, kind, _)) = kind(conn, id)? else { return Ok(true) };
            match kind {
                Some(ConversationType::P2p) => is_valid_direct(conn, number, id),
                Some(ConversationType::Group) if is_created_here => Ok(false),
                Some(ConversationType::Group) if is_client_made(id.0) => Ok(true),
                Some(ConversationType::Group) => Ok(!is_direct_id(conn, id)?),
                None => Ok(true),
            }
        })
    }
}

/// Returns whether only two people are in a conversation of two people. If it is new, the other one
/// may not be known yet.
pub(crate) fn is_valid_direct(conn: &Connection, number: i64, id: ConversationId) -> Result<bool> {
    let me = me(conn)?;
    let mut statement = conn.prepare_cached(OTHERS)?;
    let others = statement.query_map([number], |row| row.get("id").map(UserId))?;
    let others: Vec<UserId> = others.collect::<rusqlite::Result<_>>()?;
    Ok(match others[..] {
        [] => !is_client_made(id.0),
        [other] => id == ConversationId::p2p(me, other),
        _ => false,
    })
}

/// Returns whether the id is that of a conversation between this user and another person.
fn is_direct_id(conn: &Connection, id: ConversationId) -> Result<bool> {
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

/// Returns a conversation's number, its type once that is known, and whether this user left it.
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

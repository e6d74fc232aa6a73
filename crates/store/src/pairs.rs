//! Whether a conversation is what its id says. A pair's id is made from the two people's (see
//! [`ConversationId::p2p`]), so the mirror can tell by itself what is the conversation of two people and
//! nobody else's, whatever the server says of it.

use crate::{Result, Store};
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
    /// Nothing yet.
    Unknown,
    /// Their conversation.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Arrival;
    use crate::tests::{ME, WREN, open};
    use parlour_protocol::{
        Bootstrap, ConversationRow, MemberRole, MemberRow, Millis, Op, OpId, Page, Row, StreamId,
        UserRole, UserRow,
    };
    use tempfile::TempDir;
    use uuid::Uuid;

    fn arrive(store: &Store, id: ConversationId, kind: ConversationType, members: &[UserId]) {
        let row = ConversationRow::new(id, kind, "wren", WREN, Millis(1));
        let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..row })];
        rows.extend(members.iter().map(|user_id| {
            Row::Member(MemberRow {
                user_id: *user_id,
                role: MemberRole::Member,
                joined_at: Millis(1),
                last_read_seq: None,
                left_at: None,
                changed_seq: 1,
            })
        }));
        let (epoch, stream) = ("".into(), StreamId::Conversation(id));
        let bootstrap =
            Bootstrap { epoch, stream, term: 1, head: 1, last_seq: 0, rows, members_to: None };
        store.mirror.apply(&[Arrival::Bootstrap(&bootstrap)]).unwrap();
    }

    fn people(store: &Store, ids: &[UserId]) {
        let user = |id: &UserId| Row::User(UserRow::new(*id, id.to_string(), UserRole::Member, 1));
        let rows = ids.iter().map(user).collect();
        let (epoch, stream) = ("".into(), StreamId::Directory);
        let page = Page { epoch, stream, term: 0, from: 0, to: 1, head: 1, rows };
        store.mirror.apply(&[Arrival::Page(&page)]).unwrap();
    }

    #[test]
    fn what_the_server_says_of_a_pair_is_believed_only_where_it_can_be() {
        let (oak, pair) = (UserId(Uuid::from_u128(7)), ConversationId::p2p(ME, WREN));
        let (p2p, group) = (ConversationType::P2p, ConversationType::Group);
        for (kind, members, found) in [
            (p2p, &[ME, WREN][..], Pair::Here),
            (p2p, &[ME], Pair::Here),
            (p2p, &[ME, oak], Pair::Untrusted),
            (p2p, &[ME, WREN, oak], Pair::Untrusted),
            (group, &[ME, WREN], Pair::Untrusted),
            (group, &[ME, oak], Pair::Untrusted),
        ] {
            let folder = TempDir::new().unwrap();
            let store = open(&folder);
            people(&store, &[ME, WREN, oak]);
            assert_eq!(store.pair(WREN).unwrap(), Pair::Unknown);
            assert!(store.is_trusted(pair).unwrap());
            arrive(&store, pair, kind, members);
            assert_eq!(store.pair(WREN).unwrap(), found, "{kind:?} {members:?}");
            assert_eq!(
                store.is_trusted(pair).unwrap(),
                found == Pair::Here,
                "{kind:?} {members:?}"
            );
            // It is never listed as direct.
            let listed = store.conversations(10).unwrap();
            let direct = listed.iter().any(|summary| summary.kind == p2p);
            assert_eq!(direct, found == Pair::Here, "{listed:?}");
        }
    }

    #[test]
    fn another_id_is_no_pair_s_whatever_the_server_says() {
        let folder = TempDir::new().unwrap();
        let store = open(&folder);
        let (made, import) = (ConversationId(Uuid::now_v7()), Uuid::new_v8([3; 16]));
        people(&store, &[ME, WREN]);
        arrive(&store, made, ConversationType::P2p, &[ME, WREN]);
        assert!(!store.is_trusted(made).unwrap());
        assert!(store.conversations(10).unwrap().is_empty());
        arrive(&store, ConversationId(import), ConversationType::Group, &[ME, WREN]);
        assert!(store.is_trusted(ConversationId(import)).unwrap(), "an imported channel");
    }

    #[test]
    fn what_one_began_as_a_pair_is_no_group_also_where_nobody_knows_the_other() {
        let folder = TempDir::new().unwrap();
        let store = open(&folder);
        let pair = ConversationId::p2p(ME, WREN);
        let create =
            Op { id: OpId::new(), conversation_id: pair, action: Action::create_p2p(WREN) };
        store.enqueue(&create, Millis(1)).unwrap();
        arrive(&store, pair, ConversationType::Group, &[ME]);
        assert!(!store.is_trusted(pair).unwrap());
    }
}

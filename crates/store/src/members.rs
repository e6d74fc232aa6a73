//! The members of a conversation.

use crate::error::Result;
use crate::mirror::users::{self, Person, PersonState};
use crate::mirror::{Mirror, conversations, members};
use crate::outbox::ops::{OpState, PendingOp};
use crate::store::Store;
use parlour_protocol::{
    ConversationId, ConversationType, Echo, MemberRole, MembersEcho, Millis, Seq, UserId,
};
use rusqlite::Connection;
use serde::Serialize;

parlour_sqlite::statements! {
    /// $1 conversation, $2 limit.
    LIST = concat!("SELECT ", members!(qualified), ", users.id AS user_id, users.username AS username, ",
            shown_name!(), " AS name, ", person_state!(), " AS state
        FROM members JOIN users ON users.number = members.user
        WHERE members.conversation = $1 AND members.left_at IS NULL
        LIMIT $2");
    /// $1 conversation.
    COUNT = "SELECT count(*) FROM members WHERE conversation = $1 AND left_at IS NULL";
}

// Reads every member when a message is written offline.
const NEWEST_MEMBER: &str = "SELECT max(members.joined_at) AS newest FROM members
    CROSS JOIN conversations ON conversations.number = members.conversation
    WHERE conversations.id = $1 AND members.left_at IS NULL";

/// Maximum number of members in a list.
const LIST_LIMIT: i64 = 5000;

/// A member of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The person's id.
    pub id: UserId,
    /// Their username, spelled as they chose.
    pub username: String,
    /// Their shown name: see [`Person`].
    pub name: String,
    /// Whether they can read what is written to them.
    pub state: PersonState,
    /// Their role in the conversation.
    pub role: MemberRole,
    /// The time at which they last joined.
    pub joined_at: Millis,
    /// The position up to which they have read; `None` if the server does not send it.
    pub last_read_seq: Option<Seq>,
}

impl Mirror {
    /// Returns the time at which the newest of a conversation's members joined; `None` if none is known, as
    /// in a new conversation. Reads all members.
    pub fn newest_member(&self, id: ConversationId) -> Result<Option<Millis>> {
        self.read(|conn| {
            let newest: Option<i64> =
                conn.prepare(NEWEST_MEMBER)?.query_row([id.0], |row| row.get("newest"))?;
            Ok(newest.map(Millis))
        })
    }
}

impl Mirror {
    /// Returns the number of members of the conversation.
    pub fn member_count(&self, id: ConversationId) -> Result<i64> {
        self.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(0) };
            Ok(conn.prepare_cached(COUNT)?.query_row([number], |row| row.get(0))?)
        })
    }

    /// Returns the members of the conversation, sorted by name.
    pub fn members(&self, id: ConversationId) -> Result<Vec<Member>> {
        let mut members: Vec<Member> = self.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(Vec::new()) };
            let mut statement = conn.prepare_cached(LIST)?;
            let rows = statement.query_map((number, LIST_LIMIT), |row| {
                let member = members::read(row)?;
                Ok(Member {
                    id: member.user_id,
                    username: row.get("username")?,
                    name: row.get("name")?,
                    state: PersonState::parse(&row.get::<_, String>("state")?),
                    role: member.role,
                    last_read_seq: member.last_read_seq,
                    joined_at: member.joined_at,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        sort(&mut members);
        Ok(members)
    }
}

impl Store {
    /// Returns the members of the conversation, sorted by name, as if the waiting ops were done.
    pub fn members(&self, id: ConversationId) -> Result<Vec<Member>> {
        let mut members = self.mirror.members(id)?;
        let pending = self.pending_member_ops(id)?;
        if pending.is_empty() {
            return Ok(members);
        }
        let me = self.account()?.user_id;
        self.mirror.read(|conn| {
            for op in &pending {
                overlay(conn, &mut members, me, op);
            }
            Ok(())
        })?;
        sort(&mut members);
        Ok(members)
    }

    /// Returns the number of members of the conversation as if the waiting ops were done.
    pub fn member_count(&self, id: ConversationId) -> Result<i64> {
        let count = self.mirror.member_count(id)?;
        if self.pending_member_ops(id)?.is_empty() {
            return Ok(count);
        }
        // The lists may be cut, so only the difference between them counts.
        let size = |members: Vec<Member>| i64::try_from(members.len()).unwrap_or(i64::MAX);
        Ok(count + size(self.members(id)?) - size(self.mirror.members(id)?))
    }

    /// Returns the waiting ops that change the members of the conversation or their roles.
    fn pending_member_ops(&self, id: ConversationId) -> Result<Vec<PendingOp>> {
        let mut pending = self.outbox.pending_ops_in(id)?;
        pending.retain(|pending| {
            pending.state != OpState::Refused && changes_members(pending.op.action.rules().echo)
        });
        Ok(pending)
    }
}

/// Returns whether an action with this echo changes the list of members.
fn changes_members(echo: Echo<'_>) -> bool {
    match echo {
        Echo::NewConversation { .. } | Echo::Members(_) => true,
        Echo::NewMessage { .. }
        | Echo::Message(..)
        | Echo::Conversation(_)
        | Echo::Choice { .. }
        | Echo::Profile(_)
        | Echo::None => false,
    }
}

fn sort(members: &mut [Member]) {
    members.sort_by_cached_key(|member| member.name.to_lowercase());
}

fn overlay(conn: &Connection, members: &mut Vec<Member>, me: UserId, pending: &PendingOp) {
    let mut add = |id: UserId, role: MemberRole| {
        if members.iter().all(|member| member.id != id) {
            let Person { username, name, .. } = users::person_or_unnamed(conn, id);
            let state = users::state(conn, id).unwrap_or_default();
            let joined_at = pending.created_at;
            let last_read_seq = None;
            members.push(Member { id, username, name, state, role, joined_at, last_read_seq });
        }
    };
    match pending.op.action.rules().echo {
        Echo::NewConversation { kind, others, .. } => {
            let is_group = kind == ConversationType::Group;
            add(me, if is_group { MemberRole::Owner } else { MemberRole::Member });
            for id in others {
                add(*id, MemberRole::Member);
            }
        }
        Echo::Members(MembersEcho::Added(id)) => add(id, MemberRole::Member),
        Echo::Members(MembersEcho::Removed(id)) => members.retain(|member| member.id != id),
        Echo::Members(MembersEcho::Left) => members.retain(|member| member.id != me),
        Echo::Members(MembersEcho::Role(id, role)) => set_role(members, id, role),
        Echo::Members(MembersEcho::Transferred(id)) => {
            set_role(members, id, MemberRole::Owner);
            set_role(members, me, MemberRole::Administrator);
        }
        Echo::NewMessage { .. }
        | Echo::Message(..)
        | Echo::Conversation(_)
        | Echo::Choice { .. }
        | Echo::Profile(_)
        | Echo::None => {}
    }
}

fn set_role(members: &mut [Member], id: UserId, role: MemberRole) {
    for member in members.iter_mut().filter(|member| member.id == id) {
        member.role = role;
    }
}

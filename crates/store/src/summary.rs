//! Conversations as the list shows them: the mirror's rows, with what waits in the outbox laid over
//! them.

use crate::drafts::{self, Draft};
use crate::outbox::{OpState, OpenOp};
use crate::packed::Unpacked;
use crate::unread::{self, Held};
use crate::users::{self, PersonState};
use crate::{Result, Store, members, messages, pairs, state};
use parlour_protocol::{
    Action, ConversationId, ConversationType, Count, HistoryVisibility, MemberRole, MessageId,
    Millis, Removal, Seq,
};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashSet};

parlour_sqlite::statements! {
    /// $1 id.
    SUMMARY = "SELECT c.number, c.id, c.type, c.title, c.topic, c.history, c.removal, c.archived_at,
            c.left_at, c.purged,
            c.muted_until, c.pinned_at, c.hidden_at, c.marked_unread, c.last_read_seq, c.last_seq,
            c.floor_seq, c.known_seq, c.visible_from, c.active_at,
            (SELECT users.username FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = c.number AND c.type = 'p2p'
               AND users.id <> mirror.user_id LIMIT 1) AS peer_name,
            (SELECT CASE WHEN users.erased_at IS NOT NULL THEN 'erased'
                    WHEN users.deactivated_at IS NOT NULL THEN 'deactivated' ELSE 'active' END
             FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = c.number AND c.type = 'p2p'
               AND users.id <> mirror.user_id LIMIT 1) AS peer,
            (SELECT members.role FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = c.number AND users.id = mirror.user_id) AS role,
            drafts.body AS draft, drafts.reply_to AS draft_reply_to,
            messages.body, messages.deleted_at, users.username AS sender,
            users.id = mirror.user_id AS own
        FROM conversations AS c
        JOIN mirror ON mirror.only_row = 1
        LEFT JOIN messages ON messages.key = (c.number << 32) + c.last_seq
        LEFT JOIN users ON users.number = messages.sender
        LEFT JOIN drafts ON drafts.conversation_id = c.id
        WHERE c.id = $1";
    /// $1 limit.
    NEWEST = "SELECT id FROM conversations ORDER BY active_at DESC LIMIT $1";
}

/// Longest preview in the list, in characters.
const PREVIEW_CHARS: usize = 120;

/// A row of the conversation list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ConversationSummary {
    /// Which.
    pub id: ConversationId,
    /// p2p or group.
    pub kind: ConversationType,
    /// A group's title, or the other person's name.
    pub title: String,
    /// What a group is about.
    pub topic: String,
    /// What a group's new members see.
    pub history: HistoryVisibility,
    /// What whoever is removed from a group keeps.
    pub removal: Removal,
    /// Whether the other person of a direct message reads it; nothing for a group.
    pub peer: Option<PersonState>,
    /// Whether it can be read and no more.
    pub archived: bool,
    /// What I may do there.
    pub role: MemberRole,
    /// The newest message's beginning; empty if there is none or it was deleted.
    pub preview: String,
    /// Who wrote it; nothing if there is none.
    pub sender: Option<String>,
    /// Whether I wrote it.
    pub own: bool,
    /// When something was last said.
    pub active_at: Millis,
    /// Messages past the read position.
    pub unread: Count,
    /// Whether I want to come back to it.
    pub marked_unread: bool,
    /// The newest message's position.
    pub last_seq: Seq,
    /// Up to where I have read.
    pub last_read_seq: Seq,
    /// Whether I left it: then it can be read and no more.
    pub left: bool,
    /// Until when it makes no noise.
    pub muted_until: Option<Millis>,
    /// When I put it on top of the list.
    pub pinned_at: Option<Millis>,
    /// Whether I put it away, and nothing was said there since.
    pub hidden: bool,
    /// What I am writing there.
    pub draft: Option<Draft>,
    /// How many of my messages there wait or were refused.
    pub waiting: Count,
}

impl ConversationSummary {
    fn new(id: ConversationId, kind: ConversationType, title: String, active_at: Millis) -> Self {
        Self {
            id,
            kind,
            title,
            topic: String::new(),
            history: HistoryVisibility::Beginning,
            removal: Removal::Keep,
            peer: None,
            archived: false,
            role: MemberRole::Member,
            preview: String::new(),
            sender: None,
            own: false,
            active_at,
            unread: Count(0),
            marked_unread: false,
            last_seq: Seq(0),
            last_read_seq: Seq(0),
            left: false,
            muted_until: None,
            pinned_at: None,
            hidden: false,
            draft: None,
            waiting: Count(0),
        }
    }
}

impl Store {
    /// The conversations in which something was said last, newest first, at most `limit`.
    pub fn conversations(&self, limit: i64) -> Result<Vec<ConversationSummary>> {
        let ids: Vec<ConversationId> = self.mirror.read(|conn| {
            let mut statement = conn.prepare_cached(NEWEST)?;
            let ids = statement.query_map([limit], |row| Ok(ConversationId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })?;
        let mut summaries = self.conversations_by_id(&ids)?;
        let here: HashSet<_> = ids.into_iter().collect();
        let waiting = self.outbox.open_ops()?.into_iter().map(|op| op.op.conversation_id);
        let elsewhere: BTreeSet<_> = waiting.filter(|id| !here.contains(id)).collect();
        summaries.extend(self.conversations_by_id(&elsewhere.into_iter().collect::<Vec<_>>())?);
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.active_at));
        Ok(summaries)
    }

    /// These conversations as the list shows them; one that is not known is left out.
    pub fn conversations_by_id(&self, ids: &[ConversationId]) -> Result<Vec<ConversationSummary>> {
        let mut open: BTreeMap<ConversationId, Vec<OpenOp>> = BTreeMap::new();
        for op in self.outbox.open_ops()? {
            open.entry(op.op.conversation_id).or_default().push(op);
        }
        let mut local = self.outbox.with(drafts::all)?;
        self.mirror.read(|conn| {
            let mut summaries = Vec::with_capacity(ids.len());
            for id in ids {
                let ops = open.remove(id).unwrap_or_default();
                let begun = begun(conn, *id, &ops)?;
                let read = |row: &Row<'_>| summary(row, begun.as_ref());
                let found = conn.prepare_cached(SUMMARY)?.query_row([id.0], read).optional()?;
                let found = found.flatten();
                // The server says that it is between two people, and it cannot be.
                if let Some((held, summary)) = &found
                    && summary.kind == ConversationType::P2p
                    && !pairs::is_pair(conn, held.number, *id)?
                {
                    continue;
                }
                let (held, found) = found.unzip();
                let Some(mut summary) = found.or(begun) else { continue };
                for op in &ops {
                    overlay(conn, &mut summary, op)?;
                }
                if let Some(held) = held.filter(|_| !summary.left) {
                    summary.unread = unread::count(conn, held, summary.last_read_seq.0)?;
                }
                if let Some(local) = local.remove(id) {
                    summary.draft = local.shown();
                }
                summaries.push(summary);
            }
            Ok(summaries)
        })
    }
}

/// Nothing for a conversation whose own row has not come yet, unless it was begun here too.
fn summary(
    row: &Row<'_>,
    begun: Option<&ConversationSummary>,
) -> rusqlite::Result<Option<(Held, ConversationSummary)>> {
    let kind = ConversationType::parse(&row.get::<_, String>("type")?);
    let begun = begun.filter(|_| kind.is_none());
    let Some(kind) = kind.or(begun.map(|begun| begun.kind)) else {
        return Ok(None);
    };
    if row.get("purged")? {
        return Ok(None);
    }
    let is_set = |name| row.get::<_, Option<i64>>(name).map(|at| at.is_some());
    let time = |name| row.get::<_, Option<i64>>(name).map(|at| at.map(Millis));
    let last_seq = row.get("last_seq")?;
    let held = Held {
        number: row.get("number")?,
        floor: row.get("floor_seq")?,
        last: last_seq,
        known: row.get("known_seq")?,
        visible_from: row.get("visible_from")?,
    };
    let title = match kind {
        _ if begun.is_some() => begun.map(|begun| begun.title.clone()).unwrap_or_default(),
        ConversationType::P2p => row.get::<_, Option<String>>("peer_name")?.unwrap_or_default(),
        ConversationType::Group => row.get("title")?,
    };
    let begun_at = begun.map_or(Millis(0), |begun| begun.active_at);
    let (id, active_at) =
        (ConversationId(row.get("id")?), begun_at.max(Millis(row.get("active_at")?)));
    let is_deleted = is_set("deleted_at")?;
    let body: Option<Unpacked> = row.get("body")?;
    let history: String = row.get("history")?;
    let role: Option<String> = row.get("role")?;
    let summary = ConversationSummary {
        topic: row.get("topic")?,
        history: HistoryVisibility::parse(&history).unwrap_or(HistoryVisibility::Beginning),
        removal: state::removal(&row.get::<_, String>("removal")?),
        peer: match row.get::<_, Option<String>>("peer")? {
            Some(state) => Some(PersonState::parse(&state)),
            None => begun.and_then(|begun| begun.peer),
        },
        archived: is_set("archived_at")?,
        role: role
            .as_deref()
            .map_or(begun.map_or(MemberRole::Member, |begun| begun.role), members::role),
        preview: body.filter(|_| !is_deleted).map(|body| preview(&body.0)).unwrap_or_default(),
        sender: row.get("sender")?,
        own: row.get::<_, Option<bool>>("own")?.unwrap_or(false),
        marked_unread: row.get("marked_unread")?,
        last_seq: Seq(last_seq),
        last_read_seq: Seq(row.get("last_read_seq")?),
        left: is_set("left_at")?,
        muted_until: time("muted_until")?,
        pinned_at: time("pinned_at")?,
        hidden: time("hidden_at")?.is_some_and(|hidden_at| hidden_at >= active_at),
        draft: drafts::shown(row.get("draft")?, row.get("draft_reply_to")?),
        ..ConversationSummary::new(id, kind, title, active_at)
    };
    Ok(Some((held, summary)))
}

/// A conversation that was created here and that the server does not have yet.
/// Another device may have begun the same, and be writing there.
fn begun(
    conn: &Connection,
    id: ConversationId,
    ops: &[OpenOp],
) -> Result<Option<ConversationSummary>> {
    let begun = ops.iter().find_map(|op| {
        let Action::Create { kind, title, members, .. } = &op.op.action else { return None };
        let is_group = *kind == ConversationType::Group;
        let other = members.first().filter(|_| !is_group);
        let peer = other.map(|peer| users::state(conn, *peer).unwrap_or_default());
        let name = other.and_then(|peer| users::name(conn, *peer).ok());
        let title = if is_group { title.clone() } else { name? };
        let role = if is_group { MemberRole::Owner } else { MemberRole::Member };
        let summary = ConversationSummary::new(id, *kind, title, op.created_at);
        Some(ConversationSummary { role, peer, own: true, ..summary })
    });
    let Some(begun) = begun else { return Ok(None) };
    let draft = drafts::known_in(conn, id)?.and_then(drafts::Local::shown);
    Ok(Some(ConversationSummary { draft, ..begun }))
}

/// Shows what waits as if it were done.
fn overlay(conn: &Connection, summary: &mut ConversationSummary, open: &OpenOp) -> Result<()> {
    if let Action::Send { body, .. } = &open.op.action {
        if !messages::is_held(conn, MessageId(open.op.id.0))? {
            summary.waiting.0 += 1;
            summary.preview = preview(body);
            summary.sender = Some(String::new());
            summary.own = true;
            summary.active_at = summary.active_at.max(open.created_at);
            summary.hidden = false;
        }
        return Ok(());
    }
    if open.state == OpState::Refused {
        return Ok(());
    }
    match &open.op.action {
        Action::Read { seq, .. } => {
            summary.last_read_seq = summary.last_read_seq.max(*seq);
            summary.marked_unread = false;
        }
        Action::Leave => summary.left = true,
        Action::Transfer { .. } => summary.role = MemberRole::Administrator,
        Action::Rename { title } => summary.title.clone_from(title),
        Action::SetTopic { topic } => summary.topic.clone_from(topic),
        Action::SetHistory { history } => summary.history = *history,
        Action::SetRemoval { removal } => summary.removal = *removal,
        Action::Archive { on } => summary.archived = *on,
        Action::Mute { until } => summary.muted_until = *until,
        Action::Pin { on } => summary.pinned_at = on.then_some(open.created_at),
        Action::Hide { on } => summary.hidden = *on,
        Action::MarkUnread { on, from } => {
            summary.marked_unread = *on;
            if let Some(from) = from {
                summary.last_read_seq = summary.last_read_seq.min(Seq(from.0 - 1));
            }
        }
        _ => {}
    }
    Ok(())
}

/// One line of a message, without its marks. What is marks alone stays: an empty one says that it was deleted.
fn preview(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(PREVIEW_CHARS).collect();
    let plain = parlour_markup::plain(&line);
    if plain.is_empty() { line } else { plain }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_message_of_marks_alone_is_not_previewed_as_deleted() {
        for body in ["---", "```", "> ", "- [ ]", "#", "***\n"] {
            assert!(!super::preview(body).is_empty(), "{body:?}");
        }
        assert_eq!(super::preview("**so**\n`it` is"), "so it is");
    }
}

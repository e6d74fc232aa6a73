//! The checks of a run: at every moment, while faults are healed, and at the end.

mod accepted;
mod audience;
mod private_state;
mod received;

pub use accepted::accepted_messages_exist;
pub use audience::confirmed_before_sending;

use crate::private_state::{Marks, marks};
use crate::world::{Stage, World};
use parlour_client::{Delivery, Position, StoredSection};
use parlour_protocol::{ConversationId, Frame, MessageId, MessageRow, OpId, Row, StreamId, UserId};
use parlour_sync::Section;
use std::collections::{BTreeMap, BTreeSet};

/// More than the number of messages in any conversation of a run.
const ALL: i64 = 500;

/// Checks that devices are pushed only rows that their users may see.
pub fn may_see(world: &World, client: usize, frame: &Frame) -> Result<(), String> {
    let Frame::Change(page) = frame else { return Ok(()) };
    let user = world.clients[client].user;
    match page.stream {
        StreamId::Directory => Ok(()),
        StreamId::Account(owner) if owner == user => Ok(()),
        StreamId::Account(_) => {
            Err(format!("device {client} is pushed the account of another user"))
        }
        StreamId::Conversation(id) => {
            let Some((member, membership)) = world.servers.core.member(user, id) else {
                return Err(format!(
                    "device {client} is pushed a conversation of which it was never a member"
                ));
            };
            // If a node died before it told the others, they find out within 20 s.
            let is_long_ago = member.left_at.is_some_and(|left_at| world.now - left_at.0 > 25_000);
            if is_long_ago && page.from >= member.changed_seq {
                return Err(format!(
                    "device {client} is pushed messages from after it was removed"
                ));
            }
            let hidden = |row: &Row| {
                matches!(row, Row::Message(row) if row.seq.0 < membership.visible_from
                    && row.changed_seq > member.changed_seq)
            };
            let is_in = member.left_at.is_none() && world.now - member.joined_at.0 > 25_000;
            if is_in && page.rows.iter().any(hidden) {
                return Err(format!("device {client} is pushed messages from before it joined"));
            }
            Ok(())
        }
    }
}

/// Checks that waiting ops are sent while pulls fail, and that mirrors become complete while sends
/// fail.
pub fn stage(world: &World) -> Result<(), String> {
    match world.stage {
        Stage::NoPulls => outboxes(world),
        Stage::NoSends => mirrors(world, false),
        Stage::Complete => Ok(()),
    }
}

/// Checks everything, after all faults were healed and a quiet time.
pub fn end(world: &World) -> Result<(), String> {
    outboxes(world)?;
    server(world)?;
    messages(world)?;
    mirrors(world, true)?;
    purged(world)?;
    compared(world)?;
    received::check(world, rows)?;
    // A server that lies can delete a user's private state.
    if !world.server_lies {
        (0..world.clients.len()).try_for_each(|client| private_state::check(world, client))?;
    }
    if world.quiet_requests > 0 {
        return Err(format!("{} pulls and sends in the quiet time", world.quiet_requests));
    }
    Ok(())
}

/// Checks the notifications of every device at the end of a run.
pub fn notifications(world: &World) -> Result<(), String> {
    mirrors(world, false)?;
    world.clients.iter().try_for_each(|device| {
        let checked = device.check_notifications(world.now);
        checked.map_err(|wrong| format!("device {}: {wrong}", device.number))
    })
}

/// Checks that outboxes are empty, except for refused ops and those after them.
fn outboxes(world: &World) -> Result<(), String> {
    for device in &world.clients {
        let pending = device.session().outbox().map_err(text)?;
        let mut refused = BTreeSet::new();
        for item in pending {
            if matches!(item.delivery, Delivery::Refused { .. }) {
                refused.insert(item.conversation_id);
            } else if !refused.contains(&item.conversation_id) {
                return Err(format!("device {} still has {item:?}", device.number));
            }
        }
    }
    Ok(())
}

/// Checks that positions have no gaps, and that a pair has one conversation, with no other members.
fn server(world: &World) -> Result<(), String> {
    let core = &world.servers.core;
    let gaps = core.number(
        "SELECT count(*) AS number FROM conversations AS c
         WHERE c.last_seq <> (SELECT count(*) FROM messages AS m WHERE m.conversation_id = c.id)
            OR c.last_seq <> (SELECT coalesce(max(m.seq), 0) FROM messages AS m
                              WHERE m.conversation_id = c.id)",
    );
    if gaps > 0 {
        return Err(format!("{gaps} conversations have gaps"));
    }
    let duplicates = core.number(
        "SELECT count(*) AS number FROM (SELECT 1 FROM conversation_members AS a
         JOIN conversation_members AS b ON b.conversation_id = a.conversation_id
            AND a.user_id < b.user_id
         JOIN conversations AS c ON c.id = a.conversation_id AND c.type = 'p2p'
         GROUP BY a.user_id, b.user_id HAVING count(*) > 1)",
    );
    if duplicates > 0 {
        return Err(format!("{duplicates} pairs have two conversations"));
    }
    for (first, other) in pairs(&world.servers.users) {
        let id = ConversationId::p2p(first, other);
        let wrong_members = core.number(&format!(
            "SELECT count(*) AS number FROM conversations AS c
             LEFT JOIN conversation_members AS m ON m.conversation_id = c.id
             WHERE c.id = '{id}'
                AND (c.type <> 'p2p' OR m.user_id NOT IN ('{first}', '{other}'))"
        ));
        if wrong_members > 0 {
            return Err(format!("{id} is not of {first} and {other} alone"));
        }
    }
    Ok(())
}

/// Returns every pair of users.
fn pairs(users: &[UserId]) -> impl Iterator<Item = (UserId, UserId)> {
    let later = |index: usize| users.iter().skip(index + 1);
    users
        .iter()
        .enumerate()
        .flat_map(move |(index, first)| later(index).map(|other| (*first, *other)))
}

/// Checks that each accepted message exists exactly once, as its author left it, in the author's
/// order.
fn messages(world: &World) -> Result<(), String> {
    let mut on_server: BTreeMap<MessageId, (ConversationId, MessageRow)> = BTreeMap::new();
    let mut numbers: BTreeMap<String, MessageId> = BTreeMap::new();
    for user in &world.servers.users {
        for (id, _) in world.servers.core.conversations_of(*user) {
            for row in rows(world, *user, id)? {
                if let Some(other) = numbers.insert(row.body.clone(), row.id)
                    && other != row.id
                    && row.deleted_at.is_none()
                {
                    return Err(format!("{:?} exists twice", row.body));
                }
                on_server.insert(row.id, (id, row));
            }
        }
    }
    let mut last: BTreeMap<(usize, ConversationId), i64> = BTreeMap::new();
    for id in &world.ledger.order {
        let message = &world.ledger.messages[id];
        let device = &world.clients[message.client];
        let pending = device.store().pending_op(OpId(id.0)).map_err(text)?.is_some();
        // A user who was removed had to delete the message with its changes, and could not offer
        // them again after a restore.
        let is_forgotten = world.servers.purging.contains(&message.conversation);
        let Some((_, row)) = on_server.get(id) else {
            let everybody_left = world.servers.users.iter().all(|user| {
                let membership = world.servers.core.member(*user, message.conversation);
                membership.is_none_or(|(member, _)| member.left_at.is_some())
            });
            let hidden = exists_on_server(world, *id);
            if pending || message.is_deleted || everybody_left || hidden || is_forgotten {
                continue;
            }
            return Err(format!("{id} ({:?} of device {}) is lost", message.body, message.client));
        };
        let before = last.insert((message.client, message.conversation), row.seq.0);
        // A message sent to a restored server before anybody can prove the restore precedes those
        // that are sent again afterwards.
        let is_in_order = before.is_none_or(|before| before < row.seq.0);
        if !is_in_order && !world.servers.was_restored_undetected && !world.servers.has_lost {
            return Err(format!("{id} of device {} is out of order", message.client));
        }
        let changes = device.session().outbox().map_err(text)?;
        let waits = changes.iter().any(|item| item.conversation_id == message.conversation);
        let is_final = !waits && !is_forgotten && !message.is_refused;
        // A server that lies can bring back everything that it ever received.
        let is_undeleted = message.is_deleted && row.deleted_at.is_none() && !world.server_lies;
        if is_final && is_undeleted {
            return Err(format!("{id} was deleted and exists again"));
        }
        // A restored server may receive an earlier edit again after a later one that it has
        // already.
        if is_final
            && !message.is_deleted
            && row.deleted_at.is_none()
            && row.body != message.body
            && !world.servers.was_restored_undetected
        {
            return Err(format!("{id} says {:?} instead of {:?}", row.body, message.body));
        }
    }
    Ok(())
}

/// Checks that the devices of a user who was removed from a group and had to delete it have nothing of it
/// except ops that never reached the server.
fn purged(world: &World) -> Result<(), String> {
    for device in &world.clients {
        for id in &world.servers.purging {
            let membership = world.servers.core.member(device.user, *id);
            if !membership.is_some_and(|(_, membership)| membership.purged) {
                continue;
            }
            let page = device.session().timeline(*id, Position::Newest, ALL).map_err(text)?;
            let on_device: Vec<_> = page.items.iter().filter(|item| item.seq.is_some()).collect();
            let listed = device.session().conversations_by_id(&[*id]).map_err(text)?;
            let members = device.store().mirror.members(*id).map_err(text)?;
            let drafts = device.store().drafts_to_share().map_err(text)?;
            if !on_device.is_empty()
                || !listed.is_empty()
                || !members.is_empty()
                || drafts.contains(id)
            {
                return Err(format!(
                    "device {} still has of {id}: {on_device:?}, {listed:?}, {members:?}, {drafts:?}",
                    device.number
                ));
            }
        }
    }
    Ok(())
}

/// Checks that every stream equals the server's, and that nothing was repaired except what was
/// damaged on purpose.
fn compared(world: &World) -> Result<(), String> {
    for device in &world.clients {
        let wrong = |what: String| Err(format!("device {}: {what}", device.number));
        let repaired = device.store().mirror.repaired().map_err(text)?;
        if repaired > 0 && !device.was_damaged && !world.servers.was_restored_undetected {
            return wrong(format!("{repaired} rows were repaired that were not damaged"));
        }
        if device.has_stalled && !world.server_lies {
            return wrong("a response made no progress".into());
        }
        let core = &world.servers.core;
        let conversations = core.conversations_of(device.user);
        let own = [StreamId::Directory, StreamId::Account(device.user)].into_iter();
        let streams = own.chain(conversations.iter().map(|(id, _)| StreamId::Conversation(*id)));
        for section in streams.map(Section::State) {
            let stored = StoredSection::read(&device.store().mirror, section).map_err(text)?;
            let Some(stored) = stored else { return wrong(format!("{section:?} is missing")) };
            let (digest, rows) = world
                .servers
                .compare(device.user, &stored, &core.epoch())
                .map_err(|error| error.message)?;
            if !stored.is_same(&device.store().mirror, &digest).map_err(|error| error.message)? {
                return wrong(format!("{section:?} is not {rows:?}"));
            }
        }
        for (id, _) in conversations {
            let title =
                |row: Row| if let Row::Conversation(row) = row { Some(row.title) } else { None };
            let on_server = core.bootstrap(device.user, id, 1).map_err(|error| error.message)?;
            let on_server = on_server.rows.into_iter().find_map(title).unwrap_or_default();
            let on_device = device.session().conversations_by_id(&[id]).map_err(text)?;
            if let Some(on_device) = on_device
                .first()
                .filter(|on_device| !on_server.is_empty() && on_device.title != on_server)
            {
                return wrong(format!("{id} is called {:?}, not {on_server:?}", on_device.title));
            }
        }
    }
    Ok(())
}

/// Returns whether the server has the message, which no current member may see.
fn exists_on_server(world: &World, id: MessageId) -> bool {
    let sql = format!("SELECT count(*) AS number FROM messages WHERE id = '{id}'");
    world.servers.core.number(&sql) > 0
}

/// Returns the messages of a conversation that a user may see, the newest first.
fn rows(world: &World, user: UserId, id: ConversationId) -> Result<Vec<MessageRow>, String> {
    let all = world.servers.core.bootstrap(user, id, ALL).map_err(|error| error.message)?;
    let message = |row| if let Row::Message(row) = row { Some(row) } else { None };
    Ok(all.rows.into_iter().filter_map(message).collect())
}

/// Checks that every mirror equals what its user may see.
fn mirrors(world: &World, with_outbox: bool) -> Result<(), String> {
    for device in &world.clients {
        let wrong = |what: String| format!("device {}: {what}", device.number);
        let core = &world.servers.core;
        let on_device = device.session().conversations(ALL).map_err(text)?;
        let mut memberships = BTreeSet::new();
        for (id, _) in core.conversations_of(device.user) {
            memberships.insert(id);
            let Some(summary) = on_device.iter().find(|summary| summary.id == id) else {
                return Err(wrong(format!("{id} is missing")));
            };
            let page = device.session().timeline(id, Position::Newest, ALL).map_err(text)?;
            let (_, membership) = core.member(device.user, id).expect("a member");
            let seen: Vec<_> = page
                .items
                .iter()
                .filter_map(|item| {
                    let reactions =
                        item.reactions.iter().map(|r| (r.emoji.clone(), r.count.0)).collect();
                    let marks: Marks = (item.pinned, reactions);
                    Some((item.seq?.0, item.id, item.body.clone(), item.deleted, marks))
                })
                .collect();
            let pending = device.store().pending_ops().map_err(text)?;
            let is_changed = pending.iter().any(|pending| pending.op.conversation_id == id);
            let mut on_server: Vec<_> = rows(world, device.user, id)?
                .into_iter()
                .map(|row| {
                    let marks = marks(&row);
                    (row.seq.0, row.id, row.body, row.deleted_at.is_some(), marks)
                })
                .collect();
            on_server.reverse();
            let ids = |rows: &[(i64, MessageId, String, bool, Marks)]| -> Vec<_> {
                rows.iter().map(|(seq, id, ..)| (*seq, *id)).collect()
            };
            // A message with a waiting edit or deletion is already shown with it.
            let is_same =
                if is_changed { ids(&seen) == ids(&on_server) } else { seen == on_server };
            if !is_same {
                return Err(wrong(format!(
                    "{id} shows {seen:?}, and the server has {on_server:?}"
                )));
            }
            let is_read = summary.last_read_seq == membership.last_read_seq;
            if summary.left && !is_changed || (with_outbox && !is_changed && !is_read) {
                return Err(wrong(format!(
                    "its membership of {id} is {summary:?}, not {membership:?}"
                )));
            }
            // The members are already shown with waiting additions and removals.
            let members = match is_changed {
                true => device.store().mirror.members(id).map_err(text)?,
                false => device.session().members(id).map_err(text)?,
            };
            let members: BTreeSet<UserId> = members.into_iter().map(|m| m.id).collect();
            let is_member = |user: &&UserId| {
                core.member(**user, id).is_some_and(|(member, _)| member.left_at.is_none())
            };
            let on_server: BTreeSet<UserId> =
                world.servers.users.iter().filter(is_member).copied().collect();
            if members != on_server {
                return Err(wrong(format!("members of {id}: {members:?}, not {on_server:?}")));
            }
        }
        let extra =
            on_device.iter().find(|summary| !summary.left && !memberships.contains(&summary.id));
        if let Some(summary) = extra
            && !device
                .store()
                .pending_ops()
                .map_err(text)?
                .iter()
                .any(|pending| pending.op.conversation_id == summary.id)
        {
            return Err(wrong(format!("{} is shown, but is not on the server", summary.id)));
        }
    }
    Ok(())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

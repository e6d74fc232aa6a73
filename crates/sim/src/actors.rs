//! The actions of users, through the same session that the window uses; and those of their other
//! devices and of administrators.

use crate::client::Client;
use crate::ids::make_id;
use crate::ledger::{Ledger, SentMessage};
use crate::private_state;
use crate::rng::Rng;
use crate::server::Servers;
use parlour_client::{ConnectionState, Delivery};
use parlour_protocol::{
    Action, ConversationId, HistoryVisibility, MemberRole, MessageId, Millis, Op, OpId, Removal,
    UserId,
};

/// Performs one action of a device's user.
pub fn act(client: &Client, users: &[UserId], ledger: &mut Ledger, rng: &mut Rng) {
    let session = client.session();
    let Ok(conversations) = session.conversations(100) else { return };
    let ids: Vec<ConversationId> = conversations.iter().map(|summary| summary.id).collect();
    let conversation = rng.pick(&ids).copied();
    let other = rng.pick(users).copied().unwrap_or(client.user);
    ledger.actions += 1;
    let n = ledger.actions;
    match (rng.below(100), conversation) {
        (0..=3, _) | (_, None) if other != client.user => {
            let _ = session.create_p2p(other);
        }
        (4..=6, _) => {
            let _ = session.create_group(&format!("group {n}"), vec![other]);
        }
        (7..=51, Some(conversation)) => {
            let id = MessageId(make_id(0xffff, n));
            let more = if ledger.sends_long_messages {
                "at length, ".repeat(2_500)
            } else {
                String::new()
            };
            let body = format!("said {more}{n}");
            let shown = private_state::draft(client, conversation);
            let members_until = members_until(client, conversation);
            if session.send_message(conversation, id, &body).is_ok() {
                ledger.drafts.replaced(client.user, conversation, &shown, None);
                let message = SentMessage {
                    client: client.number,
                    conversation,
                    body,
                    is_deleted: false,
                    is_refused: false,
                    members_until,
                    is_sent: false,
                };
                ledger.messages.insert(id, message);
                ledger.order.push(id);
            }
        }
        (52..=61, Some(conversation)) => {
            if let Some(id) = pick_own_message(client, conversation, ledger, rng) {
                let body = format!("edited {n}");
                if session.edit_message(conversation, id, &body).is_ok()
                    && let Some(message) = ledger.messages.get_mut(&id)
                {
                    message.body = body;
                }
            }
        }
        (62..=67, Some(conversation)) => {
            if let Some(id) = pick_own_message(client, conversation, ledger, rng)
                && session.delete_message(conversation, id).is_ok()
                && let Some(message) = ledger.messages.get_mut(&id)
            {
                message.is_deleted = true;
            }
        }
        (68..=75, Some(conversation)) => {
            if let Some(summary) = conversations.iter().find(|summary| summary.id == conversation) {
                let _ = session.mark_read(conversation, summary.last_seq);
            }
        }
        (76..=78, Some(conversation)) => {
            if session.act(conversation, Action::AddMember { user_id: other }).is_ok() {
                ledger.added.insert((client.number, conversation, other));
            }
        }
        (79, Some(conversation)) => {
            let _ = session.act(conversation, Action::Leave);
        }
        (80..=97, Some(conversation)) => private_state::act(client, conversation, ledger, rng),
        _ => retry(client, ledger),
    }
}

/// Returns a message that was sent on this device and not deleted; `None` if there is none.
fn pick_own_message(
    client: &Client,
    conversation: ConversationId,
    ledger: &Ledger,
    rng: &mut Rng,
) -> Option<MessageId> {
    let is_own = |id: &&MessageId| {
        let message = &ledger.messages[*id];
        message.client == client.number
            && message.conversation == conversation
            && !message.is_deleted
    };
    let own_messages: Vec<MessageId> =
        ledger.order.iter().rev().filter(is_own).take(5).copied().collect();
    rng.pick(&own_messages).copied()
}

/// Returns when the newest member known to a user who writes offline joined; `None` if the device
/// is online.
fn members_until(client: &Client, conversation: ConversationId) -> Option<Millis> {
    match client.session().connection() {
        ConnectionState::Online | ConnectionState::Polling => None,
        _ => client.store().mirror.newest_member(conversation).ok().flatten(),
    }
}

/// Retries refused ops, which confirms that everyone who has joined may read them.
pub fn retry(client: &Client, ledger: &mut Ledger) {
    for item in client.session().outbox().unwrap_or_default() {
        if matches!(item.delivery, Delivery::Refused { .. })
            && client.session().retry(item.id).is_ok()
            && let Some(message) = ledger.messages.get_mut(&MessageId(item.id.0))
        {
            message.members_until = None;
        }
    }
}

/// Discards refused ops.
pub fn discard_refused(client: &Client, ledger: &mut Ledger) {
    for item in client.session().outbox().unwrap_or_default() {
        if !matches!(item.delivery, Delivery::Refused { .. }) {
            continue;
        }
        let changed = match client
            .store()
            .pending_op(item.id)
            .ok()
            .flatten()
            .map(|pending| pending.op.action)
        {
            Some(Action::Edit { message_id, .. } | Action::Delete { message_id }) => {
                Some(message_id)
            }
            _ => None,
        };
        if let Some(message) = changed.and_then(|id| ledger.messages.get_mut(&id)) {
            message.is_refused = true;
        }
        let _ = client.session().discard(item.id);
        if matches!(item.action, Action::Send { .. }) {
            ledger.messages.remove(&MessageId(item.id.0));
            ledger.order.retain(|id| id.0 != item.id.0);
        }
    }
}

/// Performs an action of a user who is not simulated: an attempt to take over an id, forged hints,
/// ended sessions, or a change to a group in the name of its owner.
pub fn interfere(servers: &mut Servers, now: i64, rng: &mut Rng, n: u64) {
    let users = servers.users.clone();
    let (attacker, one, other) = (rng.pick(&users), rng.pick(&users), rng.pick(&users));
    if let (Some(attacker), Some(one), Some(other)) = (attacker, one, other)
        && one != other
    {
        servers.claim_pair_id(*attacker, ConversationId::p2p(*one, *other), n, now);
    }
    if rng.permille(100)
        && let Some(user) = rng.pick(&users)
    {
        return servers.end_sessions(*user, n);
    }
    if rng.permille(200)
        && let Some(user) = rng.pick(&users)
        && let Some(other) = rng.pick(&users)
        && let Some((id, _)) = rng.pick(&servers.core.conversations_of(*other))
    {
        let node = usize::try_from(rng.below(servers.nodes.len() as i64)).expect("a node");
        return servers.forge_hints(node, (*user, *id), now);
    }
    let Some(owner) = rng.pick(&users).copied() else { return };
    let owned: Vec<ConversationId> = servers
        .core
        .conversations_of(owner)
        .into_iter()
        .map(|(id, _)| id)
        .filter(|id| {
            servers.core.member(owner, *id).is_some_and(|(row, _)| row.role == MemberRole::Owner)
        })
        .collect();
    let (Some(conversation_id), Some(user_id)) =
        (rng.pick(&owned).copied(), rng.pick(&users).copied())
    else {
        return;
    };
    let (remove, add) = (Action::RemoveMember { user_id }, Action::AddMember { user_id });
    let actions = match rng.below(11) {
        10 => vec![Action::SetRemoval { removal: Removal::Purge }, remove],
        0..=1 => vec![remove],
        2..=4 => vec![remove, add],
        5..=6 => vec![add],
        7 => vec![Action::SetHistory { history: HistoryVisibility::Joining }],
        8 => vec![Action::SetHistory { history: HistoryVisibility::Beginning }],
        _ => vec![Action::Rename { title: format!("named {n}") }],
    };
    for (second, action) in (0..).zip(actions) {
        let op = Op { id: OpId(make_id(9 + second, n)), conversation_id, action };
        if matches!(op.action, Action::SetRemoval { .. }) {
            servers.purging.insert(conversation_id);
        }
        // An action may be impossible, such as removing a user who is not a member. Errors are ignored.
        let _ = servers.act(owner, op, now);
    }
}

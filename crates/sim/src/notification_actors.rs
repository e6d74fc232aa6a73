//! The actions of users in the notifications scenario: they write messages for each cause, read on one of
//! their devices, open and close conversations, and choose levels.

use crate::client::{CAUSES, Client, KEYWORD};
use crate::ids::make_id;
use crate::rng::Rng;
use parlour_client::{ConversationSummary, OutgoingMessage, Position, SettingKey};
use parlour_protocol::{Action, ConversationId, MessageId, Millis, UserId};

/// The choices for one conversation.
const CHOICES: [&str; 5] =
    ["account", "all", "mentions", "nothing", "custom alert silent off alert alert off silent"];
const LEVELS: [&str; 3] = ["off", "silent", "alert"];

/// Performs one action of a device's user; `n` is the number of the action.
pub fn act(client: &mut Client, users: &[UserId], n: u64, rng: &mut Rng, now: i64) {
    let Ok(conversations) = client.session().conversations(100) else { return };
    let Some(row) = rng.pick(&conversations).cloned() else {
        let others: Vec<UserId> =
            users.iter().copied().filter(|user| *user != client.user).collect();
        let _ = client.session().create_group(&format!("group {n}"), others);
        return;
    };
    let session = client.session();
    let other = rng.pick(users).copied().filter(|other| *other != client.user);
    let _ = match rng.below(100) {
        0..=4 => other.map_or(Ok(()), |other| session.create_p2p(other).map(drop)),
        5..=54 => send(client, &row, users, n, rng),
        55..=61 => react(client, row.id, !n.is_multiple_of(4), rng),
        62..=67 => change(client, row.id, n, rng),
        68..=79 => session.mark_read(row.id, row.last_seq),
        80..=82 => {
            let until = n.is_multiple_of(2).then_some(Millis(9_000_000_000_000));
            session.act(row.id, Action::Mute { until })
        }
        83..=86 => {
            let level = rng.pick(&LEVELS).expect("three");
            session.set_setting(*rng.pick(&CAUSES).expect("seven"), None, level)
        }
        87..=89 => {
            let choice = rng.pick(&CHOICES).expect("five");
            session.set_setting(SettingKey::NotifyIn, Some(row.id), choice)
        }
        90 => {
            let words =
                if n.is_multiple_of(3) { String::new() } else { format!("[\"{KEYWORD}\"]") };
            session.set_setting(SettingKey::Keywords, None, &words)
        }
        91 => {
            let from = Some(row.last_seq);
            session.act(row.id, Action::MarkUnread { on: false, from })
        }
        92 => session.act(row.id, Action::Leave),
        93 => other.map_or(Ok(()), |user_id| session.act(row.id, Action::AddMember { user_id })),
        _ => {
            client.set_visible_conversation(n.is_multiple_of(2).then_some(row.id), now);
            Ok(())
        }
    };
}

fn send(
    client: &Client,
    row: &ConversationSummary,
    users: &[UserId],
    n: u64,
    rng: &mut Rng,
) -> parlour_client::Result<()> {
    let number = rng.below(i64::try_from(users.len()).expect("a few"));
    let body = match rng.below(10) {
        0 | 1 => format!("said {n} @person{number}"),
        2 => format!("said {n} @all"),
        3 => format!("said {n} {KEYWORD}"),
        _ => format!("said {n}"),
    };
    let newest = client.session().timeline(row.id, Position::Newest, 5)?.items;
    let ids: Vec<MessageId> =
        newest.iter().filter(|item| item.seq.is_some()).map(|item| item.id).collect();
    let reply_to = rng.pick(&ids).copied().filter(|_| rng.permille(200));
    let id = MessageId(make_id(0xffff, n));
    client
        .session()
        .send_message(row.id, id, OutgoingMessage { body, reply_to, files: Vec::new() })
        .map(drop)
}

/// Edits or deletes one of the user's own messages.
fn change(
    client: &Client,
    id: ConversationId,
    n: u64,
    rng: &mut Rng,
) -> parlour_client::Result<()> {
    let page = client.session().timeline(id, Position::Newest, 10)?;
    let own_messages: Vec<_> = page.items.iter().filter(|item| item.own && !item.deleted).collect();
    match rng.pick(&own_messages) {
        None => Ok(()),
        Some(item) if n.is_multiple_of(2) => {
            client.session().edit_message(id, item.id, &format!("edited {n}"))
        }
        Some(item) => client.session().delete_message(id, item.id),
    }
}

fn react(
    client: &Client,
    id: ConversationId,
    on: bool,
    rng: &mut Rng,
) -> parlour_client::Result<()> {
    let page = client.session().timeline(id, Position::Newest, 5)?;
    let sent: Vec<_> = page.items.iter().filter(|item| item.seq.is_some()).collect();
    match rng.pick(&sent) {
        None => Ok(()),
        Some(item) => {
            let emoji = "🎉".into();
            client.session().act(id, Action::React { message_id: item.id, emoji, on })
        }
    }
}

//! What people think of messages and keep for themselves, and what must hold of it: the same on all of
//! a person's devices, and nothing lost of what two of them wrote at once.

use crate::client::Client;
use crate::dice::Dice;
use crate::people::Ledger;
use crate::world::World;
use parlour_client::Position;
use parlour_protocol::{
    ConversationId, DraftRow, MembershipRow, MessageId, MessageRow, Millis, Pull, PullStream,
    PulledStream, Row, Seq, StreamId, UserId,
};
use std::collections::{BTreeMap, BTreeSet};

/// More than any run has of anything.
const ALL: i64 = 1000;

/// What was written and not replaced by somebody who saw it, as numbers in brackets.
#[derive(Default)]
pub struct Drafts(BTreeMap<(UserId, ConversationId), BTreeSet<String>>);

impl Drafts {
    /// Somebody replaced what they were shown.
    pub fn replaced(
        &mut self,
        user: UserId,
        place: ConversationId,
        shown: &str,
        new: Option<String>,
    ) {
        let alive = self.0.entry((user, place)).or_default();
        alive.retain(|written| !shown.contains(written));
        alive.extend(new);
    }
}

/// What a device shows as being written.
pub fn draft(client: &Client, place: ConversationId) -> String {
    let found = client.session().conversations_by_id(&[place]).unwrap_or_default();
    found.into_iter().next().and_then(|summary| summary.draft).unwrap_or_default().body
}

/// Lets a device's user do one such thing.
pub fn act(client: &Client, place: ConversationId, ledger: &mut Ledger, dice: &mut Dice) {
    let (session, n) = (client.session(), ledger.deeds);
    let Ok(page) = session.timeline(place, Position::Newest, 5) else { return };
    let ids: Vec<MessageId> = page.items.iter().map(|item| item.id).collect();
    let (on, message) = (dice.permille(600), dice.pick(&ids).copied());
    let _ = match (dice.below(17), message) {
        (0..=3, Some(id)) => session.react(place, id, dice.pick(&["👍", "🎉"]).expect("two"), on),
        (4, Some(id)) => session.pin_message(place, id, on),
        (5..=6, Some(id)) => session.save_message(place, id, on),
        (7, _) => session.mute(place, on.then_some(Millis(9_000_000_000_000))),
        (8, _) => session.pin(place, on),
        (9, _) => {
            session.mark_unread(place, on, (on && n % 2 == 0).then_some(Seq(1 + (n % 5) as i64)))
        }
        _ => {
            let (shown, new) = (draft(client, place), format!("<{n}>"));
            let (body, replaced) =
                if on { (new.clone(), &*shown) } else { (format!("{shown}{new}"), "") };
            let kept = session.set_draft(place, &body.into());
            if kept.is_ok() {
                ledger.drafts.replaced(client.user, place, replaced, Some(new));
                let _ = dice.permille(700) && session.share_draft(place).is_ok();
            }
            kept
        }
    };
}

/// Lets a device's user stop writing.
pub fn pause(client: &Client) {
    let _ = client.session().share_drafts();
}

/// What a member sees of a message beside what it says.
pub type Marks = (bool, Vec<(String, i64)>);

/// The same of a row.
pub fn marks(row: &MessageRow) -> Marks {
    let reactions = row.reactions.iter().map(|r| (r.emoji.clone(), r.count.0)).collect();
    (row.pinned_at.is_some(), reactions)
}

/// A device has what the server has of its user's own.
pub fn check(world: &World, client: usize) -> Result<(), String> {
    let device = &world.clients[client];
    let rows = account(world, device.user)?;
    let session = device.session();
    for (place, _) in world.servers.core.conversations_of(device.user) {
        let found = session.conversations_by_id(&[place]).map_err(|error| error.to_string())?;
        let Some(summary) = found.into_iter().next() else { continue };
        let pending = device.store().open_ops().map_err(|error| error.to_string())?;
        if pending.iter().any(|open| open.op.conversation_id == place) {
            continue;
        }
        let wrong = |what: String| Err(format!("device {client}, {place}: {what}"));
        let (_, there) = world.servers.core.member(device.user, place).expect("a member");
        let own = |row: &MembershipRow| (row.muted_until, row.pinned_at, row.marked_unread);
        let here = (summary.muted_until, summary.pinned_at, summary.marked_unread);
        if here != own(&there) {
            return wrong(format!("its place is {here:?}, not {:?}", own(&there)));
        }
        let shown = summary.draft.unwrap_or_default().body;
        let written = rows.iter().find_map(|row| match row {
            Row::Draft(DraftRow { conversation_id, body, .. }) if *conversation_id == place => {
                Some(body.clone())
            }
            _ => None,
        });
        let written = written.unwrap_or_default();
        if shown != written {
            return wrong(format!("the draft is {shown:?}, not {written:?}"));
        }
        let key = (device.user, place);
        let lost_power = world.clients.iter().any(|other| other.lost_power && other.user == key.0);
        let alive = world.ledger.drafts.0.get(&key).cloned().unwrap_or_default();
        // What the server did not take, because one was not a member then, is still on the device.
        let same = world.clients.iter().filter(|other| other.user == device.user);
        let local: Vec<String> = same.map(|other| draft(other, place)).collect();
        let is_kept = |one: &String| {
            written.contains(one.as_str()) || local.iter().any(|body| body.contains(one.as_str()))
        };
        // What it continues is counted anew by a server that was put back, before anybody can prove that; and
        // whoever was removed and is back may have had to delete it.
        let is_excused =
            lost_power || world.servers.was_deceived || world.servers.purging.contains(&place);
        let lost = alive.iter().find(|one| !is_kept(one) && !is_excused);
        if let Some(lost) = lost {
            return wrong(format!("{lost} was written, and the draft is {written:?}"));
        }
        saved(world, client, place, &rows)?;
    }
    Ok(())
}

fn saved(world: &World, client: usize, place: ConversationId, rows: &[Row]) -> Result<(), String> {
    let session = world.clients[client].session();
    let page = session.timeline(place, Position::Newest, ALL).map_err(|error| error.to_string())?;
    for item in page.items {
        let is_saved = rows.iter().any(
            |row| matches!(row, Row::Saved(row) if row.message_id == item.id && row.saved_at.is_some()),
        );
        if item.saved != is_saved {
            return Err(format!("device {client}: {} is saved: {}", item.id, item.saved));
        }
    }
    Ok(())
}

/// The rows of a person's account.
fn account(world: &World, user: UserId) -> Result<Vec<Row>, String> {
    let core = &world.servers.core;
    let stream = PullStream { stream: StreamId::Account(user), term: 0, since: Some(0) };
    let asked = Pull { epoch: core.epoch(), streams: vec![stream], bytes: None };
    let answer = core.pull(user, &asked, 100_000, ALL).map_err(|error| error.message)?;
    match answer.answers.into_iter().next() {
        Some(PulledStream::Page(page)) => Ok(page.rows),
        other => Err(format!("the account's rows are {other:?}")),
    }
}

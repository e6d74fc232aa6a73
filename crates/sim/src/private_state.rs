//! Reactions, saved messages, drafts and the like, through the session that the window uses.

use crate::client::Client;
use crate::ledger::Ledger;
use crate::rng::Rng;
use parlour_client::Position;
use parlour_protocol::{Action, ConversationId, MessageId, MessageRow, Millis, ProfileChange, Seq};

/// Returns the draft that a device shows.
pub fn draft(client: &Client, conversation: ConversationId) -> String {
    let found = client.session().conversations_by_id(&[conversation]).unwrap_or_default();
    found.into_iter().next().and_then(|summary| summary.draft).unwrap_or_default().body
}

/// Performs one such action of a device's user.
pub fn act(client: &Client, conversation: ConversationId, ledger: &mut Ledger, rng: &mut Rng) {
    let (session, n) = (client.session(), ledger.actions);
    let Ok(page) = session.timeline(conversation, Position::Newest, 5) else { return };
    let ids: Vec<MessageId> = page.items.iter().map(|item| item.id).collect();
    let (on, message) = (rng.permille(600), rng.pick(&ids).copied());
    let _ = match (rng.below(17), message) {
        (0..=3, Some(message_id)) => {
            let emoji = (*rng.pick(&["👍", "🎉"]).expect("two")).into();
            session.act(conversation, Action::React { message_id, emoji, on })
        }
        (4, Some(message_id)) => session.act(conversation, Action::PinMessage { message_id, on }),
        (5..=6, Some(message_id)) => session.act(conversation, Action::Save { message_id, on }),
        (7, _) => {
            let until = on.then_some(Millis(9_000_000_000_000));
            session.act(conversation, Action::Mute { until })
        }
        (8, _) if n % 3 == 0 => {
            let nothing = ProfileChange::default();
            session.set_profile(match on {
                true => ProfileChange { display_name: Some(format!("person {n}")), ..nothing },
                false => ProfileChange { about: Some(format!("since {n}")), ..nothing },
            })
        }
        (8, _) => session.act(conversation, Action::Pin { on }),
        (9, _) => {
            let from = (on && n % 2 == 0).then_some(Seq(1 + (n % 5) as i64));
            session.act(conversation, Action::MarkUnread { on, from })
        }
        _ => {
            let (shown, new) = (draft(client, conversation), format!("<{n}>"));
            let (body, replaced) =
                if on { (new.clone(), &*shown) } else { (format!("{shown}{new}"), "") };
            let result = session.set_draft(conversation, &body.into());
            if result.is_ok() {
                ledger.drafts.replaced(client.user, conversation, replaced, Some(new));
                let _ = rng.permille(700) && session.share_draft(conversation).is_ok();
            }
            result
        }
    };
}

/// Shares the drafts, as when a device's user stops writing.
pub fn share_drafts(client: &Client) {
    let _ = client.session().share_drafts();
}

/// The marks of a message that a member sees: whether it is pinned, and its reactions with their
/// numbers.
pub type Marks = (bool, Vec<(String, i64)>);

/// Returns the marks of a row.
pub fn marks(row: &MessageRow) -> Marks {
    let reactions = row.reactions.iter().map(|r| (r.emoji.clone(), r.count.0)).collect();
    (row.pinned_at.is_some(), reactions)
}

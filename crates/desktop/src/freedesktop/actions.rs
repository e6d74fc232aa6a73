//! The actions of a notification, by their names on the bus.

use crate::daemon::Chosen;
use crate::note::Note;
use crate::words::Words;

/// Opens the window; the name is defined by the specification.
const DEFAULT: &str = "default";
/// Replies within the notification; also the name of the daemon's capability for that (KDE).
pub const INLINE_REPLY: &str = "inline-reply";
const REPLY: &str = "reply";
const MARK_READ: &str = "mark-read";
const MUTE_HOUR: &str = "mute-hour";

/// Returns the actions of a notification: the name and the label of each.
pub fn actions<'a>(note: &Note, words: &'a Words, is_inline: bool) -> Vec<&'a str> {
    let mut actions = vec![DEFAULT, &words.open];
    if note.lead.is_some() {
        actions.extend([if is_inline { INLINE_REPLY } else { REPLY }, &words.reply]);
        actions.extend([MARK_READ, &words.mark_read, MUTE_HOUR, &words.mute_hour]);
    }
    actions
}

/// Returns the user's choice; `None` if the action was not offered.
pub fn chosen(action: &str, token: impl FnOnce() -> Option<String>) -> Option<Chosen> {
    match action {
        // Without a text field in the notification, the user replies in the window.
        DEFAULT | REPLY | INLINE_REPLY => Some(Chosen::Open { activation: token() }),
        MARK_READ => Some(Chosen::MarkRead),
        MUTE_HOUR => Some(Chosen::MuteHour),
        _ => None,
    }
}

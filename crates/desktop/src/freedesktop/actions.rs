//! The actions of a notification and their names on the bus.

use crate::content::NotificationContent;
use crate::daemon::NotificationAction;
use crate::texts::DesktopTexts;

/// Opens the window. The specification defines the name.
const DEFAULT: &str = "default";
/// Replies within the notification; also the name of the capability (KDE).
pub const INLINE_REPLY: &str = "inline-reply";
const REPLY: &str = "reply";
const MARK_READ: &str = "mark-read";
const MUTE_HOUR: &str = "mute-hour";

/// Returns the actions of a notification: the name and the label of each.
pub fn actions<'a>(
    content: &NotificationContent,
    texts: &'a DesktopTexts,
    is_inline: bool,
) -> Vec<&'a str> {
    let mut actions = vec![DEFAULT, &texts.open];
    if content.target.is_some() {
        actions.extend([if is_inline { INLINE_REPLY } else { REPLY }, &texts.reply]);
        actions.extend([MARK_READ, &texts.mark_read, MUTE_HOUR, &texts.mute_hour]);
    }
    actions
}

/// Returns the action with this name; `None` for an unknown name.
pub fn parse_action(
    name: &str,
    token: impl FnOnce() -> Option<String>,
) -> Option<NotificationAction> {
    match name {
        // Without a text field in the notification, the user writes the reply in the window.
        DEFAULT | REPLY | INLINE_REPLY => Some(NotificationAction::Open { activation: token() }),
        MARK_READ => Some(NotificationAction::MarkRead),
        MUTE_HOUR => Some(NotificationAction::MuteHour),
        _ => None,
    }
}

//! Carries out the action that the user chose in a notification.

use crate::content::MessageTarget;
use crate::daemon::NotificationAction;
use parlour_client::{Clock, Session, SystemClock};
use parlour_protocol::{Action, MessageId, Millis};

/// An hour in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// Carries out an action on a conversation's notification. `Open` does nothing here: the caller opens the window.
///
/// # Errors
/// Fails if a file cannot be written, or if the reply is not a valid message.
pub fn handle_action(
    session: &Session,
    target: &MessageTarget,
    action: &NotificationAction,
) -> parlour_client::Result<()> {
    match action {
        NotificationAction::Open { .. } => Ok(()),
        NotificationAction::Reply(text) => {
            let id = MessageId(SystemClock.id());
            session.send_message(target.conversation, id, text.as_str())?;
            session.mark_read(target.conversation, target.seq)
        }
        NotificationAction::MarkRead => session.mark_read(target.conversation, target.seq),
        NotificationAction::MuteHour => {
            let until = Some(Millis(SystemClock.now().0 + HOUR_MS));
            session.act(target.conversation, Action::Mute { until })
        }
    }
}

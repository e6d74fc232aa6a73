//! Carries out what the user chose in a notification.

use crate::daemon::Chosen;
use crate::note::Lead;
use parlour_client::{Clock, Session, SystemClock};
use parlour_protocol::{Action, MessageId, Millis};

/// An hour in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// Carries out what the user chose in the notification of a conversation, except opening it.
///
/// # Errors
/// Fails if a file cannot be written, or if a reply cannot be sent as it is.
pub fn answer(session: &Session, lead: &Lead, chosen: &Chosen) -> parlour_client::Result<()> {
    match chosen {
        Chosen::Open { .. } => Ok(()),
        Chosen::Reply(text) => {
            let id = MessageId(SystemClock.id());
            session.send_message(lead.conversation, id, text.as_str())?;
            session.mark_read(lead.conversation, lead.seq)
        }
        Chosen::MarkRead => session.mark_read(lead.conversation, lead.seq),
        Chosen::MuteHour => {
            let until = Some(Millis(SystemClock.now().0 + HOUR_MS));
            session.act(lead.conversation, Action::Mute { until })
        }
    }
}

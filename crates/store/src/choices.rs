//! Choices of the user that apply to all of their devices.

use crate::error::Result;
use crate::mirror::choices;
use crate::outbox::ops::OpState;
use crate::store::Store;
use parlour_protocol::{ConversationId, Echo};

impl Store {
    /// Returns the user's choice of this name from any of their devices, or the one that waits in the outbox.
    pub fn choice(&self, wanted: &str) -> Result<Option<String>> {
        let waiting = self.outbox.open_ops_in(ConversationId::NONE)?.into_iter().rev();
        let waiting = waiting.filter(|open| open.state != OpState::Refused).find_map(|open| {
            let Echo::Choice { name, value } = open.op.action.rules().echo else { return None };
            (name == wanted).then(|| value.to_owned())
        });
        if waiting.is_some() {
            return Ok(waiting);
        }
        self.mirror.read(|conn| Ok(choices::find(conn, wanted)?.map(|row| row.value)))
    }
}

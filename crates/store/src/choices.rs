//! What the user chose for all of their devices.

use crate::error::Result;
use crate::mirror::choices;
use crate::outbox::ops::OpState;
use crate::store::Store;
use parlour_protocol::{ConversationId, Echo};

impl Store {
    /// What the user chose under this name, on whichever device; as this one shows it.
    pub fn choice(&self, wanted: &str) -> Result<Option<String>> {
        let waiting = self.outbox.open_ops_in(ConversationId::NOWHERE)?.into_iter().rev();
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

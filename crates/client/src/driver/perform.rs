//! What each effect of the engine does here.

use super::Driver;
use super::requests::share_drafts;
use crate::effects;
use crate::error::Result;
use crate::notice::Notice;
use crate::socket::Outgoing;
use crate::status::Revocation;
use parlour_store::Changes;
use parlour_sync::{Connection, Effect, Input};
use std::time::Duration;
use tokio::task::block_in_place;

impl Driver {
    /// Does what the engine decided, in order. Answers effects if a new engine took over.
    pub(super) fn perform(&mut self, effects: &[Effect]) -> Result<Option<Vec<Effect>>> {
        let mut changes = Changes::default();
        let store = self.context.store.clone();
        let mut status = false;
        // What is about the files alone and stands side by side goes into one transaction.
        for effects in effects.chunk_by(|a, b| effects::is_local(a) && effects::is_local(b)) {
            match effects {
                [Effect::Connect] => self.connect(),
                [Effect::ConnectAnew] => {
                    self.context.http.cancel_all();
                    self.connect();
                }
                [Effect::Ping(number)] => self.context.shared.send(Outgoing::Ping(*number)),
                [Effect::FetchHeads { wm }] => {
                    self.fetch_heads(*wm, block_in_place(|| store.proof())?)
                }
                [Effect::Pull(asked)] => self.pull(asked.clone()),
                [Effect::FetchHistory(fetch)] => self.fetch_history(*fetch),
                [Effect::Send(id)] => self.send(*id),
                [Effect::Verify(place)] => self.verify(*place),
                [Effect::WakeAt(at)] => {
                    let at = u64::try_from(*at).unwrap_or(0);
                    self.wake_at = Some(self.began + Duration::from_millis(at));
                }
                [Effect::Connection(connection)] => {
                    self.note_connection(*connection);
                    status = true;
                }
                [Effect::BeginEpoch(epoch)] => {
                    changes.merge(block_in_place(|| store.begin_epoch(epoch))?);
                    self.context.notices.changed(changes);
                    let next = effects::engine(&store, rand::random())?;
                    let before = std::mem::replace(&mut self.engine, next);
                    return Ok(Some(self.engine.take_over(&before, self.now())));
                }
                of_files => changes.merge(block_in_place(|| effects::apply(&store, of_files))?),
            }
        }
        if effects.iter().any(effects::grants_membership) {
            share_drafts(&self.context);
        }
        if effects.iter().any(|effect| matches!(effect, Effect::ApplyHistory(_))) {
            self.input(Input::Limits(block_in_place(|| effects::limits(&store))?));
        }
        effects::reloads(&changes).for_each(|input| self.input(input));
        self.context.notices.changed(changes);
        if status {
            self.context.notices.tell(Notice::Status);
        }
        Ok(None)
    }

    /// Notes how the server is reached, and does what follows from that.
    fn note_connection(&mut self, connection: Connection) {
        self.context.shared.set_connection(connection.into());
        match connection {
            Connection::Online | Connection::Polling => share_drafts(&self.context),
            // The next try finds the proxy that there is then.
            Connection::Offline => self.context.http.forget_connections(),
            Connection::Revoked { wipe } => self.revoked = Some(Revocation { wipe }),
            _ => {}
        }
    }
}

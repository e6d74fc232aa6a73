//! Runs the sync with the network and the clock. It is thin, because everything worth testing is in
//! [`crate::step`] and in the engine.

mod notifications;
mod presence;
mod requests;

use crate::account_id::AccountId;
use crate::attachments::fetch as attachments;
use crate::context::Context;
use crate::context::shared::SyncState;
use crate::error::{Error, Result};
use crate::index;
use crate::notice::Notice;
use crate::notify::{DesktopNotifications, Notifier};
use crate::pictures::fetch;
use crate::presence::OwnPresence;
use crate::status::Revocation;
use crate::step::{Syncer, Task};
use crate::waking::{self, WakeDetector};
use parlour_protocol::{ErrorBody, ErrorCode, Frame};
use parlour_sync::{ConnectionStatus, Input};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel};
use tokio::task::{AbortHandle, JoinHandle, JoinSet, block_in_place};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

/// Pause before files that failed are used again.
const STORAGE_PAUSE: Duration = Duration::from_secs(5);

/// Interval at which the outbox is copied, and ops that were sent long ago are deleted from it.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Maximum number of frames that wait to be handled; until then no more are read from the network.
const FRAMES: usize = 64;

struct Driver {
    context: Context,
    syncer: Syncer,
    inputs: UnboundedSender<Input>,
    frames: Sender<Input>,
    tasks: JoinSet<()>,
    /// Fetches pictures and files until the driver ends.
    _fetches: JoinSet<()>,
    socket: Option<AbortHandle>,
    started_at: Instant,
    wake_at: Option<Instant>,
    revoked: Option<Revocation>,
    notifier: Notifier,
    own_presence: OwnPresence,
    changed: broadcast::Receiver<(AccountId, Notice)>,
}

/// Starts a driver, which ends when the returned task is aborted, or with the session.
pub fn start(context: Context) -> Result<JoinHandle<Option<Revocation>>> {
    // Creates the channel before reading the files: an op that is queued in between is in the channel, in the
    // files, or in both.
    let received = context.inputs.replace_channel();
    let (frames, frame_receiver) = channel(FRAMES);
    let mut fetches = JoinSet::new();
    context.pictures.set_online(false);
    fetches.spawn(fetch::run(context.clone()));
    context.fetches.set_online(false);
    fetches.spawn(attachments::run_requested(context.clone()));
    fetches.spawn(attachments::run_background(context.clone()));
    // The notifications of an earlier driver are obsolete.
    context.shared.set_desktop_notifications(DesktopNotifications::default());
    context.notices.send(Notice::DesktopNotifications);
    let driver = Driver {
        syncer: Syncer::open(context.local(), rand::random())?,
        inputs: context.inputs.sender(),
        changed: context.notices.subscribe(),
        notifier: Notifier::default(),
        own_presence: OwnPresence::default(),
        context,
        frames,
        tasks: JoinSet::new(),
        _fetches: fetches,
        socket: None,
        started_at: Instant::now(),
        wake_at: None,
        revoked: None,
    };
    Ok(tokio::spawn(driver.run(received, frame_receiver)))
}

impl Driver {
    async fn run(
        mut self,
        mut received: UnboundedReceiver<Input>,
        mut frame_receiver: Receiver<Input>,
    ) -> Option<Revocation> {
        self.step(Input::Started).await;
        let local = self.context.local();
        self.tasks.spawn(async move { index::rebuild_if_outdated(&local) });
        let mut daily = tokio::time::interval(DAY);
        let mut wake_checks = tokio::time::interval(waking::INTERVAL);
        wake_checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waking = WakeDetector::new(self.context.clock.now(), waking::local_addresses());
        while self.revoked.is_none() {
            let notifications_due_at = self.notifications_due_at();
            let shared = self.context.shared.clone();
            // In this order, so that an input that arrived before its deadline is handled before the deadline.
            tokio::select! {
                biased;
                input = received.recv() => match input {
                    Some(input) => self.step(input).await,
                    None => break,
                },
                Some(frame) = frame_receiver.recv() => self.step(frame).await,
                () = sleep_until(self.wake_at.unwrap_or_else(Instant::now)), if self.wake_at.is_some() => {
                    self.wake_at = None;
                    self.step(Input::Woke).await;
                }
                Some(_) = self.tasks.join_next() => {}
                changed = self.changed.recv() => self.handle_notice(changed),
                () = shared.desktop_changed.notified() => self.handle_desktop_change(),
                () = sleep_until(notifications_due_at.unwrap_or_else(Instant::now)),
                    if notifications_due_at.is_some() => self.update_notifications(),
                _ = wake_checks.tick() => {
                    if waking.check(self.context.clock.now(), waking::local_addresses()) {
                        self.step(Input::CheckConnection).await;
                    }
                    self.send_presence();
                }
                _ = daily.tick() => self.maintain_outbox(),
            }
        }
        self.revoked
    }

    fn maintain_outbox(&self) {
        if let Err(error) =
            block_in_place(|| self.context.store.maintain_outbox(self.context.clock.now()))
        {
            tracing::error!(%error, "the outbox could not be copied");
        }
    }

    fn now(&self) -> i64 {
        i64::try_from(self.started_at.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Takes a step of the sync. If the files fail, it pauses and then restarts from the stored state.
    async fn step(&mut self, input: Input) {
        let reason = reason(&input);
        let is_hello = matches!(input, Input::Frame(Frame::Hello { .. }));
        let mut result = self.syncer.handle(input, self.now());
        if let Some(reason) = reason {
            self.set_reason(reason);
        }
        while let Err(error) = result.and_then(|()| self.finish()) {
            if matches!(error, Error::Store(parlour_store::Error::Closed)) {
                tracing::debug!("the account is being closed");
            } else {
                tracing::error!(%error, "the account's files failed; trying again");
            }
            self.set_storage_error(Some(error.code()));
            tokio::time::sleep(STORAGE_PAUSE).await;
            result = self.syncer.restart(self.now());
        }
        self.announce();
        if is_hello {
            self.send_initial_presence();
        }
        self.notify();
    }

    /// Carries out the tasks of a step, in order.
    fn finish(&mut self) -> Result<()> {
        while let Some(task) = block_in_place(|| self.syncer.next_task())? {
            match task {
                Task::Write(write) => {
                    let now = self.now();
                    block_in_place(|| self.syncer.write(&write, now))?;
                }
                Task::Request(request) => self.request(request),
            }
        }
        Ok(())
    }

    /// Stores why there is no connection, or no socket; it is announced with the connection state that
    /// follows. While polling, the blocked socket stays the reason, whatever else fails.
    fn set_reason(&self, error: Option<ErrorBody>) {
        let connection = self.syncer.engine().connection();
        if error.as_ref().is_none_or(|error| is_reason_for(error, connection)) {
            self.context.shared.change(|state| state.reason = error.map(|error| error.problem()));
        }
    }

    /// Announces the results of a step.
    fn announce(&self) {
        let engine = self.syncer.engine();
        let (resets, is_comparing) = (engine.resets(), engine.is_comparing());
        let failing_streams = engine.failing_streams();
        let update = |state: &mut SyncState| {
            (state.resets, state.is_comparing, state.failing_streams) =
                (resets, is_comparing, failing_streams);
        };
        if self.context.shared.change(update) {
            self.context.notices.send(Notice::Status);
        }
    }

    fn set_storage_error(&self, storage_error: Option<ErrorCode>) {
        if self.context.shared.change(|state| state.storage_error = storage_error) {
            self.context.notices.send(Notice::Status);
        }
    }
}

/// Returns what an input means for the reason for having no connection: `None` if nothing, `Some(None)`
/// if there is a connection, otherwise the error.
fn reason(input: &Input) -> Option<Option<ErrorBody>> {
    match input {
        Input::Disconnected(error) | Input::Heads(_, Err(error)) => Some(Some(error.clone())),
        Input::Frame(Frame::Hello { .. }) => Some(None),
        _ => None,
    }
}

/// Returns whether an error is the reason for the state of the connection.
fn is_reason_for(error: &ErrorBody, connection: ConnectionStatus) -> bool {
    connection != ConnectionStatus::Polling || error.code == ErrorCode::NoWebsocket
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_polling_the_reason_is_the_blocked_socket() {
        let error = |code| ErrorBody::new(code, "");
        for code in [ErrorCode::RateLimited, ErrorCode::Offline, ErrorCode::Internal] {
            assert!(!is_reason_for(&error(code), ConnectionStatus::Polling), "{code:?}");
            assert!(is_reason_for(&error(code), ConnectionStatus::Offline), "{code:?}");
        }
        for connection in [ConnectionStatus::Polling, ConnectionStatus::Connecting] {
            assert!(is_reason_for(&error(ErrorCode::NoWebsocket), connection));
        }
    }
}

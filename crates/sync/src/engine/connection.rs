//! Connecting to the server: opening connections, probing them, and giving up dead ones.

use super::Engine;
use crate::backoff::Backoff;
use crate::link::{Link, PROBE_MS, Probe, Socket, is_no_answer};
use crate::now::Now;
use crate::port::{ConnectionStatus, Effect};
use parlour_protocol::{ErrorBody, ErrorClass, ErrorCode};

impl Engine {
    pub(super) fn connect(&mut self, effects: &mut Vec<Effect>) {
        self.link.socket = Socket::Opening;
        // While polling works, attempts to open a socket are not shown.
        if !self.link.polls {
            self.set_connection(ConnectionStatus::Connecting, effects);
        }
        effects.push(Effect::Connect);
    }

    /// Opens a closed socket again, once that is due.
    pub(super) fn reconnect_if_due(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.link.socket == Socket::Closed && self.link.reconnect.is_due(now) {
            self.connect(effects);
        }
    }

    /// Gives up a connection that did not answer a probe in time. Called only once no other input
    /// waits to be handled: the response may be in the queue, behind a slow input.
    pub(super) fn give_up_if_silent(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.has_given_up() && self.link.probe.is_some_and(|probe| probe.deadline <= now) {
            let (pings, reconnect) = (self.link.pings, self.link.reconnect);
            let socket = Socket::Opening;
            self.link = Link { socket, polls: false, probe: None, pings, reconnect };
            self.heads_requested_at = None;
            self.set_connection(ConnectionStatus::Connecting, effects);
            effects.push(Effect::Reconnect);
        }
    }

    /// Extends a probe that has timed out if a frame from the socket was handled only now: the
    /// pong arrives after it.
    pub(super) fn record_received(&mut self, now: Now) {
        if self.link.socket == Socket::Open
            && let Some(probe) = &mut self.link.probe
            && probe.deadline <= now
        {
            probe.deadline = now + PROBE_MS;
        }
    }

    /// Retries everything at once. Existing connections are probed: those that do not respond soon
    /// are given up.
    pub(super) fn check_connection(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.link.reconnect.retry_now();
        self.heads_backoff.retry_now();
        self.lanes.retry_now();
        if self.has_given_up() {
            return;
        }
        if self.link.socket == Socket::Closed {
            self.connect(effects);
            if !self.link.polls {
                return;
            }
        }
        if self.link.polls || self.link.is_blocked() {
            (self.heads_needed, self.heads_requested_at) = (true, None);
        }
        self.set_connection(ConnectionStatus::Connecting, effects);
        if self.link.probe.is_none() {
            self.link.pings += 1;
            let ping = self.link.pings;
            self.link.probe = Some(Probe { ping, deadline: now + PROBE_MS });
            if self.link.socket == Socket::Open {
                effects.push(Effect::Ping(ping));
            }
        }
    }

    /// Handles the server's answer to a ping (pong): the socket is alive, unless the pong is for an
    /// earlier ping.
    pub(super) fn pong(&mut self, ping: u64, effects: &mut Vec<Effect>) {
        let is_expected = self.link.probe.is_some_and(|probe| probe.ping == ping);
        if is_expected && self.link.socket == Socket::Open && !self.has_given_up() {
            self.link.probe = None;
            self.set_connection(ConnectionStatus::Online, effects);
        }
    }

    /// Handles the server's Hello.
    pub(super) fn hello_received(&mut self, effects: &mut Vec<Effect>) {
        self.link = Link { socket: Socket::Open, pings: self.link.pings, ..Link::default() };
        self.set_connection(ConnectionStatus::Online, effects);
    }

    pub(super) fn disconnected(&mut self, error: &ErrorBody, now: Now, effects: &mut Vec<Effect>) {
        match error.code.class() {
            ErrorClass::SignIn | ErrorClass::Outdated => self.stop_if_revoked(error, effects),
            ErrorClass::Retry | ErrorClass::Resync | ErrorClass::Refused => {
                if self.has_given_up() {
                    return;
                }
                if self.link.polls {
                    // The next request, sent at once, will show whether the server is available.
                    self.close_socket(error.retry_after_ms, now);
                    self.heads_needed = true;
                } else if error.code == ErrorCode::NoWebsocket {
                    self.link.socket = Socket::Blocked;
                    (self.heads_needed, self.heads_requested_at) = (true, None);
                    self.heads_backoff.retry_now();
                    self.set_connection(ConnectionStatus::Connecting, effects);
                } else {
                    self.link.probe = None;
                    self.set_connection(ConnectionStatus::Offline, effects);
                    self.close_socket(error.retry_after_ms, now);
                }
            }
        }
    }

    fn close_socket(&mut self, retry_after_ms: Option<i64>, now: Now) {
        self.link.socket = Socket::Closed;
        self.link.reconnect.record_failure(now, retry_after_ms, &mut self.jitter);
    }

    /// Records that the server answered a request: without a socket, that counts as a connection.
    pub(super) fn request_succeeded(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.has_given_up() {
            return;
        }
        if self.link.is_blocked() {
            self.link.polls = true;
            self.close_socket(None, now);
            self.streams.retry_now();
            self.lanes.retry_now();
        }
        if self.link.polls {
            self.link.probe = None;
            self.set_connection(ConnectionStatus::Polling, effects);
        }
    }

    /// Records that the server did not answer a request, or answered with an error: without a socket,
    /// that may mean that there is no connection.
    pub(super) fn request_failed(
        &mut self,
        error: &ErrorBody,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        if self.has_given_up() {
            return;
        }
        if self.link.is_blocked() {
            self.link.probe = None;
            self.set_connection(ConnectionStatus::Offline, effects);
            self.close_socket(error.retry_after_ms, now);
        } else if self.link.polls && is_no_answer(error.code) {
            (self.link.polls, self.link.probe) = (false, None);
            if self.link.socket == Socket::Closed {
                self.set_connection(ConnectionStatus::Offline, effects);
                self.link.reconnect = Backoff::default();
                self.close_socket(error.retry_after_ms, now);
            } else {
                self.set_connection(ConnectionStatus::Connecting, effects);
            }
        }
    }

    /// Replaces an engine whose epoch has ended, and takes over its connection.
    pub fn take_over(&mut self, previous: &Self, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.link = previous.link.clone();
        self.set_connection(previous.connection, &mut effects);
        self.heads_needed = true;
        self.push_due(now, &mut effects);
        effects
    }

    pub(super) fn has_given_up(&self) -> bool {
        use ConnectionStatus::{Outdated, Revoked, SignedOut};
        matches!(self.connection, SignedOut | Revoked { .. } | Outdated)
    }
}

//! A device's pending call.

use crate::wire::Wire;
use parlour_client::step::CallKind;
use parlour_sync::Input;
use std::pin::Pin;

/// The future that resolves to the input for the engine.
pub type Future = Pin<Box<dyn std::future::Future<Output = Input> + Send>>;

/// A call that waits for the response to its current request.
pub struct Waiting {
    /// What it requests.
    pub kind: CallKind,
    /// The time at which it started.
    pub since: i64,
    /// The wire on which its requests are made.
    pub wire: Wire,
    /// The code that handles the responses.
    pub future: Future,
}

impl Waiting {
    /// Returns whether it is part of sending an op.
    pub fn is_send(&self) -> bool {
        matches!(self.kind, CallKind::Send(_))
    }

    /// Returns whether its response is passed to the engine before anything is written.
    pub fn is_fetch(&self) -> bool {
        match self.kind {
            CallKind::Heads { .. } | CallKind::Pull { .. } | CallKind::History { .. } => true,
            CallKind::Send(_) | CallKind::Verify(_) => false,
        }
    }
}

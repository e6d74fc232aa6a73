//! The channel from the rest of the client to the driver.

use parlour_sync::Input;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Sends inputs to the current driver. An input may be sent to a newer driver than the one that ran when it was created.
/// Clones share the channel.
#[derive(Clone)]
pub struct Inputs(Arc<Mutex<UnboundedSender<Input>>>);

impl Inputs {
    /// Creates a sender, and the receiver of its inputs.
    pub fn new() -> (Self, UnboundedReceiver<Input>) {
        let (sender, receiver) = unbounded_channel();
        (Self(Arc::new(Mutex::new(sender))), receiver)
    }

    /// Sends an input. While no driver runs, it is dropped, because the next driver starts from the
    /// files.
    pub fn send(&self, input: Input) {
        let _ = self.sender().send(input);
    }

    /// Returns whether no driver runs.
    pub fn is_closed(&self) -> bool {
        self.sender().is_closed()
    }

    /// Creates a new channel: the returned receiver gets all inputs from now on.
    pub(crate) fn replace_channel(&self) -> UnboundedReceiver<Input> {
        let (sender, receiver) = unbounded_channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sender;
        receiver
    }

    pub(crate) fn sender(&self) -> UnboundedSender<Input> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

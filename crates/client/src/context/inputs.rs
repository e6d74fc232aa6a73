//! What the rest of the client tells the driver.

use parlour_sync::Input;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The way from the rest of the client to whichever driver runs: what was done before a new driver began
/// may be sent after. Clones share it.
#[derive(Clone)]
pub struct Inputs(Arc<Mutex<UnboundedSender<Input>>>);

impl Inputs {
    /// A sender, and the receiver of what it sends.
    pub fn new() -> (Self, UnboundedReceiver<Input>) {
        let (sender, receiver) = unbounded_channel();
        (Self(Arc::new(Mutex::new(sender))), receiver)
    }

    /// Sends an input. Nobody receives it while no driver runs; the next one begins from the files.
    pub fn send(&self, input: Input) {
        let _ = self.sender().send(input);
    }

    /// Whether no driver runs.
    pub fn is_closed(&self) -> bool {
        self.sender().is_closed()
    }

    /// Makes a new channel: what is sent from here on comes out of this receiver.
    pub(crate) fn renew(&self) -> UnboundedReceiver<Input> {
        let (sender, receiver) = unbounded_channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sender;
        receiver
    }

    pub(crate) fn sender(&self) -> UnboundedSender<Input> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

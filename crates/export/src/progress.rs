//! The progress of an export, and its cancellation.

use crate::error::{Error, Result};
use std::ops::ControlFlow;

/// How much of an export is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Number of messages that were read.
    pub done: u64,
    /// Number of messages to read, about; 0 until it is known.
    pub total: u64,
}

/// Reports the progress to the caller, who may cancel.
pub(crate) struct Reporter<'a> {
    progress: Progress,
    report: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl<'a> Reporter<'a> {
    pub fn new(report: &'a mut dyn FnMut(Progress) -> ControlFlow<()>) -> Self {
        Self { progress: Progress::default(), report }
    }

    /// Sets the number of messages to read.
    pub fn set_total(&mut self, total: u64) {
        self.progress.total = total;
    }

    /// Reports that more messages were read. Messages that arrived meanwhile are not counted.
    ///
    /// # Errors
    /// Fails with [`Error::Cancelled`].
    pub fn advance(&mut self, messages: u64) -> Result<()> {
        let done = self.progress.done.saturating_add(messages);
        self.progress.done = done.min(self.progress.total);
        self.check()
    }

    /// Reports the same progress again, in the middle of long work.
    ///
    /// # Errors
    /// Fails with [`Error::Cancelled`].
    pub fn check(&mut self) -> Result<()> {
        match (self.report)(self.progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Cancelled),
        }
    }
}

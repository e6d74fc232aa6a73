//! How much of an export is written, and how much is to come.

use super::error::ExportError;

/// The number of bytes that a message takes, about, before any is written.
const MESSAGE_BYTES: u64 = 400;

/// The progress of an export.
pub struct Progress<'a> {
    /// Receives the number of bytes that are written, and their estimated total; returns false to cancel.
    report: &'a mut dyn FnMut(u64, u64) -> bool,
    /// Number of messages in all, including deleted ones.
    messages: u64,
    /// Estimated number of bytes of all files.
    file_bytes: u64,
    done_messages: u64,
    written_text: u64,
    written_files: u64,
}

impl<'a> Progress<'a> {
    /// Creates the progress of an export of about so many messages and bytes of files.
    pub fn new(
        report: &'a mut dyn FnMut(u64, u64) -> bool,
        (messages, file_bytes): (u64, u64),
    ) -> Self {
        Self { report, messages, file_bytes, done_messages: 0, written_text: 0, written_files: 0 }
    }

    /// Adds a message that was handled.
    pub fn add_message(&mut self) {
        self.done_messages += 1;
    }

    /// Adds bytes of text that were written.
    pub fn add_text(&mut self, bytes: usize) {
        self.written_text += bytes as u64;
    }

    /// Adds bytes of files that were written.
    pub fn add_file(&mut self, bytes: usize) {
        self.written_files += bytes as u64;
    }

    /// Reports the progress.
    ///
    /// # Errors
    /// Fails if the export is cancelled.
    pub fn check(&mut self) -> Result<(), ExportError> {
        let (written, total) = (self.written(), self.total());
        if (self.report)(written, total) { Ok(()) } else { Err(ExportError::Stopped) }
    }

    /// Returns the number of bytes that were written.
    pub fn written(&self) -> u64 {
        self.written_text.saturating_add(self.written_files)
    }

    /// Returns the estimated number of bytes that are still to be written, at least 1.
    pub fn missing_bytes(&self) -> u64 {
        (self.total() - self.written()).max(1)
    }

    /// Returns the estimated number of bytes of the whole export, at least those that were written.
    fn total(&self) -> u64 {
        let all = u128::from(self.messages.max(self.done_messages));
        let text = match self.done_messages {
            0 => all * u128::from(MESSAGE_BYTES),
            done => u128::from(self.written_text) * all / u128::from(done),
        };
        let text = u64::try_from(text).unwrap_or(u64::MAX).max(self.written_text);
        text.saturating_add(self.file_bytes.max(self.written_files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_estimated_from_the_messages_so_far() {
        let mut reports = Vec::new();
        let mut report = |done: u64, total: u64| {
            reports.push((done, total));
            reports.len() < 3
        };
        let mut progress = Progress::new(&mut report, (100, 5000));
        progress.check().unwrap();
        for _ in 0..50 {
            progress.add_message();
            progress.add_text(10);
        }
        progress.add_file(6000);
        progress.check().unwrap();
        assert_eq!((progress.written(), progress.missing_bytes()), (6500, 500));
        assert!(matches!(progress.check(), Err(ExportError::Stopped)));
        assert_eq!(reports, [(0, 45_000), (6500, 7000), (6500, 7000)]);
    }

    #[test]
    fn an_export_without_messages_still_needs_a_byte() {
        let mut report = |_: u64, _: u64| true;
        assert_eq!(Progress::new(&mut report, (0, 0)).missing_bytes(), 1);
    }
}

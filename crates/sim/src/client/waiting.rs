//! A device's unanswered question.

use crate::wire::Wire;
use parlour_client::step::Question;
use parlour_sync::Input;
use std::pin::Pin;

/// The future that resolves to the input for the engine.
pub type Future = Pin<Box<dyn std::future::Future<Output = Input> + Send>>;

/// A question that waits for an answer to its current request.
pub struct Waiting {
    /// The question.
    pub question: Question,
    /// The time at which it was asked.
    pub since: i64,
    /// The wire on which its requests are made.
    pub wire: Wire,
    /// The code that handles the answers.
    pub future: Future,
}

impl Waiting {
    /// Returns whether it is part of sending an op.
    pub fn is_send(&self) -> bool {
        matches!(self.question, Question::Send(_))
    }

    /// Returns whether its answer is passed to the engine before anything is written.
    pub fn is_fetch(&self) -> bool {
        match self.question {
            Question::Heads { .. } | Question::Pull { .. } | Question::History { .. } => true,
            Question::Send(_) | Question::Verify(_) => false,
        }
    }
}

//! A question of a device on its way.

use crate::wire::Wire;
use parlour_client::step::Question;
use parlour_sync::Input;
use std::pin::Pin;

/// What will be said to the engine.
pub type Future = Pin<Box<dyn std::future::Future<Output = Input> + Send>>;

/// A question that waits for an answer to its request.
pub struct Waiting {
    /// What is asked.
    pub question: Question,
    /// When it was asked.
    pub since: i64,
    /// Where its requests are made.
    pub wire: Wire,
    /// What is made of the answers.
    pub future: Future,
}

impl Waiting {
    /// Whether it is part of sending an op.
    pub fn is_send(&self) -> bool {
        matches!(self.question, Question::Send(_))
    }

    /// Whether what is made of its answers is the engine's to decide.
    pub fn is_fetch(&self) -> bool {
        match self.question {
            Question::Heads { .. } | Question::Pull { .. } | Question::History { .. } => true,
            Question::Send(_) | Question::Verify(_) => false,
        }
    }
}

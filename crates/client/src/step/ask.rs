//! What the engine wants to know of the server, or to be done there, and what is made of the answers.

use super::server::{Answer, Server};
use super::{compare, history, send, state};
use crate::context::files::Files;
use parlour_protocol::OpId;
use parlour_sync::{Fetch, Input, Section};

/// A question of an engine. It may take several requests, and what the server answers may be written to the files
/// before the engine hears what came of it.
pub struct Ask {
    files: Files,
    epoch: String,
    question: Question,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Which streams have moved.
    Heads {
        /// Since this watermark.
        wm: i64,
        /// What the server vouched for it with.
        proof: String,
    },
    /// What streams lack.
    Pull {
        /// Of each.
        fetches: Vec<Fetch>,
        /// Most bytes of rows of an answer.
        bytes: usize,
    },
    /// Older messages.
    History {
        /// Which.
        fetch: Fetch,
        /// Most bytes of rows of an answer.
        bytes: usize,
    },
    /// That an op is done.
    Send(OpId),
    /// Whether a part of the mirror is what it must be.
    Verify(Section),
}

impl Ask {
    pub(super) fn new(files: Files, epoch: String, question: Question) -> Self {
        Self { files, epoch, question }
    }

    /// What is asked.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// In which epoch it is asked.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Asks a server, does to the files what follows from its answers, and says what the engine is to hear.
    pub async fn answer(self, server: &impl Server) -> Input {
        let Self { files, epoch, question } = self;
        match question {
            Question::Heads { wm, proof } => Input::Heads(wm, server.heads(wm, &proof).await),
            Question::Pull { fetches, bytes } => {
                let answer = state::pull(server, &fetches, &epoch, bytes).await;
                Input::Pulled(fetches, answer)
            }
            Question::History { fetch, bytes } => {
                Input::History(fetch, history::pages(server, &fetch, &epoch, bytes).await)
            }
            Question::Send(id) => Input::Sent(id, send::op(&files, server, id, &epoch).await),
            Question::Verify(section) => {
                let compared: Answer<Option<i64>> =
                    compare::compare(&files, server, section, &epoch).await;
                Input::Verified(section, compared)
            }
        }
    }
}

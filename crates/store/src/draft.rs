//! Drafts, as both the mirror and the outbox store them.

use parlour_protocol::MessageId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is being written in a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// The text.
    pub body: String,
    /// The message that the draft replies to.
    pub reply_to: Option<MessageId>,
}

impl<T: Into<String>> From<T> for Draft {
    fn from(body: T) -> Self {
        Self { body: body.into(), reply_to: None }
    }
}

/// A draft with the number of the server's change on which it is based; 0 if there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BasedDraft {
    pub draft: Draft,
    pub based_on: i64,
}

impl BasedDraft {
    /// Returns the draft as its user sees it; `None` if it was emptied.
    pub fn visible(self) -> Option<Draft> {
        visible(Some(self.draft.body), self.draft.reply_to.map(|id| id.0))
    }
}

/// Returns a draft as its user sees it; `None` if it was emptied.
pub(crate) fn visible(body: Option<String>, reply_to: Option<Uuid>) -> Option<Draft> {
    let reply_to = reply_to.map(MessageId);
    body.filter(|body| !body.is_empty() || reply_to.is_some()).map(|body| Draft { body, reply_to })
}

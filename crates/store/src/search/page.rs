//! What is looked for, and what is answered.

use parlour_protocol::{ConversationId, MessageId, Millis, Seq};
use serde::{Deserialize, Serialize};

/// The conversations that are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "in", content = "id", rename_all = "camelCase")]
pub enum Scope {
    /// In all conversations.
    Everywhere,
    /// In one.
    Conversation(ConversationId),
}

/// Which hits come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum SearchOrder {
    /// The newest.
    #[default]
    Newest,
    /// The best of the 400 newest.
    Best,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// As it was typed; docs/search.md has the grammar.
    pub text: String,
    /// The conversations that are searched.
    pub scope: Scope,
    /// Which hits come first.
    pub order: SearchOrder,
    /// The hit after which to go on; nothing for the first page.
    pub before: Option<SearchPlace>,
}

impl Search {
    /// The newest hits of what was typed.
    pub fn new(text: &str, scope: Scope) -> Self {
        Self { text: text.into(), scope, order: SearchOrder::Newest, before: None }
    }

    /// The same, in every conversation.
    pub fn everywhere(text: &str) -> Self {
        Self::new(text, Scope::Everywhere)
    }
}

/// A place among the hits, which are in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchPlace {
    /// When the message was sent.
    pub sent_at: Millis,
    /// The conversation that it is in.
    pub conversation_id: ConversationId,
    /// Its position there.
    pub seq: Seq,
}

/// A piece of a snippet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SnippetPart {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub mark: bool,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// The message's id.
    pub id: MessageId,
    /// The conversation that it is in.
    pub conversation_id: ConversationId,
    /// Its position there; nothing while it waits to be sent.
    pub seq: Option<Seq>,
    /// The name of who wrote it.
    pub sender: String,
    /// When it was sent; of one that waits, when it was written.
    pub sent_at: Millis,
    /// What it says around the words.
    pub snippet: Vec<SnippetPart>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    /// At most as many as were asked for, and those that wait to be sent.
    pub hits: Vec<SearchHit>,
    /// Up to where was looked: there may be more before it. With it a page may also be short, because
    /// what fits is rare among much that looks alike.
    pub next: Option<SearchPlace>,
}

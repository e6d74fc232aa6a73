//! The parameters of a search, and its results.

use parlour_protocol::{ConversationId, MessageId, Millis, Seq};
use serde::{Deserialize, Serialize};

/// The conversations that are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "in", content = "id", rename_all = "camelCase")]
pub enum Scope {
    /// All conversations.
    Everywhere,
    /// One conversation.
    Conversation(ConversationId),
}

/// The order of the hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum SearchOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Best match first, among the 400 newest.
    Best,
}

/// The parameters of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// The query as it was typed; docs/search.md describes the grammar.
    pub text: String,
    /// The conversations that are searched.
    pub scope: Scope,
    /// The order of the hits.
    pub order: SearchOrder,
    /// The hit after which the page starts; `None` for the first page.
    pub before: Option<SearchPlace>,
}

impl Search {
    /// Returns a search for the newest hits of `text`.
    pub fn new(text: &str, scope: Scope) -> Self {
        Self { text: text.into(), scope, order: SearchOrder::Newest, before: None }
    }

    /// Returns a search for the newest hits of `text` in every conversation.
    pub fn everywhere(text: &str) -> Self {
        Self::new(text, Scope::Everywhere)
    }
}

/// A position among the hits, which are in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchPlace {
    /// The time at which the message was sent.
    pub sent_at: Millis,
    /// The conversation that it is in.
    pub conversation_id: ConversationId,
    /// Its position in the conversation.
    pub seq: Seq,
}

/// A piece of a snippet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SnippetPart {
    /// The text.
    pub text: String,
    /// Whether the text matches the query.
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
    /// Its position in the conversation; `None` while it waits to be sent.
    pub seq: Option<Seq>,
    /// The name of its author.
    pub sender: String,
    /// The time at which it was sent or, if it waits, when it was written.
    pub sent_at: Millis,
    /// The part of its text around the matches.
    pub snippet: Vec<SnippetPart>,
}

/// A page of hits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    /// The hits: at most as many as were requested, and those that wait to be sent.
    pub hits: Vec<SearchHit>,
    /// The position up to which candidates were examined: there may be more hits before it. If it
    /// is set, the page may still be short, because matches are rare among many similar messages.
    pub next: Option<SearchPlace>,
}

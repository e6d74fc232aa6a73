//! A list of groups as it is stored in a column: their ids, separated by spaces. A group may no longer
//! exist.

use parlour_protocol::ConversationId;

/// Formats a list of groups as a column's text.
pub fn format(groups: &[ConversationId]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Parses a column's text. Ignores what is not an id.
pub fn parse(text: &str) -> Vec<ConversationId> {
    text.split(' ').filter_map(|id| id.parse().ok().map(ConversationId)).collect()
}

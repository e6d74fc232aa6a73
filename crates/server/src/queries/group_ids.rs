//! A list of groups as it is stored in a column: their ids, separated by spaces. A group may no longer
//! exist.

use parlour_protocol::ConversationId;

/// Formats a list of groups for a column.
pub fn text(groups: &[ConversationId]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Parses the groups in a column.
pub fn read(text: &str) -> Vec<ConversationId> {
    text.split(' ').filter_map(|id| id.parse().ok().map(ConversationId)).collect()
}

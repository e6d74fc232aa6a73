//! Some groups as a column holds them: their ids, with spaces between. A group may be gone since.

use parlour_protocol::ConversationId;

/// Returns the column of these groups.
pub fn text(groups: &[ConversationId]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Returns the groups in a column.
pub fn read(text: &str) -> Vec<ConversationId> {
    text.split(' ').filter_map(|id| id.parse().ok().map(ConversationId)).collect()
}

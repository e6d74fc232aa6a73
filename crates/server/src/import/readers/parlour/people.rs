//! People and conversations.

use super::super::super::input::json::Fields;
use super::super::super::records::{
    Conversation, ConversationDetails, ConversationKind, ExportedMember, Person,
};
use super::super::time::millis;
use super::ids::id;
use super::section::Section;
use parlour_protocol::{HistoryVisibility, MemberRole, Millis, Removal};
use serde_json::Value;

/// Returns whether a field has a value.
pub fn has(line: &Value, field: &str) -> bool {
    line.get(field).is_some_and(|value| !value.is_null())
}

/// Returns the time in a field.
pub fn time(line: &Value, field: &str) -> Option<Millis> {
    line.int(field).and_then(millis)
}

/// Returns the person in a line; `None` if it has no valid id. Their role on that server is not taken.
pub fn person(line: &Value, section: &Section) -> Option<Person> {
    let key = section.key(id(line, "id")?);
    // An account that was erased there has no name of its own any more.
    let is_erased = has(line, "erasedAt");
    let text = |field: &str| line.text(field).unwrap_or_default().to_owned();
    let username = if is_erased { String::new() } else { text("username") };
    let name = line.text("displayName").or_else(|| line.text("name")).unwrap_or_default();
    Some(Person {
        key,
        is_listed: !username.is_empty(),
        username,
        name: name.into(),
        about: text("about"),
        time_zone: text("timeZone"),
        ..Person::default()
    })
}

/// Returns the conversation in a line; `None` if it has no valid id.
pub fn conversation(line: &Value, section: &Section) -> Option<Conversation> {
    let key = section.key(id(line, "id")?);
    let mut members: Vec<ExportedMember> =
        line.list("members").iter().filter_map(|item| member(item, section)).collect();
    // The owner first, who becomes its creator.
    members.sort_by_key(|member| member.role != MemberRole::Owner);
    let present = members.iter().filter(|member| member.left_at.is_none());
    let present: Vec<String> = present.map(|member| member.person.clone()).collect();
    let is_direct = line.text("kind") == Some("p2p") && !present.is_empty();
    let details = ConversationDetails {
        history: line.text("history").and_then(HistoryVisibility::parse),
        removal: line.text("removal").and_then(Removal::parse),
        members,
    };
    Some(Conversation {
        key,
        title: line.text("title").unwrap_or_default().into(),
        topic: line.text("topic").unwrap_or_default().into(),
        kind: if is_direct { ConversationKind::Direct } else { ConversationKind::Private },
        members: present,
        created_at: time(line, "createdAt"),
        is_archived: has(line, "archivedAt"),
        archived_at: time(line, "archivedAt"),
        // Without members, everybody who wrote in it becomes one.
        details: (!details.members.is_empty()).then(|| Box::new(details)),
        ..Conversation::default()
    })
}

fn member(item: &Value, section: &Section) -> Option<ExportedMember> {
    let joined_at = time(item, "joinedAt");
    let left_at =
        has(item, "leftAt").then(|| time(item, "leftAt").or(joined_at).unwrap_or_default());
    Some(ExportedMember {
        person: section.key(id(item, "person")?),
        role: item.text("role").and_then(MemberRole::parse).unwrap_or(MemberRole::Member),
        joined_at: joined_at.unwrap_or_default(),
        left_at,
    })
}

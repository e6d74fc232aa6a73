//! Creates the conversations of an export and their memberships.

use super::super::records::{Conversation, ConversationDetails};
use super::direct::{fits, pair};
use super::memberships::{add_described_member, is_or_was_member};
use super::state::{ExportedConversation, State};
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::{join, make_owner};
use crate::queries::{conversations, import_runs, members, streams, users};
use parlour_protocol::{
    ConversationId, ConversationRow, ConversationType, MemberRole, Millis, StreamId, UserId,
    limits, text,
};

/// Adds a conversation of the export to the state, and creates it if its members are known.
pub async fn add_conversation(
    tx: &Tx,
    state: &mut State,
    exported: Conversation,
    now: Millis,
) -> Result<(), ApiError> {
    let key = exported.key.clone();
    if state.conversations.contains_key(&key) {
        return Ok(());
    }
    let mut members = Vec::new();
    for member in &exported.members {
        members.push(state.people.find_or_create(tx, member, now).await?.0);
    }
    let at = exported.created_at.unwrap_or(now);
    let details = exported.details.clone();
    state.conversations.insert(key.clone(), ExportedConversation::new(exported));
    if let Some(details) = details {
        return add_with_details(tx, state, &key, (&members, &*details), at).await;
    }
    let Some(first) = members.first().copied() else { return Ok(()) };
    let id = find_or_create_conversation(tx, state, &key, (first, &members), at).await?;
    for user in members {
        add_member(tx, state, &key, id, user, at).await?;
    }
    Ok(())
}

/// Returns the id of a conversation of the export here. Creates it, with the first person as its creator, if there is
/// none yet. `members` are those that the export lists, which decides whether it is a direct conversation; who wrote in
/// it does not.
pub async fn find_or_create_conversation(
    tx: &Tx,
    state: &mut State,
    key: &str,
    (creator, members): (UserId, &[UserId]),
    now: Millis,
) -> Result<ConversationId, ApiError> {
    let (source, run) = (state.source.clone(), state.origin.run);
    let entry = state.conversations.entry(key.to_owned()).or_insert_with(|| {
        let exported =
            Conversation { key: key.to_owned(), title: key.to_owned(), ..Conversation::default() };
        ExportedConversation::new(exported)
    });
    if let Some(id) = entry.id {
        return Ok(id);
    }
    let group_id = source.conversation(key);
    let mut pair = pair(&entry.source, members);
    if pair.is_some() {
        let found = conversations::find(tx, group_id).await?;
        // An earlier export, which did not show whose it is, made it a group.
        pair = pair.filter(|_| found.is_none_or(|found| found.row.kind == ConversationType::P2p));
    }
    let id = pair.map_or(group_id, |(a, b)| ConversationId::p2p(a, b));
    (entry.id, entry.pair) = (Some(id), pair);
    state.stored_ids.insert(id);
    if let Some(found) = conversations::find(tx, id).await? {
        entry.stored_kind = found.row.kind;
        entry.is_new = found.member_count == 0 && is_removed(tx, id).await?;
        if entry.is_new {
            restore(tx, found.row, &entry.source, now).await?;
        }
        import_runs::add_conversation(tx, run, id, entry.is_new).await?;
        return Ok(id);
    }
    entry.is_new = true;
    import_runs::add_conversation(tx, run, id, true).await?;
    let exported = &entry.source;
    let changed_seq = streams::advance(tx, StreamId::Conversation(id)).await?;
    let (kind, title) = match pair {
        Some(_) => (ConversationType::P2p, String::new()),
        None => (ConversationType::Group, title(exported, id)),
    };
    let row =
        ConversationRow { changed_seq, ..ConversationRow::new(id, kind, title, creator, now) };
    conversations::insert(tx, &row).await?;
    entry.stored_kind = row.kind;
    if pair.is_none() {
        let changed = with_settings(&row, exported, now);
        if changed != row {
            conversations::update(tx, &changed).await?;
        }
    }
    Ok(id)
}

/// Returns whether undoing an import has removed a conversation.
async fn is_removed(tx: &Tx, id: ConversationId) -> Result<bool, ApiError> {
    let marks = import_runs::of_conversation(tx, id).await?;
    Ok(marks.iter().any(|mark| mark.is_removed))
}

/// Makes a conversation that was removed by undoing an import again as it is in the export, without members.
async fn restore(
    tx: &Tx,
    removed: ConversationRow,
    exported: &Conversation,
    now: Millis,
) -> Result<(), ApiError> {
    let id = removed.id;
    import_runs::mark_conversation(tx, id, false).await?;
    if removed.kind == ConversationType::P2p {
        return Ok(());
    }
    let changed_seq = streams::advance(tx, StreamId::Conversation(id)).await?;
    let title = title(exported, id);
    let row = ConversationRow { title, archived_at: None, changed_seq, ..removed };
    conversations::update(tx, &with_settings(&row, exported, now)).await?;
    Ok(())
}

/// Returns the row of a group with the exported settings.
fn with_settings(row: &ConversationRow, exported: &Conversation, now: Millis) -> ConversationRow {
    let details = exported.details.as_deref();
    let archived_at = exported.archived_at.unwrap_or(now);
    ConversationRow {
        topic: topic(&exported.topic),
        archived_at: exported.is_archived.then_some(archived_at),
        history: details.and_then(|details| details.history).unwrap_or(row.history),
        removal: details.and_then(|details| details.removal).unwrap_or(row.removal),
        ..row.clone()
    }
}

/// Creates a conversation, if there is none yet, and adds the members that the export describes.
async fn add_with_details(
    tx: &Tx,
    state: &mut State,
    key: &str,
    (members, details): (&[UserId], &ConversationDetails),
    at: Millis,
) -> Result<(), ApiError> {
    let mut described = Vec::new();
    for member in &details.members {
        described.push(state.people.find_or_create(tx, &member.person, member.joined_at).await?.0);
    }
    let first = members.first().or(described.first()).copied();
    let Some(first) = first else { return Ok(()) };
    let id = find_or_create_conversation(tx, state, key, (first, &described), at).await?;
    for member in &details.members {
        add_described_member(tx, state, key, (id, member)).await?;
    }
    Ok(())
}

/// Returns a valid title: the exported one, the key, or else the id.
fn title(exported: &Conversation, id: ConversationId) -> String {
    for candidate in [&exported.title, &exported.key] {
        let title = text::clean_title(candidate);
        if text::check_title(&title).is_ok() {
            return title;
        }
    }
    id.to_string()
}

fn topic(exported: &str) -> String {
    let topic: String = text::plain_line(exported).chars().take(limits::TOPIC_CHARS).collect();
    if text::check_topic(&topic).is_ok() { topic.trim().to_owned() } else { String::new() }
}

/// Adds a member, unless they are or were one already, or are none of the two people of a direct conversation.
pub async fn add_member(
    tx: &Tx,
    state: &mut State,
    key: &str,
    id: ConversationId,
    user: UserId,
    now: Millis,
) -> Result<(), ApiError> {
    let Some(entry) = state.conversations.get_mut(key) else { return Ok(()) };
    // The export lists all of its members, so who wrote in it is none by that.
    if entry.source.details.is_some() {
        return Ok(());
    }
    if !entry.members.insert(user) || is_or_was_member(tx, id, user).await? {
        return Ok(());
    }
    if !fits(tx, entry, id, user).await? {
        return Ok(());
    }
    let kind = entry.stored_kind;
    state.origin.record(tx, [user]).await?;
    let changed_seq = streams::advance(tx, StreamId::Conversation(id)).await?;
    join(tx, (id, kind), user, MemberRole::Member, now, changed_seq).await.map(drop)
}

/// Adds the people with these usernames to every imported group. The first of them becomes the owner of groups
/// without one.
pub async fn add_requested_members(
    tx: &Tx,
    state: &State,
    usernames: &[String],
    now: Millis,
) -> Result<(), ApiError> {
    for (index, username) in usernames.iter().enumerate() {
        let user = users::by_username(tx, username).await?;
        let user =
            user.ok_or_else(|| ApiError::not_found(&format!("person as {username}")))?.row.id;
        for id in &state.stored_ids {
            let found = conversations::find(tx, *id).await?;
            if found.is_none_or(|found| found.row.kind == ConversationType::P2p) {
                continue;
            }
            if !is_or_was_member(tx, *id, user).await? {
                let changed_seq = streams::advance(tx, StreamId::Conversation(*id)).await?;
                let group = (*id, ConversationType::Group);
                join(tx, group, user, MemberRole::Member, now, changed_seq).await?;
            }
            // A group needs an owner, and imported people cannot sign in.
            if index == 0 && !members::has_owner(tx, *id).await? {
                make_owner(tx, *id, user).await?;
            }
        }
    }
    Ok(())
}

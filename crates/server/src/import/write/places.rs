//! The conversations of an export, and who is in them.

use super::super::form::{Conversation, Kind};
use super::state::{Place, State};
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::{join, make_owner};
use crate::queries::{conversations, members, streams, users};
use parlour_protocol::{
    ConversationId, ConversationRow, ConversationType, MemberRole, Millis, StreamId, UserId,
    limits, text,
};
use std::collections::{BTreeSet, HashSet};

/// Takes in what the export tells of a conversation, and makes it if it is known who is in it.
pub async fn place(
    tx: &Tx,
    state: &mut State,
    told: Conversation,
    now: Millis,
) -> Result<(), ApiError> {
    let key = told.key.clone();
    if state.places.contains_key(&key) {
        return Ok(());
    }
    let mut present = Vec::new();
    for member in &told.members {
        present.push(state.people.find_or_create(tx, member, now).await?.0);
    }
    let at = told.created_at.unwrap_or(now);
    state.places.insert(key.clone(), Place { told, id: None, members: HashSet::new() });
    let Some(first) = present.first().copied() else { return Ok(()) };
    let id = ensure(tx, state, &key, (first, &present), at).await?;
    for user in present {
        add_member(tx, state, &key, id, user, at).await?;
    }
    Ok(())
}

/// Returns what a conversation of the export is here, which is made by its first person if it is not there.
pub async fn ensure(
    tx: &Tx,
    state: &mut State,
    key: &str,
    (first, present): (UserId, &[UserId]),
    now: Millis,
) -> Result<ConversationId, ApiError> {
    let source = state.source.clone();
    let place = state.places.entry(key.to_owned()).or_insert_with(|| {
        let told =
            Conversation { key: key.to_owned(), title: key.to_owned(), ..Conversation::default() };
        Place { told, id: None, members: HashSet::new() }
    });
    if let Some(id) = place.id {
        return Ok(id);
    }
    let two: BTreeSet<UserId> = present.iter().copied().collect();
    let is_pair = place.told.kind == Kind::Direct && (1..=2).contains(&two.len());
    let pair = two.first().copied().zip(two.last().copied()).filter(|_| is_pair);
    let id = pair.map_or_else(|| source.conversation(key), |(a, b)| ConversationId::p2p(a, b));
    place.id = Some(id);
    state.touched.insert(id);
    if conversations::find(tx, id).await?.is_some() {
        return Ok(id);
    }
    let told = &place.told;
    let changed_seq = streams::advance(tx, StreamId::Conversation(id)).await?;
    let (kind, title) = match pair {
        Some(_) => (ConversationType::P2p, String::new()),
        None => (ConversationType::Group, title(told, id)),
    };
    let made = ConversationRow { changed_seq, ..ConversationRow::new(id, kind, title, first, now) };
    conversations::insert(tx, &made).await?;
    let topic = topic(&told.topic);
    let archived_at = told.is_archived.then_some(now);
    if pair.is_none() && (!topic.is_empty() || archived_at.is_some()) {
        conversations::update(tx, &ConversationRow { topic, archived_at, ..made }).await?;
    }
    Ok(id)
}

/// Returns a title as it may be: of one line, and not empty.
fn title(told: &Conversation, id: ConversationId) -> String {
    for wanted in [&told.title, &told.key] {
        let title = text::clean_title(wanted);
        if text::check_title(&title).is_ok() {
            return title;
        }
    }
    id.to_string()
}

fn topic(told: &str) -> String {
    let topic: String = text::plain_line(told).chars().take(limits::TOPIC_CHARS).collect();
    if text::check_topic(&topic).is_ok() { topic.trim().to_owned() } else { String::new() }
}

/// Makes somebody a member, unless they are or were one.
pub async fn add_member(
    tx: &Tx,
    state: &mut State,
    key: &str,
    id: ConversationId,
    user: UserId,
    now: Millis,
) -> Result<(), ApiError> {
    let Some(place) = state.places.get_mut(key) else { return Ok(()) };
    if !place.members.insert(user) || members::find(tx, id, user).await?.is_some() {
        return Ok(());
    }
    let found = conversations::find(tx, id).await?;
    let kind = found.map_or(ConversationType::Group, |found| found.row.kind);
    let is_pair = kind == ConversationType::P2p;
    let is_of_pair = place.told.members.len() <= 2 && place.members.len() <= 2;
    if is_pair && !is_of_pair {
        return Ok(());
    }
    let changed_seq = streams::advance(tx, StreamId::Conversation(id)).await?;
    join(tx, (id, kind), user, MemberRole::Member, now, changed_seq).await.map(drop)
}

/// Makes people members of every group that was imported; the first of them looks after those that nobody owns.
pub async fn own_all(tx: &Tx, state: &State, also: &[String], now: Millis) -> Result<(), ApiError> {
    for (index, username) in also.iter().enumerate() {
        let user = users::by_username(tx, username).await?;
        let user =
            user.ok_or_else(|| ApiError::not_found(&format!("person as {username}")))?.row.id;
        for id in &state.touched {
            let found = conversations::find(tx, *id).await?;
            if found.is_none_or(|found| found.row.kind == ConversationType::P2p) {
                continue;
            }
            if members::find(tx, *id, user).await?.is_none() {
                let changed_seq = streams::advance(tx, StreamId::Conversation(*id)).await?;
                let group = (*id, ConversationType::Group);
                join(tx, group, user, MemberRole::Member, now, changed_seq).await?;
            }
            // Somebody has to look after the group, and nobody who was imported can sign in.
            if index == 0 && !members::has_owner(tx, *id).await? {
                make_owner(tx, *id, user).await?;
            }
        }
    }
    Ok(())
}

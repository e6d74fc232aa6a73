//! Lists, an item at a time: whoever reads slowly is waited for.

use super::request::{Group, Item, Person, Reply};
use crate::admin::audit::AuditReader;
use crate::admin::groups;
use crate::app::App;
use crate::caller::Actor;
use crate::error::ApiError;
use crate::queries::users::{Account, NO_PASSWORD};
use crate::queries::{conversations, sessions, users};
use parlour_protocol::{ConversationId, Millis, SessionId, UserId};
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

/// People, or conversations, read at a time.
const PAGE: i64 = 500;
/// Most sessions in a list.
const SESSIONS: i64 = 1000;

/// Who asked is gone: nothing more is done.
pub fn disconnected<T>(_: T) -> ApiError {
    ApiError::invalid("Nobody listens any more.")
}

/// Everybody, in the order of their ids.
pub async fn people(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let tx = app.db.read().await?;
    let mut after = UserId(Uuid::nil());
    loop {
        let page = users::page(&tx, after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(Reply::Listed) };
        after = last.row.id;
        for (account, last_seen) in page {
            items.send(Item::Person(person(account, last_seen))).await.map_err(disconnected)?;
        }
    }
}

/// How a person is shown.
pub fn person(account: Account, last_seen: Option<Millis>) -> Person {
    let Account { row, password_hash } = account;
    let is_open = row.deactivated_at.is_none() && row.erased_at.is_none();
    Person {
        id: row.id,
        username: row.username,
        role: row.role,
        signs_in: is_open && password_hash != NO_PASSWORD,
        last_seen,
        deactivated_at: row.deactivated_at,
        erased_at: row.erased_at,
    }
}

/// Where a person is signed in, newest first.
pub async fn sessions(app: &App, user: UserId, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let (tx, nobodys) = (app.db.read().await?, SessionId(Uuid::nil()));
    for session in sessions::list(&tx, user, nobodys, app.now(), SESSIONS).await? {
        items.send(Item::Session(session)).await.map_err(disconnected)?;
    }
    Ok(Reply::Listed)
}

/// Every group, in the order of their ids.
pub async fn groups(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let tx = app.db.read().await?;
    let mut after = ConversationId(Uuid::nil());
    loop {
        let (page, last) = conversations::page(&tx, after, PAGE).await?;
        for group in page {
            let conversations::ListedConversation {
                id,
                title,
                created_at,
                archived_at,
                member_count,
            } = group;
            let group = Group { id, title, created_at, archived_at, member_count };
            items.send(Item::Group(group)).await.map_err(disconnected)?;
        }
        let Some(last) = last else { return Ok(Reply::Listed) };
        after = last;
    }
}

/// Groups that nobody owns who can sign in.
pub async fn ownerless(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    for group in groups::ownerless(app, Actor::CommandLine).await? {
        items.send(Item::Ownerless(group)).await.map_err(disconnected)?;
    }
    Ok(Reply::Listed)
}

/// The audit, and whether it is whole.
pub async fn audit(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let mut reading = AuditReader::begin(app).await?;
    loop {
        let page = reading.next().await?;
        if page.is_empty() {
            return reading.end().await.map(Reply::Audited);
        }
        for (entry, line) in page {
            items.send(Item::Entry { entry, line }).await.map_err(disconnected)?;
        }
    }
}

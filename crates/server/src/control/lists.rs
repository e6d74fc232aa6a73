//! Lists, which are sent item by item, with backpressure if the command-line client reads slowly.

use super::request::{Group, Item, Person, Reply};
use crate::admin::audit::AuditReader;
use crate::admin::groups;
use crate::app::App;
use crate::caller::Actor;
use crate::error::ApiError;
use crate::queries::users::{Account, NO_PASSWORD};
use crate::queries::{conversations, import_runs, sessions, users};
use parlour_protocol::{ConversationId, Millis, SessionId, UserId};
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

/// The number of users or conversations that one query reads.
const PAGE_SIZE: i64 = 500;
/// The largest number of sessions in a list.
const MAX_SESSIONS: i64 = 1000;

/// Returns the error for a command-line client that has disconnected.
pub fn disconnected<T>(_: T) -> ApiError {
    ApiError::invalid("The command-line client has disconnected.")
}

/// Sends all people, ordered by id.
pub async fn people(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let tx = app.db.read().await?;
    let mut after = UserId(Uuid::nil());
    loop {
        let page = users::page(&tx, after, PAGE_SIZE).await?;
        let Some((last, _)) = page.last() else { return Ok(Reply::Listed) };
        after = last.row.id;
        for (account, last_seen) in page {
            items.send(Item::Person(person(account, last_seen))).await.map_err(disconnected)?;
        }
    }
}

/// Returns a person as the command line shows them.
pub fn person(account: Account, last_seen: Option<Millis>) -> Person {
    let Account { row, password_hash } = account;
    let is_active = row.deactivated_at.is_none() && row.erased_at.is_none();
    Person {
        id: row.id,
        username: row.username,
        role: row.role,
        can_sign_in: is_active && password_hash != NO_PASSWORD,
        last_seen,
        deactivated_at: row.deactivated_at,
        erased_at: row.erased_at,
    }
}

/// Sends a person's sessions, newest first.
pub async fn sessions(app: &App, user: UserId, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let (tx, no_session) = (app.db.read().await?, SessionId(Uuid::nil()));
    for session in sessions::list(&tx, user, no_session, app.now(), MAX_SESSIONS).await? {
        items.send(Item::Session(session)).await.map_err(disconnected)?;
    }
    Ok(Reply::Listed)
}

/// Sends all groups, ordered by id.
pub async fn groups(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let tx = app.db.read().await?;
    let mut after = ConversationId(Uuid::nil());
    loop {
        let (page, last) = conversations::page(&tx, after, PAGE_SIZE).await?;
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

/// Sends the groups without an owner who can sign in.
pub async fn ownerless(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    for group in groups::ownerless(app, Actor::CommandLine).await? {
        items.send(Item::Ownerless(group)).await.map_err(disconnected)?;
    }
    Ok(Reply::Listed)
}

/// Sends the imports, oldest first.
pub async fn imports(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let tx = app.db.read().await?;
    let mut after = 0;
    loop {
        let page = import_runs::page(&tx, after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { return Ok(Reply::Listed) };
        after = last.number;
        for run in page {
            items.send(Item::Import(run)).await.map_err(disconnected)?;
        }
    }
}

/// Sends the audit log, and whether its chain is intact.
pub async fn audit(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let mut reader = AuditReader::begin(app).await?;
    loop {
        let page = reader.next().await?;
        if page.is_empty() {
            return reader.end().await.map(Reply::AuditLog);
        }
        for (entry, line) in page {
            items.send(Item::Entry { entry, line }).await.map_err(disconnected)?;
        }
    }
}

//! The account: signing in and out, and how it stands with the server.

use super::{App, device};
use crate::error::Answer;
use crate::trace::Trace;
use parlour_client::{
    AccountInfo, ConversationSummary, Keep, Position, Starting, SyncStatus, TimelinePage,
};
use parlour_protocol::{ConversationId, Count, Credentials, Millis, SessionId};
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

/// Conversations that the first paint shows.
const FIRST_CONVERSATIONS: i64 = 60;
/// Messages that the first paint shows.
const FIRST_MESSAGES: i64 = 50;
/// Under which the open conversation is remembered.
const OPEN: &str = "conversation";

/// Everything that the first paint shows, in one answer.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Bootstrap {
    account: AccountInfo,
    status: SyncStatus,
    conversations: Vec<ConversationSummary>,
    /// The conversation that was open last.
    open: Option<ConversationId>,
    /// Its newest messages.
    timeline: Option<TimelinePage>,
    /// "light", "dark", or nothing to follow the system.
    theme: Option<String>,
}

/// One signed-in device.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    id: SessionId,
    name: String,
    created_at: Millis,
    current: bool,
}

/// What to show first; nothing if nobody is signed in. Goes online once it has answered.
#[tauri::command(async)]
#[specta::specta]
pub fn bootstrap(app: App<'_>, trace: State<'_, Trace>) -> Answer<Option<Bootstrap>> {
    let client = app.client()?;
    let Ok(session) = client.session() else { return Ok(None) };
    let conversations = session.conversations(FIRST_CONVERSATIONS)?;
    let last = session.setting(OPEN)?.and_then(|id| Uuid::parse_str(&id).ok()).map(ConversationId);
    let open = last.or_else(|| conversations.first().map(|first| first.id));
    let page = |id| session.timeline(id, Position::Newest, FIRST_MESSAGES);
    let timeline = open.map(page).transpose()?;
    let (account, status) = (session.account()?, session.status()?);
    let theme = session.setting("theme")?;
    session.watch(open);
    trace.mark("bootstrap");
    if !session.is_running() {
        tauri::async_runtime::spawn(async move {
            if let Err(error) = client.connect().await {
                tracing::warn!(%error, "staying offline");
            }
        });
    }
    Ok(Some(Bootstrap { account, status, conversations, open, timeline, theme }))
}

/// Whether a keychain answers.
#[tauri::command]
#[specta::specta]
pub async fn keychain_available(app: App<'_>) -> Answer<bool> {
    Ok(app.client()?.is_keychain_there().await)
}

/// Signs in, or registers first, at a server's address or by an invitation's link.
#[tauri::command]
#[specta::specta]
pub async fn sign_in(
    app: App<'_>,
    server: String,
    username: String,
    password: String,
    starting: Starting,
    keep: Keep,
) -> Answer<()> {
    let credentials = Credentials { username, password, device: device(), invitation: None };
    app.client()?.sign_in(&server, &credentials, starting, keep).await?;
    Ok(())
}

/// Signs out and deletes the account's files here.
#[tauri::command]
#[specta::specta]
pub async fn sign_out(app: App<'_>, discard: bool) -> Answer<()> {
    Ok(app.client()?.sign_out(discard).await?)
}

/// What the sync line says.
#[tauri::command(async)]
#[specta::specta]
pub fn sync_status(app: App<'_>) -> Answer<SyncStatus> {
    Ok(app.session()?.status()?)
}

/// Tries to connect at once.
#[tauri::command(async)]
#[specta::specta]
pub fn hurry(app: App<'_>) -> Answer<()> {
    app.session()?.hurry();
    Ok(())
}

/// How large the copy on this computer may become by itself, in bytes.
#[tauri::command(async)]
#[specta::specta]
pub fn history_limit(app: App<'_>) -> Answer<Count> {
    Ok(Count(app.session()?.history_limit()?))
}

/// Sets it.
#[tauri::command(async)]
#[specta::specta]
pub fn set_history_limit(app: App<'_>, bytes: Count) -> Answer<()> {
    Ok(app.session()?.set_history_limit(bytes.0)?)
}

/// Compares everything with the server.
#[tauri::command(async)]
#[specta::specta]
pub fn verify(app: App<'_>) -> Answer<()> {
    app.session()?.verify();
    Ok(())
}

/// What the window remembered under this name.
#[tauri::command(async)]
#[specta::specta]
pub fn setting(app: App<'_>, name: String) -> Answer<Option<String>> {
    Ok(app.session()?.setting(&name)?)
}

/// Remembers something for the window.
#[tauri::command(async)]
#[specta::specta]
pub fn set_setting(app: App<'_>, name: String, value: String) -> Answer<()> {
    Ok(app.session()?.set_setting(&name, &value)?)
}

/// The account's devices that are signed in.
#[tauri::command]
#[specta::specta]
pub async fn sessions(app: App<'_>) -> Answer<Vec<Device>> {
    let sessions = app.session()?.sessions().await?;
    let device = |info: parlour_protocol::SessionInfo| Device {
        id: info.id,
        name: info.device,
        created_at: info.created_at,
        current: info.current,
    };
    Ok(sessions.into_iter().map(device).collect())
}

/// Ends another device's session.
#[tauri::command]
#[specta::specta]
pub async fn revoke_session(app: App<'_>, id: SessionId) -> Answer<()> {
    Ok(app.session()?.revoke_session(id).await?)
}

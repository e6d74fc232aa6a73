//! Commands for accounts: sign-in and sign-out, status, settings and sessions.

use super::{App, device};
use crate::error::CommandResult;
use crate::notifications::VisibleConversation;
use crate::trace::Trace;
use parlour_client::{
    AccountId, AccountInfo, Closed, ConversationSummary, HistoryLimit, KeyStorageChoice,
    LinkPreview, Position, Session, SettingKey, SignInMode, SyncStatus, TimelinePage,
};
use parlour_protocol::{
    ConversationId, Count, Credentials, Millis, PasswordChange, Problem, SessionId,
};
use serde::Serialize;
use specta::Type;
use tauri::State;

/// Number of conversations in the first paint.
const FIRST_CONVERSATIONS: i64 = 60;
/// Number of messages in the first paint, and in every conversation that is opened: as many as fit into a window.
pub const FIRST_MESSAGES: i64 = 30;

/// Everything that the first paint shows of an account, in one response.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Bootstrap {
    id: AccountId,
    account: AccountInfo,
    /// Whether the user is an administrator of the server.
    administers: bool,
    status: SyncStatus,
    conversations: Vec<ConversationSummary>,
    /// The conversation that was open last.
    open: Option<ConversationId>,
    /// The newest messages of that conversation.
    timeline: Option<TimelinePage>,
    /// The setting [`SettingKey::Theme`].
    theme: String,
    /// The system's locale for times, such as `de-DE`, if it is not the one for texts.
    time_locale: Option<String>,
}

/// An account as the rail shows it.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccountTile {
    id: AccountId,
    /// The user; `None` while the account is closed, because it is not known then.
    info: Option<AccountInfo>,
    /// Number of unread messages.
    unread: Count,
    /// Number of unread mentions of the user.
    mentions: Count,
    /// Why it cannot be read at present.
    closed: Option<ClosedBecause>,
}

/// The reason why an account cannot be read at present.
#[derive(Debug, Serialize, Type)]
#[serde(tag = "because", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClosedBecause {
    /// The keychain has not responded, or is locked.
    Keychain {
        /// Whether the files have no key yet.
        is_plain: bool,
    },
    /// The account waits for its passphrase.
    Passphrase,
    /// Its key is no longer on this computer.
    KeyLost {
        /// Whether a recovery code was made.
        has_recovery: bool,
    },
    /// Its session was ended remotely; signing in again opens the account.
    Revoked {
        /// Whether its passphrase, or its recovery code, is needed too.
        has_passphrase: bool,
        /// The account's user, if known.
        account: Option<AccountInfo>,
    },
    /// Its files could not be opened.
    Failed {
        /// The reason.
        problem: Problem,
    },
}

impl From<Closed> for ClosedBecause {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Keychain { is_plain } => Self::Keychain { is_plain },
            Closed::Passphrase => Self::Passphrase,
            Closed::KeyLost { has_recovery } => Self::KeyLost { has_recovery },
            Closed::Revoked { has_passphrase, account, .. } => {
                Self::Revoked { has_passphrase, account }
            }
            Closed::Failed(error) => Self::Failed { problem: error.problem() },
        }
    }
}

/// What the window shows at its start.
#[derive(Debug, Serialize, Type)]
#[serde(tag = "phase", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Start {
    /// There is no account on this computer.
    SignIn,
    /// An account that must be opened first.
    Closed {
        /// The id of the account.
        id: AccountId,
        /// The reason why it is closed.
        closed: ClosedBecause,
    },
    /// An open account.
    Open {
        /// Everything that the first paint shows of it.
        shown: Box<Bootstrap>,
    },
}

/// A device on which the account is signed in.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    id: SessionId,
    /// The name that the device gave itself, with its operating system.
    name: String,
    /// The address of its last request.
    address: String,
    created_at: Millis,
    /// The time of its last request, to the minute.
    last_used_at: Option<Millis>,
    current: bool,
}

/// Returns what to show first of an account, or of the one that was shown last. Then connects all open accounts.
#[tauri::command]
#[specta::specta]
pub async fn bootstrap(
    app: App<'_>,
    trace: State<'_, Trace>,
    visible: State<'_, VisibleConversation>,
    account: Option<AccountId>,
) -> CommandResult<Start> {
    let client = app.client()?;
    app.wait_for_keychain().await;
    let found = match &account {
        Some(account) => client.session_of(account),
        None => client.session(),
    };
    let Ok(session) = found else {
        let mut closed = client.closed();
        let id = account.or_else(|| closed.keys().next().cloned());
        let reason = id.and_then(|id| closed.remove(&id).map(|closed| (id, closed)));
        return Ok(match reason {
            Some((id, closed)) => Start::Closed { id, closed: closed.into() },
            None => Start::SignIn,
        });
    };
    let shown = Box::new(first_page(&session)?);
    session.record_shown()?;
    visible.set(&client, &shown.id, shown.open);
    trace.mark("bootstrap");
    for session in client.sessions().into_values().filter(|session| !session.is_running()) {
        let client = client.clone();
        tauri::async_runtime::spawn(async move {
            if let Err(error) = client.connect(session.id()) {
                tracing::warn!(%error, "staying offline");
            }
        });
    }
    Ok(Start::Open { shown })
}

fn first_page(session: &Session) -> CommandResult<Bootstrap> {
    let conversations = session.conversations(FIRST_CONVERSATIONS)?;
    let first = || conversations.first().map(|first| first.id);
    let open = session.open_conversation()?.or_else(first);
    let page = |id| session.timeline(id, Position::Newest, FIRST_MESSAGES);
    let timeline = open.map(page).transpose()?;
    let (id, account, status) = (session.id().clone(), session.shown_account()?, session.status()?);
    let administers = session.administers()?;
    let theme = session.setting(SettingKey::Theme, None)?;
    session.watch(open);
    let time_locale = crate::page::time_locale(|name| std::env::var(name).ok());
    let shown = Bootstrap {
        id,
        account,
        administers,
        status,
        conversations,
        open,
        timeline,
        theme,
        time_locale,
    };
    Ok(shown)
}

/// Returns every account on this computer.
#[tauri::command(async)]
#[specta::specta]
pub fn accounts(app: App<'_>) -> CommandResult<Vec<AccountTile>> {
    let client = app.client()?;
    let mut tiles = Vec::new();
    for (id, session) in client.sessions() {
        let (info, unread) = (Some(session.shown_account()?), session.unread()?);
        let (unread, mentions) = (Count(unread.all), Count(unread.mentions));
        tiles.push(AccountTile { id, info, unread, mentions, closed: None });
    }
    tiles.extend(client.closed().into_iter().map(|(id, closed)| {
        let (info, unread, mentions) = (None, Count(0), Count(0));
        AccountTile { id, info, unread, mentions, closed: Some(closed.into()) }
    }));
    Ok(tiles)
}

/// Returns the user and the server of an account, with their names.
#[tauri::command(async)]
#[specta::specta]
pub fn account_info(app: App<'_>, account: AccountId) -> CommandResult<AccountInfo> {
    Ok(app.session(&account)?.shown_account()?)
}

/// Returns whether a keychain is available.
#[tauri::command]
#[specta::specta]
pub async fn keychain_available(app: App<'_>) -> CommandResult<bool> {
    Ok(app.client()?.is_keychain_available().await)
}

/// Signs in or registers, with a server's address or an invitation link.
#[tauri::command]
#[specta::specta]
pub async fn sign_in(
    app: App<'_>,
    server: String,
    username: String,
    password: String,
    mode: SignInMode,
    key_storage: KeyStorageChoice,
) -> CommandResult<AccountId> {
    let credentials = Credentials { username, password, device: device(), invitation: None };
    let session = app.client()?.sign_in(&server, &credentials, mode, key_storage).await?;
    Ok(session.id().clone())
}

/// Signs out and deletes the account's files on this computer.
#[tauri::command]
#[specta::specta]
pub async fn sign_out(app: App<'_>, account: AccountId, discard: bool) -> CommandResult<()> {
    Ok(app.client()?.sign_out(&account, discard).await?)
}

/// Signs out and keeps the account's files, which its passphrase can open.
#[tauri::command]
#[specta::specta]
pub async fn sign_out_keeping_files(app: App<'_>, account: AccountId) -> CommandResult<()> {
    Ok(app.client()?.sign_out_keeping_files(&account).await?)
}

/// Returns the contents of the sync line.
#[tauri::command(async)]
#[specta::specta]
pub fn sync_status(app: App<'_>, account: AccountId) -> CommandResult<SyncStatus> {
    Ok(app.session(&account)?.status()?)
}

/// Checks the connection of every account now.
#[tauri::command(async)]
#[specta::specta]
pub fn check_connections(app: App<'_>) -> CommandResult<()> {
    app.client()?.check_connection();
    Ok(())
}

/// Returns how much history is stored automatically.
#[tauri::command(async)]
#[specta::specta]
pub fn history_limit(app: App<'_>, account: AccountId) -> CommandResult<HistoryLimit> {
    Ok(app.session(&account)?.history_limit()?)
}

/// Sets how much history is stored automatically.
#[tauri::command(async)]
#[specta::specta]
pub fn set_history_limit(
    app: App<'_>,
    account: AccountId,
    limit: HistoryLimit,
) -> CommandResult<()> {
    Ok(app.session(&account)?.set_history_limit(limit)?)
}

/// Compares all local data with the server now.
#[tauri::command(async)]
#[specta::specta]
pub fn verify(app: App<'_>, account: AccountId) -> CommandResult<()> {
    app.session(&account)?.verify();
    Ok(())
}

/// Returns the stored value of a setting, for `conversation_id` if it is a setting of conversations.
#[tauri::command(async)]
#[specta::specta]
pub fn setting(
    app: App<'_>,
    account: AccountId,
    key: SettingKey,
    conversation_id: Option<ConversationId>,
) -> CommandResult<String> {
    Ok(app.session(&account)?.setting(key, conversation_id)?)
}

/// Sets a setting, on all of the user's devices if that is its scope.
#[tauri::command(async)]
#[specta::specta]
pub fn set_setting(
    app: App<'_>,
    account: AccountId,
    key: SettingKey,
    conversation_id: Option<ConversationId>,
    value: String,
) -> CommandResult<()> {
    Ok(app.session(&account)?.set_setting(key, conversation_id, &value)?)
}

/// Changes the account's password, and signs out its other devices unless `keep_sessions` is set.
#[tauri::command]
#[specta::specta]
pub async fn change_password(
    app: App<'_>,
    account: AccountId,
    current: String,
    next: String,
    keep_sessions: bool,
) -> CommandResult<()> {
    let change = PasswordChange { current, new: next, keep_sessions };
    Ok(app.session(&account)?.change_password(&change).await?)
}

/// Returns the devices on which the account is signed in.
#[tauri::command]
#[specta::specta]
pub async fn sessions(app: App<'_>, account: AccountId) -> CommandResult<Vec<Device>> {
    let sessions = app.session(&account)?.sessions().await?;
    let device = |info: parlour_protocol::SessionInfo| Device {
        id: info.id,
        name: info.device,
        address: info.address,
        created_at: info.created_at,
        last_used_at: info.last_used_at,
        current: info.current,
    };
    Ok(sessions.into_iter().map(device).collect())
}

/// Returns what a pasted link refers to.
#[tauri::command]
#[specta::specta]
pub async fn preview_link(app: App<'_>, link: String) -> CommandResult<LinkPreview> {
    Ok(app.client()?.preview(&link).await?)
}

/// Returns the link for signing in on another device.
#[tauri::command]
#[specta::specta]
pub fn device_link(app: App<'_>, account: AccountId) -> CommandResult<String> {
    Ok(app.client()?.device_link(&account)?)
}

/// Ends another device's session.
#[tauri::command]
#[specta::specta]
pub async fn revoke_session(
    app: App<'_>,
    account: AccountId,
    id: SessionId,
    wipe: bool,
) -> CommandResult<()> {
    Ok(app.session(&account)?.revoke_session(id, wipe).await?)
}

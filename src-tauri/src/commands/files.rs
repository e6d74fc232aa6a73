//! Commands for files: attaching, fetching, saving and opening.

use super::App;
use crate::clipboard::{self, ClipboardContent};
use crate::drops::Drops;
use crate::error::CommandResult;
use crate::opened_files::OpenedFiles;
use parlour_client::{AccountId, FilePage, FileState, FilesQuery, StagedFile, Staging};
use parlour_protocol::{ConversationId, Count, FileHash, FileLimits, LocalReason, MessageId};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;
use tauri_plugin_opener::OpenerExt;

/// Asks the user to choose files, and attaches them.
#[tauri::command]
#[specta::specta]
pub async fn pick_files(
    handle: AppHandle,
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<Staging> {
    let session = app.session(&account)?;
    let (send, chosen) = tokio::sync::oneshot::channel();
    handle.dialog().file().pick_files(move |files| drop(send.send(files)));
    let chosen = chosen.await.ok().flatten().unwrap_or_default();
    let paths = chosen.into_iter().filter_map(|path| path.into_path().ok()).collect();
    Ok(session.stage_paths(conversation_id, paths).await)
}

/// Attaches files that were dropped on the window.
#[tauri::command]
#[specta::specta]
pub async fn stage_dropped(
    app: App<'_>,
    drops: State<'_, Drops>,
    account: AccountId,
    conversation_id: ConversationId,
    drop: u32,
) -> CommandResult<Staging> {
    Ok(app.session(&account)?.stage_paths(conversation_id, drops.take(drop)).await)
}

/// Attaches the picture or the files on the clipboard, if it has any.
#[tauri::command]
#[specta::specta]
pub async fn stage_clipboard(
    handle: AppHandle,
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<Staging> {
    let session = app.session(&account)?;
    Ok(match clipboard::read(&handle).await {
        Some(ClipboardContent::Picture(name, bytes)) => {
            session.stage_bytes(conversation_id, name, bytes).await
        }
        Some(ClipboardContent::Files(paths)) => session.stage_paths(conversation_id, paths).await,
        None => Staging::default(),
    })
}

/// Attaches a file that the page sends, in Base64.
#[tauri::command]
#[specta::specta]
pub async fn stage_bytes(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    name: String,
    bytes: String,
) -> CommandResult<Staging> {
    Ok(app.session(&account)?.stage_base64(conversation_id, &name, &bytes).await?)
}

/// Returns the files that are attached to the message that is being written.
#[tauri::command(async)]
#[specta::specta]
pub fn staged(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<Vec<StagedFile>> {
    Ok(app.session(&account)?.staged(conversation_id)?)
}

/// Removes an attached file.
#[tauri::command(async)]
#[specta::specta]
pub fn unstage(app: App<'_>, account: AccountId, id: Count) -> CommandResult<()> {
    Ok(app.session(&account)?.unstage(id)?)
}

/// Sets whether an attached picture is sent as a file. Returns all files of the same draft.
#[tauri::command(async)]
#[specta::specta]
pub fn set_staged_as_file(
    app: App<'_>,
    account: AccountId,
    id: Count,
    as_file: bool,
) -> CommandResult<Vec<StagedFile>> {
    Ok(app.session(&account)?.set_staged_as_file(id, as_file)?)
}

/// Sets the order of the attached files.
#[tauri::command(async)]
#[specta::specta]
pub fn order_staged(app: App<'_>, account: AccountId, ids: Vec<Count>) -> CommandResult<()> {
    Ok(app.session(&account)?.order_staged(&ids)?)
}

/// Returns the server's limits for files; `None` until they are known.
#[tauri::command(async)]
#[specta::specta]
pub fn file_limits(app: App<'_>, account: AccountId) -> CommandResult<Option<FileLimits>> {
    Ok(app.session(&account)?.file_limits()?)
}

/// Returns whether files are on this computer or being transferred.
#[tauri::command(async)]
#[specta::specta]
pub fn file_states(
    app: App<'_>,
    account: AccountId,
    hashes: Vec<String>,
) -> CommandResult<Vec<FileState>> {
    let hashes: Vec<FileHash> = hashes.iter().filter_map(|hash| hash.parse().ok()).collect();
    Ok(app.session(&account)?.file_states(&hashes)?)
}

/// Fetches a file of a message.
#[tauri::command(async)]
#[specta::specta]
pub fn fetch_file(
    app: App<'_>,
    account: AccountId,
    message_id: MessageId,
    index: u32,
) -> CommandResult<()> {
    Ok(app.session(&account)?.fetch_file(message_id, index as usize)?)
}

/// Cancels fetching a file.
#[tauri::command(async)]
#[specta::specta]
pub fn cancel_fetch(app: App<'_>, account: AccountId, hash: String) -> CommandResult<()> {
    let hash = hash.parse().map_err(|_| LocalReason::NotHere)?;
    app.session(&account)?.cancel_fetch(hash);
    Ok(())
}

/// Asks the user where to save a file of a message, and saves it there. Returns `false` if the user cancels.
#[tauri::command]
#[specta::specta]
pub async fn save_file(
    handle: AppHandle,
    app: App<'_>,
    opened: State<'_, OpenedFiles>,
    account: AccountId,
    message_id: MessageId,
    index: u32,
) -> CommandResult<bool> {
    let (session, index) = (app.session(&account)?, index as usize);
    // Fails before asking if the file is not on this computer.
    drop(session.local_file(message_id, index)?);
    let name = session.name_to_save(message_id, index)?;
    let (send, chosen) = tokio::sync::oneshot::channel();
    handle.dialog().file().set_file_name(name).save_file(move |path| drop(send.send(path)));
    let Some(path) = chosen.await.ok().flatten().and_then(|path| path.into_path().ok()) else {
        return Ok(false);
    };
    let target = path.clone();
    let saving =
        tauri::async_runtime::spawn_blocking(move || session.save_file(message_id, index, &target));
    saving.await.map_err(|_| LocalReason::FileNotHere)??;
    opened.set_last_saved(path);
    Ok(true)
}

/// Copies a picture of a message to the clipboard.
#[tauri::command]
#[specta::specta]
pub async fn copy_picture(
    handle: AppHandle,
    app: App<'_>,
    account: AccountId,
    message_id: MessageId,
    index: u32,
) -> CommandResult<()> {
    let session = app.session(&account)?;
    let decode = move || session.picture_pixels(message_id, index as usize);
    let decoding = tauri::async_runtime::spawn_blocking(decode).await;
    let pixels = decoding.map_err(|_| LocalReason::PictureUndecodable)??;
    match clipboard::write_picture(&handle, pixels).await {
        true => Ok(()),
        false => Err(LocalReason::ClipboardUnavailable.into()),
    }
}

/// Shows the last saved file or export in the file manager.
#[tauri::command(async)]
#[specta::specta]
pub fn show_saved(handle: AppHandle, opened: State<'_, OpenedFiles>) -> CommandResult<()> {
    let path = opened.last_saved().ok_or(LocalReason::FileNotHere)?;
    handle.opener().reveal_item_in_dir(path).map_err(|_| LocalReason::NoOpener.into())
}

/// Opens a file of a message with the system's default program.
#[tauri::command(async)]
#[specta::specta]
pub fn open_file(
    handle: AppHandle,
    app: App<'_>,
    opened: State<'_, OpenedFiles>,
    account: AccountId,
    message_id: MessageId,
    index: u32,
    confirmed: bool,
) -> CommandResult<()> {
    let session = app.session(&account)?;
    let path = session.copy_to_open(message_id, index as usize, opened.folder(), confirmed)?;
    let path = path.to_string_lossy();
    handle.opener().open_path(path, None::<&str>).map_err(|_| LocalReason::NoOpener.into())
}

/// Returns a page of the files that were shared, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn files(app: App<'_>, account: AccountId, query: FilesQuery) -> CommandResult<FilePage> {
    Ok(app.session(&account)?.files(&query)?)
}

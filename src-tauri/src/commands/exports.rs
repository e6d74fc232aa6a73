//! Commands for exports.

use super::App;
use crate::error::CommandResult;
use crate::exports::Exports;
use crate::opened_files::OpenedFiles;
use parlour_client::{AccountId, ExportRequest, ExportSummary, ExportTexts};
use parlour_protocol::LocalReason;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;

/// Asks the user for a folder, and exports messages into a new folder there. Returns none if the user chooses none.
#[tauri::command]
#[specta::specta]
pub async fn export_messages(
    handle: AppHandle,
    app: App<'_>,
    exports: State<'_, Exports>,
    opened: State<'_, OpenedFiles>,
    account: AccountId,
    request: ExportRequest,
    texts: ExportTexts,
) -> CommandResult<Option<ExportSummary>> {
    let session = app.session(&account)?;
    let (send, chosen) = tokio::sync::oneshot::channel();
    handle.dialog().file().pick_folder(move |path| drop(send.send(path)));
    let Some(parent) = chosen.await.ok().flatten().and_then(|path| path.into_path().ok()) else {
        return Ok(None);
    };
    let (running, app) = (exports.begin(), handle.clone());
    let writing = tauri::async_runtime::spawn_blocking(move || {
        running.run(&app, &account, |report| session.export(&request, texts, &parent, report))
    });
    let ended = writing.await;
    let (path, summary) =
        ended.map_err(|error| LocalReason::ExportFails { cause: error.to_string() })??;
    opened.set_last_saved(path);
    Ok(Some(summary))
}

/// Cancels the export that is being written.
#[tauri::command(async)]
#[specta::specta]
pub fn cancel_export(exports: State<'_, Exports>) -> CommandResult<()> {
    exports.cancel();
    Ok(())
}

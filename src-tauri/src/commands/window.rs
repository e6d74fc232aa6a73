//! Commands for the window itself.

use super::ClientState;
use crate::desktop::Desktop;
use crate::error::CommandResult;
use crate::trace::Trace;
use parlour_desktop::DesktopTexts;
use parlour_protocol::LocalReason;
use tauri::{AppHandle, Manager, State, WebviewWindow};
use tauri_plugin_opener::OpenerExt;

/// Opens a link in the system's browser or mail program. Links come from other people, so only kinds that cannot run
/// anything or send data are opened.
#[tauri::command(async)]
#[specta::specta]
pub fn open_link(handle: AppHandle, url: String) -> CommandResult<()> {
    let parsed = tauri::Url::parse(&url).map_err(|_| LocalReason::NotALink)?;
    if !parlour_markup::is_openable(parsed.as_str()) {
        return Err(LocalReason::LinkRefused.into());
    }
    let opened = handle.opener().open_url(parsed.as_str(), None::<&str>);
    opened.map_err(|_| LocalReason::NoBrowser.into())
}

/// Records that the page was painted: with messages if `content` is set, otherwise with something else.
#[tauri::command(async)]
#[specta::specta]
pub fn painted(handle: AppHandle, trace: State<'_, Trace>, content: bool) -> CommandResult<()> {
    trace.mark(if content { "first-paint" } else { "empty-paint" });
    crate::events::trace(&handle);
    tauri::async_runtime::spawn(crate::page::release_memory_of_start());
    #[cfg(target_os = "linux")]
    if let Ok(client) = handle.state::<ClientState>().client() {
        handle.state::<crate::network::NetworkWatch>().start(&handle, client);
    }
    Ok(())
}

/// Sets the texts that are shown outside of the window, in the language of the page. The page calls this after its
/// first paint, so the integration with the desktop starts now.
#[tauri::command(async)]
#[specta::specta]
pub fn set_desktop_texts(
    handle: AppHandle,
    sender: State<'_, crate::notifications::TextsSender>,
    desktop: State<'_, Desktop>,
    texts: DesktopTexts,
) -> CommandResult<()> {
    sender.0.send_replace(texts);
    desktop.start(&handle);
    #[cfg(target_os = "linux")]
    crate::page::check_spelling(&handle, desktop.preferences.get().spelling);
    Ok(())
}

/// Records whether the page's keyboard or pointer were used recently.
#[tauri::command(async)]
#[specta::specta]
pub fn record_use(usage: State<'_, crate::idle::Usage>, used: bool) -> CommandResult<()> {
    usage.0.send_replace(used);
    Ok(())
}

/// Reloads the page so that nothing of the accounts that were locked is left in it.
#[tauri::command(async)]
#[specta::specta]
pub fn reload_page(window: WebviewWindow, trace: State<'_, Trace>) -> CommandResult<()> {
    trace.reset_paints();
    crate::page::reload(&window)
        .map_err(|error| LocalReason::WindowStays { cause: error.to_string() }.into())
}

//! Commands for the window itself.

use super::Opened;
use crate::desktop::Desktop;
use crate::error::Answer;
use crate::trace::Trace;
use parlour_desktop::Words;
use parlour_protocol::LocalReason;
use tauri::{AppHandle, Manager, State, WebviewWindow};
use tauri_plugin_opener::OpenerExt;

/// Opens a link in the system's browser or mail program. Others write these links, so only those are
/// opened that can neither run anything nor take data along.
#[tauri::command(async)]
#[specta::specta]
pub fn open_link(handle: AppHandle, url: String) -> Answer<()> {
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
pub fn painted(handle: AppHandle, trace: State<'_, Trace>, content: bool) -> Answer<()> {
    trace.mark(if content { "first-paint" } else { "empty-paint" });
    crate::events::trace(&handle);
    #[cfg(target_os = "linux")]
    if let Ok(client) = handle.state::<Opened>().client() {
        handle.state::<crate::network::NetworkWatch>().begin(&handle, client);
    }
    Ok(())
}

/// Takes the words of what is shown outside of the window, in the language of the page. The page is painted: what the
/// desktop shows begins now.
#[tauri::command(async)]
#[specta::specta]
pub fn say_in(
    handle: AppHandle,
    words: State<'_, crate::notifications::Words>,
    desktop: State<'_, Desktop>,
    said: Words,
) -> Answer<()> {
    words.0.send_replace(said);
    desktop.begin(&handle);
    #[cfg(target_os = "linux")]
    crate::page::check_spelling(&handle, desktop.preferences.now().spelling);
    Ok(())
}

/// Notes whether the page's keyboard or pointer were used lately.
#[tauri::command(async)]
#[specta::specta]
pub fn note_use(usage: State<'_, crate::idle::Usage>, used: bool) -> Answer<()> {
    usage.0.send_replace(used);
    Ok(())
}

/// Reloads the page without anything that it showed, because that is locked now.
#[tauri::command(async)]
#[specta::specta]
pub fn begin_anew(window: WebviewWindow, trace: State<'_, Trace>) -> Answer<()> {
    trace.begin_anew();
    crate::page::begin_anew(&window)
        .map_err(|error| LocalReason::WindowStays { cause: error.to_string() }.into())
}

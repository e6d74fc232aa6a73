//! Commands for the desktop around the window.

use super::App;
use crate::desktop::Desktop;
use crate::error::Answer;
use crate::leads::{Lead, Leads};
use parlour_desktop::{Closing, LogFile, Login};
use parlour_protocol::LocalReason;
use serde::Serialize;
use specta::Type;
use std::sync::Arc;
use tauri::{AppHandle, State};
use tauri_plugin_opener::OpenerExt;

/// Maximum length of what a report begins with, in bytes.
const REPORT_BYTES: usize = 64 * 1024;
/// Maximum length and number of the languages in which spelling is checked.
const LANGUAGE_BYTES: usize = 20;
const LANGUAGES: usize = 10;

/// What is chosen for the program as a whole.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DesktopChoices {
    /// Whether a tray shows the icon.
    has_tray: bool,
    /// What closing the window does, where there is a tray; none until the user was asked.
    closing: Option<Closing>,
    /// Whether the program can be started at login.
    can_start_at_login: bool,
    /// Whether it is started at login.
    starts_at_login: bool,
    /// Whether it is minimised then.
    starts_minimised: bool,
    /// The languages in which spelling is checked; none for the system's.
    spelling: Option<Vec<String>>,
}

/// What is told of the program, and nothing of its users.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AboutProgram {
    /// The version.
    version: String,
    /// The operating system and the kind of processor.
    system: String,
    /// The version of the web view.
    webview: String,
    /// The desktop, and how it shows windows, as its environment names them.
    desktop: String,
    /// Whether a tray shows the icon.
    has_tray: bool,
    /// Number of accounts that are open.
    open: u32,
    /// Number of accounts that are closed.
    closed: u32,
}

/// Takes what is to be shown.
#[tauri::command(async)]
#[specta::specta]
pub fn take_leads(app: App<'_>, leads: State<'_, Leads>) -> Answer<Vec<Lead>> {
    let client = app.client()?;
    Ok(leads.take(&client))
}

/// Does what the user chose when asked what closing the window does; nothing if that was not answered.
#[tauri::command(async)]
#[specta::specta]
pub fn close_window(
    handle: AppHandle,
    desktop: State<'_, Desktop>,
    closing: Option<Closing>,
) -> Answer<()> {
    desktop.answer(&handle, closing).map_err(failed)
}

/// Returns what is chosen for the program as a whole.
#[tauri::command(async)]
#[specta::specta]
pub fn desktop_choices(desktop: State<'_, Desktop>) -> Answer<DesktopChoices> {
    let now = desktop.preferences.now();
    let login = login();
    Ok(DesktopChoices {
        has_tray: desktop.is_hosted(),
        closing: now.closing,
        can_start_at_login: login.is_some(),
        starts_at_login: login.is_some_and(|login| login.is_on()),
        starts_minimised: now.starts_minimised,
        spelling: now.spelling,
    })
}

/// Sets what closing the window does where there is a tray.
#[tauri::command(async)]
#[specta::specta]
pub fn set_closing(desktop: State<'_, Desktop>, closing: Closing) -> Answer<()> {
    desktop.preferences.change(|now| now.closing = Some(closing)).map_err(failed)
}

/// Sets whether the program starts at login, and whether it is minimised then.
#[tauri::command(async)]
#[specta::specta]
pub fn set_start_at_login(
    desktop: State<'_, Desktop>,
    starts: bool,
    minimised: bool,
) -> Answer<()> {
    desktop.preferences.change(|now| now.starts_minimised = minimised).map_err(failed)?;
    let Some(login) = login() else { return Ok(()) };
    let changed = if starts {
        std::env::current_exe().and_then(|program| login.switch_on(&program, minimised))
    } else {
        login.switch_off()
    };
    changed.map_err(failed)
}

/// Sets the languages in which spelling is checked; none for the system's.
#[tauri::command(async)]
#[specta::specta]
pub fn set_spelling(
    handle: AppHandle,
    desktop: State<'_, Desktop>,
    languages: Option<Vec<String>>,
) -> Answer<()> {
    let is_language = |text: &String| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_@".contains(&byte);
        (1..=LANGUAGE_BYTES).contains(&text.len()) && text.bytes().all(is_plain)
    };
    if let Some(all) = &languages
        && (all.len() > LANGUAGES || !all.iter().all(is_language))
    {
        return Err(LocalReason::NoSuchValue.into());
    }
    desktop.preferences.change(|now| now.spelling = languages).map_err(failed)?;
    #[cfg(target_os = "linux")]
    crate::page::check_spelling(&handle, desktop.preferences.now().spelling);
    #[cfg(not(target_os = "linux"))]
    let _ = handle;
    Ok(())
}

/// Returns what is told of the program.
#[tauri::command(async)]
#[specta::specta]
pub fn about_program(app: App<'_>, desktop: State<'_, Desktop>) -> Answer<AboutProgram> {
    let named = |names: [&str; 2]| {
        let found = names.into_iter().filter_map(|name| std::env::var(name).ok());
        found.filter(|value| value.len() < 100).collect::<Vec<_>>().join(", ")
    };
    let client = app.client();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(AboutProgram {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        webview: tauri::webview_version().unwrap_or_default(),
        desktop: named(["XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE"]),
        has_tray: desktop.is_hosted(),
        open: client.as_ref().map_or(0, |client| count(client.sessions().len())),
        closed: client.as_ref().map_or(0, |client| count(client.closed().len())),
    })
}

/// Writes a report of a problem: what the page says of the program, and the log. Opens it, so that the user can read it
/// before anybody else does, and returns its path.
#[tauri::command(async)]
#[specta::specta]
pub fn write_report(
    handle: AppHandle,
    log: State<'_, Arc<LogFile>>,
    about: String,
) -> Answer<String> {
    if about.len() > REPORT_BYTES {
        return Err(LocalReason::NoSuchValue.into());
    }
    let folder = dirs::download_dir().or_else(dirs::home_dir).unwrap_or_else(std::env::temp_dir);
    let now = parlour_client::Clock::now(&parlour_client::SystemClock).0;
    let path = folder.join(format!("parlour-report-{now}.txt"));
    let report = format!("{about}\n\n{}", log.read());
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&path, report))
        .map_err(failed)?;
    let path = path.to_string_lossy().into_owned();
    // The window shows the path, for who has no program for texts.
    let _ = handle.opener().open_path(&*path, None::<&str>);
    Ok(path)
}

/// Returns the start at login, where there is one.
fn login() -> Option<Login> {
    dirs::config_dir().filter(|_| cfg!(target_os = "linux")).map(|config| Login::of(&config))
}

fn failed(error: std::io::Error) -> crate::error::CommandError {
    LocalReason::FilesFail { cause: error.to_string() }.into()
}

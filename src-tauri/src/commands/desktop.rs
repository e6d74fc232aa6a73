//! Commands for the integration with the desktop.

use super::App;
use crate::desktop::Desktop;
use crate::error::CommandResult;
use crate::navigation::{NavigationQueue, NavigationTarget};
use parlour_desktop::{Autostart, Closing, LogFile};
use parlour_protocol::LocalReason;
use serde::Serialize;
use specta::Type;
use std::sync::Arc;
use tauri::{AppHandle, State};
use tauri_plugin_opener::OpenerExt;

/// Maximum length of the first part of a report, in bytes.
const REPORT_BYTES: usize = 64 * 1024;
/// Maximum length of a language's name, and maximum number of languages of the spelling checker.
const LANGUAGE_BYTES: usize = 20;
const LANGUAGES: usize = 10;

/// The preferences of the app on this computer.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DesktopChoices {
    /// Whether a tray shows the icon.
    has_tray: bool,
    /// What happens when the user closes the window, if there is a tray; none until the user has decided.
    closing: Option<Closing>,
    /// Whether the app can be started at login.
    can_start_at_login: bool,
    /// Whether it is started at login.
    starts_at_login: bool,
    /// Whether it is minimised then.
    starts_minimised: bool,
    /// The languages of the spelling checker; none for the system's.
    spelling: Option<Vec<String>>,
}

/// Facts about the app for a report, without data of users.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AboutProgram {
    /// The version.
    version: String,
    /// The operating system and the kind of processor.
    system: String,
    /// The version of the web view.
    webview: String,
    /// The desktop and its kind of session, from the environment.
    desktop: String,
    /// Whether a tray shows the icon.
    has_tray: bool,
    /// Number of accounts that are open.
    open: u32,
    /// Number of accounts that are closed.
    closed: u32,
}

/// Removes and returns the views that the page should show.
#[tauri::command(async)]
#[specta::specta]
pub fn take_navigation_targets(
    app: App<'_>,
    navigation: State<'_, NavigationQueue>,
) -> CommandResult<Vec<NavigationTarget>> {
    let client = app.client()?;
    Ok(navigation.take(&client))
}

/// Applies what the user chose when asked what closing the window does; does nothing for `None`.
#[tauri::command(async)]
#[specta::specta]
pub fn close_window(
    handle: AppHandle,
    desktop: State<'_, Desktop>,
    closing: Option<Closing>,
) -> CommandResult<()> {
    desktop.apply_choice(&handle, closing).map_err(file_error)
}

/// Returns the preferences of the app on this computer.
#[tauri::command(async)]
#[specta::specta]
pub fn desktop_choices(desktop: State<'_, Desktop>) -> CommandResult<DesktopChoices> {
    let preferences = desktop.preferences.get();
    let autostart = autostart();
    Ok(DesktopChoices {
        has_tray: desktop.has_tray(),
        closing: preferences.closing,
        can_start_at_login: autostart.is_some(),
        starts_at_login: autostart.is_some_and(|autostart| autostart.is_on()),
        starts_minimised: preferences.starts_minimised,
        spelling: preferences.spelling,
    })
}

/// Sets what happens when the user closes the window, if there is a tray.
#[tauri::command(async)]
#[specta::specta]
pub fn set_closing(desktop: State<'_, Desktop>, closing: Closing) -> CommandResult<()> {
    desktop.preferences.change(|stored| stored.closing = Some(closing)).map_err(file_error)
}

/// Sets whether the app starts at login, and whether it is minimised then.
#[tauri::command(async)]
#[specta::specta]
pub fn set_start_at_login(
    desktop: State<'_, Desktop>,
    starts: bool,
    minimised: bool,
) -> CommandResult<()> {
    desktop.preferences.change(|stored| stored.starts_minimised = minimised).map_err(file_error)?;
    let Some(autostart) = autostart() else { return Ok(()) };
    let changed = if starts {
        std::env::current_exe().and_then(|program| autostart.enable(&program, minimised))
    } else {
        autostart.disable()
    };
    changed.map_err(file_error)
}

/// Sets the languages of the spelling checker; none for the system's.
#[tauri::command(async)]
#[specta::specta]
pub fn set_spelling(
    handle: AppHandle,
    desktop: State<'_, Desktop>,
    languages: Option<Vec<String>>,
) -> CommandResult<()> {
    let is_language = |text: &String| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_@".contains(&byte);
        (1..=LANGUAGE_BYTES).contains(&text.len()) && text.bytes().all(is_plain)
    };
    if let Some(all) = &languages
        && (all.len() > LANGUAGES || !all.iter().all(is_language))
    {
        return Err(LocalReason::NoSuchValue.into());
    }
    desktop.preferences.change(|stored| stored.spelling = languages).map_err(file_error)?;
    #[cfg(target_os = "linux")]
    crate::page::check_spelling(&handle, desktop.preferences.get().spelling);
    #[cfg(not(target_os = "linux"))]
    let _ = handle;
    Ok(())
}

/// Returns facts about the app for a report.
#[tauri::command(async)]
#[specta::specta]
pub fn about_program(app: App<'_>, desktop: State<'_, Desktop>) -> CommandResult<AboutProgram> {
    let variables = |names: [&str; 2]| {
        let found = names.into_iter().filter_map(|name| std::env::var(name).ok());
        found.filter(|value| value.len() < 100).collect::<Vec<_>>().join(", ")
    };
    let client = app.client();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(AboutProgram {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        webview: tauri::webview_version().unwrap_or_default(),
        desktop: variables(["XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE"]),
        has_tray: desktop.has_tray(),
        open: client.as_ref().map_or(0, |client| count(client.sessions().len())),
        closed: client.as_ref().map_or(0, |client| count(client.closed().len())),
    })
}

/// Writes a report of a problem: `about`, which is the page's text about the app, and the log. Opens the report, so that
/// the user can read it before sending it, and returns its path.
#[tauri::command(async)]
#[specta::specta]
pub fn write_report(
    handle: AppHandle,
    log: State<'_, Arc<LogFile>>,
    about: String,
) -> CommandResult<String> {
    if about.len() > REPORT_BYTES {
        return Err(LocalReason::NoSuchValue.into());
    }
    let folder = dirs::download_dir().or_else(dirs::home_dir).unwrap_or_else(std::env::temp_dir);
    let now = parlour_client::Clock::now(&parlour_client::SystemClock).0;
    let path = folder.join(format!("parlour-report-{now}.txt"));
    let report = format!("{about}\n\n{}", log.read());
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&path, report))
        .map_err(file_error)?;
    let path = path.to_string_lossy().into_owned();
    // The window also shows the path, in case no program can open it.
    let _ = handle.opener().open_path(&*path, None::<&str>);
    Ok(path)
}

/// Returns the autostart file, if the system is supported.
fn autostart() -> Option<Autostart> {
    dirs::config_dir().filter(|_| cfg!(target_os = "linux")).map(|config| Autostart::of(&config))
}

fn file_error(error: std::io::Error) -> crate::error::CommandError {
    LocalReason::FilesFail { cause: error.to_string() }.into()
}

//! The desktop shell: a window around [`Client`], without product logic and SQL. Each command is a thin wrapper.

mod attachments;
mod clipboard;
mod commands;
mod desktop;
mod drops;
mod error;
mod events;
mod exports;
mod idle;
mod launch;
mod limits;
mod navigation;
#[cfg(target_os = "linux")]
mod network;
mod notifications;
mod opened_files;
mod origin;
mod own_scheme;
mod page;
mod pictures;
mod placement;
mod sign_in;
#[cfg(target_os = "linux")]
mod suspend;
mod trace;
#[cfg(target_os = "linux")]
mod tray;

use parlour_client::{APP_ID, APP_NAME, Client};
use parlour_desktop::{Instance, LogFile, LogLayer, PreferencesFile};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tauri::webview::NewWindowResponse;
use tauri::{
    AppHandle, Manager, RunEvent, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};
use tauri_specta::{Builder, collect_commands, collect_events};
use tokio::sync::watch::Sender;
use trace::Trace;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The interval at which the keychain is checked until it is unlocked.
const KEYCHAIN_INTERVAL: Duration = Duration::from_secs(2);

/// Returns the app's data folder: `PARLOUR_DATA`, or else a folder in the user's data folder.
fn data_folder() -> PathBuf {
    let override_path = std::env::var_os("PARLOUR_DATA").map(PathBuf::from);
    override_path.unwrap_or_else(|| dirs::data_dir().unwrap_or_default().join(APP_ID))
}

/// Runs the app. The arguments are an optional `--minimised` and `parlour:` link, or else one of the commands
/// `sign-in SERVER USERNAME` and `to-keychain`, which open no window.
pub fn run(args: Vec<String>) -> ExitCode {
    let trace = Trace::start();
    let filter = tracing_subscriber::EnvFilter::try_from_env("PARLOUR_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    let log = Arc::new(LogFile::new(&data_folder().join("logs")));
    let log_layer = LogLayer(log.clone()).with_filter(LevelFilter::INFO);
    tracing_subscriber::registry().with(stderr).with(log_layer).init();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sign-in", server, username] => sign_in::run(&data_folder(), server, username),
        ["to-keychain"] => sign_in::to_keychain(&data_folder()),
        ref others => match launch::parse(others) {
            Some(arguments) => run_window(trace, log, arguments),
            None => {
                eprintln!(
                    "usage: parlour [--minimised] [LINK] | sign-in SERVER USERNAME | to-keychain"
                );
                ExitCode::from(2)
            }
        },
    }
}

/// Returns the commands and events, from which the UI's bindings are generated.
fn builder() -> Builder<tauri::Wry> {
    Builder::<tauri::Wry>::new()
        .commands(collect_commands![
            commands::account::bootstrap,
            commands::account::accounts,
            commands::account::account_info,
            commands::account::keychain_available,
            commands::account::preview_link,
            commands::account::sign_in,
            commands::account::sign_out,
            commands::account::sign_out_keeping_files,
            commands::account::sync_status,
            commands::account::check_connections,
            commands::account::history_limit,
            commands::account::set_history_limit,
            commands::account::verify,
            commands::account::setting,
            commands::account::set_setting,
            commands::account::change_password,
            commands::account::sessions,
            commands::account::device_link,
            commands::account::revoke_session,
            commands::administration::administers,
            commands::administration::invite,
            commands::administration::invitations,
            commands::administration::revoke_invitation,
            commands::administration::everybody,
            commands::administration::set_server_role,
            commands::administration::reset_password,
            commands::administration::end_sessions,
            commands::administration::deactivate,
            commands::administration::reactivate,
            commands::administration::erase,
            commands::administration::ownerless_groups,
            commands::administration::server_state,
            commands::administration::change_server,
            commands::administration::set_server_picture,
            commands::administration::remove_server_picture,
            commands::administration::default_groups,
            commands::administration::set_default_groups,
            commands::administration::take_over,
            commands::locks::open_by_keychain,
            commands::locks::unlock,
            commands::locks::recover,
            commands::locks::protect,
            commands::locks::set_aside,
            commands::locks::lock,
            commands::locks::has_passphrase,
            commands::locks::set_passphrase,
            commands::locks::remove_passphrase,
            commands::locks::make_recovery_code,
            commands::conversations::conversations,
            commands::conversations::conversations_by_id,
            commands::conversations::members,
            commands::conversations::member_count,
            commands::conversations::people,
            commands::conversations::person_card,
            commands::conversations::people_presence,
            commands::conversations::set_profile,
            commands::conversations::pictures,
            commands::conversations::set_picture,
            commands::conversations::remove_picture,
            commands::conversations::create_p2p,
            commands::conversations::create_group,
            commands::conversations::act,
            commands::conversations::watch,
            commands::conversations::fetch_older,
            commands::messages::timeline,
            commands::messages::search,
            commands::messages::count_hits,
            commands::messages::find_message,
            commands::messages::first_since,
            commands::messages::typing,
            commands::messages::send_message,
            commands::messages::edit_message,
            commands::messages::delete_message,
            commands::messages::mark_read,
            commands::messages::pinned,
            commands::messages::saved,
            commands::messages::edits,
            commands::messages::set_draft,
            commands::messages::share_draft,
            commands::messages::outbox,
            commands::messages::retry,
            commands::messages::discard,
            commands::files::pick_files,
            commands::files::stage_dropped,
            commands::files::stage_clipboard,
            commands::files::stage_bytes,
            commands::files::staged,
            commands::files::unstage,
            commands::files::set_staged_as_file,
            commands::files::order_staged,
            commands::files::file_limits,
            commands::files::file_states,
            commands::files::fetch_file,
            commands::files::cancel_fetch,
            commands::files::save_file,
            commands::files::copy_picture,
            commands::files::show_saved,
            commands::files::open_file,
            commands::files::files,
            commands::exports::export_messages,
            commands::exports::cancel_export,
            commands::conversations::level_overrides,
            commands::messages::activity,
            commands::messages::activity_count,
            commands::messages::see_reactions,
            commands::messages::read_activity,
            commands::window::open_link,
            commands::window::painted,
            commands::window::reload_page,
            commands::window::set_desktop_texts,
            commands::window::record_use,
            commands::desktop::take_navigation_targets,
            commands::desktop::close_window,
            commands::desktop::desktop_choices,
            commands::desktop::set_closing,
            commands::desktop::set_start_at_login,
            commands::desktop::set_spelling,
            commands::desktop::about_program,
            commands::desktop::write_report,
        ])
        .constant("limits", limits::window_settings())
        .constant("periods", limits::window_periods())
        .constant("settings", parlour_client::window_settings())
        .events(collect_events![
            events::Changed,
            events::StatusChanged,
            events::Typing,
            events::PresenceChanged,
            events::NavigationRequested,
            events::FilesChanged,
            events::FilesDragged,
            events::ExportProgressed
        ])
}

fn run_window(trace: Trace, log: Arc<LogFile>, arguments: launch::Arguments) -> ExitCode {
    #[cfg(target_os = "linux")]
    page::set_environment();
    let launch::Arguments { launch, is_minimised } = arguments;
    let data = data_folder();
    let instance =
        match tauri::async_runtime::block_on(Instance::claim_or_hand_over(&data, &launch)) {
            Ok(Some(instance)) => instance,
            // The window of the first process opens the link.
            Ok(None) => return ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("parlour: it is running already, but does not respond: {error}");
                return ExitCode::FAILURE;
            }
        };
    let preferences = Arc::new(PreferencesFile::open(&data));
    let specta = builder();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(specta.invoke_handler())
        .register_asynchronous_uri_scheme_protocol(pictures::SCHEME, pictures::serve)
        .register_asynchronous_uri_scheme_protocol(attachments::SCHEME, attachments::serve)
        .setup(move |app| {
            specta.mount_events(app);
            let opened = tauri::async_runtime::block_on(async { Client::open(&data) });
            // If the client cannot be opened, the window shows the error.
            let opened = opened.map(Arc::new).map_err(error::CommandError::from);
            let (texts_sender, texts) =
                tokio::sync::watch::channel(parlour_desktop::DesktopTexts::default());
            app.manage(notifications::TextsSender(texts_sender));
            app.manage(notifications::VisibleConversation::default());
            let (usage, used) = tokio::sync::watch::channel(true);
            app.manage(idle::Usage(usage));
            app.manage(navigation::NavigationQueue::default());
            app.manage(drops::Drops::default());
            app.manage(opened_files::OpenedFiles::new());
            app.manage(exports::Exports::default());
            #[cfg(target_os = "linux")]
            app.manage(tray::FocusLost::default());
            app.manage(log);
            app.manage(desktop::Desktop::new(preferences.clone(), texts.clone()));
            let (keychain_read, keychain) = tokio::sync::watch::channel(false);
            app.manage(trace);
            #[cfg(target_os = "linux")]
            app.manage(network::NetworkWatch::default());
            if let Ok(client) = &opened {
                events::forward(app.handle().clone(), client);
                notifications::show(app.handle().clone(), client.clone(), texts);
                tauri::async_runtime::spawn(idle::report_idle(client.clone(), used));
                #[cfg(target_os = "linux")]
                tauri::async_runtime::spawn(suspend::lock_before_sleep(client.clone()));
                tauri::async_runtime::spawn(open_with_keychain(
                    app.handle().clone(),
                    client.clone(),
                    keychain_read,
                ));
            }
            app.manage(commands::ClientState::new(opened, keychain));
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default());
            let window = placement::restore(app, window, &preferences.get())
                .title(APP_NAME)
                .on_navigation(origin::is_own)
                .on_new_window(|_, _| NewWindowResponse::Deny)
                .on_download(|_, _| false);
            // On other systems the page handles drops itself: with Tauri's handler it would not receive dropped text.
            // `on_navigation` prevents that a dropped file replaces the page.
            #[cfg(not(target_os = "linux"))]
            let window = window.disable_drag_drop_handler();
            let window = window.build()?;
            #[cfg(target_os = "linux")]
            page::disable_acceleration_without_gpu(&window);
            notifications::watch_focus(&window);
            placement::watch(&window);
            drops::forward(&window);
            handle_close(&window);
            if is_minimised {
                window.minimize()?;
            }
            launch::serve(app.handle(), instance, launch);
            app.state::<Trace>().mark("window");
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                // macOS starts no second process for a link.
                #[cfg(target_os = "macos")]
                if let RunEvent::Opened { urls } = &event {
                    urls.iter().for_each(|url| navigation::open_link(app, url.to_string()));
                }
                if let RunEvent::Exit = event {
                    app.state::<exports::Exports>().end();
                    app.state::<opened_files::OpenedFiles>().delete();
                    let client = app.state::<commands::ClientState>().client();
                    tauri::async_runtime::block_on(async {
                        if let Ok(client) = client {
                            client.end().await;
                        }
                    });
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("parlour: the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Handles requests to close the window.
fn handle_close(window: &WebviewWindow) {
    let watched = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            placement::store(watched.app_handle());
            watched.state::<desktop::Desktop>().close(&watched, api);
        }
    });
}

/// Opens the accounts whose keys are in the keychain, as soon as it can be read. The user is asked to unlock it at most
/// once.
async fn open_with_keychain(app: AppHandle, client: Arc<Client>, keychain_read: Sender<bool>) {
    loop {
        let is_waiting = client.open_when_keychain_opens().await;
        if !client.sessions().is_empty() {
            app.state::<Trace>().mark("mirror-open");
        }
        let _ = keychain_read.send(true);
        if !is_waiting {
            return;
        }
        tokio::time::sleep(KEYCHAIN_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests;

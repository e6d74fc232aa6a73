//! The commands `serve` and `check-config`.

use crate::cli::Serve;
use crate::failure::{Failure, Result};
use crate::logging::{DEFAULT_LEVEL, Log};
use crate::signals::{Signal, Signals, survive_large_files};
use crate::supervisor;
use crate::units::line;
use parlour_protocol::invitation_link;
use parlour_server::settings::{LogFormat, NAME, Reload, ReloadablePart, Settings, SettingsError};
use parlour_server::tls::Tls;
use parlour_server::{Config, RunningServer, check_config, warnings};
use serde_json::json;
use std::path::Path;

/// Runs the server until it receives a signal to stop.
pub async fn serve(command: Serve) -> Result {
    let (json, folder) = (command.folder.json, command.folder.data.as_deref());
    let failed = Failure::with_format::<Box<dyn std::error::Error>>(json);
    // If the limit on open files cannot be raised, the server accepts fewer connections.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let resolved = || -> std::result::Result<_, SettingsError> {
        let file = folder.map(Settings::in_folder).transpose()?.flatten();
        let (has_file, settings) = (file.is_some(), command.settings.with_fallbacks(file));
        Ok((settings.config(folder)?, settings, has_file))
    };
    let (config, settings, has_file) = resolved().map_err(|error| failed(error.into()))?;
    let log = Log::begin(log_level(&settings), settings.log_format.unwrap_or(LogFormat::Text));
    log_warnings(&config);
    let mut signals = Signals::new()?;
    survive_large_files()?;
    let mut server = parlour_server::serve(&config).await.map_err(|error| failed(error.into()))?;
    print_address(&server, &config, json);
    supervisor::notify_ready();
    // Building the document of the API took 7 MB.
    parlour_sqlite::release_free_memory();
    let mut writer = server.writer_responsive_at();
    let mut current = AppliedSettings { arguments: command.settings, has_file, settings, log };
    loop {
        tokio::select! {
            signal = signals.next() => match signal? {
                Signal::Stop => break,
                Signal::Reload => {
                    supervisor::notify_reloading();
                    current.reload(&server, folder);
                    supervisor::notify_ready();
                }
            },
            // This fails only once the server has ended, which the next branch notices.
            Ok(()) = writer.changed() => supervisor::notify_alive(),
            result = server.wait() => return Ok(result?),
        }
    }
    supervisor::notify_stopping();
    Ok(server.stop().await?)
}

fn log_warnings(config: &Config) {
    for warning in warnings(config) {
        tracing::warn!("{warning}");
    }
}

fn log_level(settings: &Settings) -> &str {
    settings.log.as_deref().unwrap_or(DEFAULT_LEVEL)
}

/// Prints the address that the server listens on, and the link for the first administrator.
fn print_address(server: &RunningServer, config: &Config, json: bool) {
    let address = format!("{}://{}", config.tls.scheme(), server.address);
    let reached = config.public_url.as_ref().unwrap_or(&address);
    let pin = server.tls.as_ref().and_then(Tls::pin);
    let first = server.first_invitation.as_ref();
    let first = first.map(|secret| invitation_link(reached, secret, pin));
    if json {
        return line(&json!({"listening": address, "firstInvitation": first}).to_string());
    }
    line(&format!("listening on {address}"));
    if let Some(link) = first {
        line(&format!(
            "There is no administrator yet. The person who registers with this link becomes one.\n\
             It can be used once, within a day: {link}"
        ));
    }
}

/// The current settings of a running server.
struct AppliedSettings {
    /// The settings from flags and the environment, which do not change.
    arguments: Settings,
    /// Whether parlour.toml existed when it was last read.
    has_file: bool,
    /// All settings, including those from parlour.toml.
    settings: Settings,
    log: Log,
}

impl AppliedSettings {
    /// Reads parlour.toml again, applies what can change without a restart, and logs the result.
    fn reload(&mut self, server: &RunningServer, folder: Option<&Path>) {
        let read = || -> std::result::Result<_, SettingsError> {
            let file = folder.map(Settings::in_folder).transpose()?.flatten();
            if let (None, true, Some(folder)) = (&file, self.has_file, folder) {
                return Err(SettingsError::Removed(folder.join(NAME)));
            }
            let (has_file, new_settings) = (file.is_some(), self.arguments.with_fallbacks(file));
            // Settings that need a restart must be valid too.
            new_settings.config(folder)?;
            let reload = self.settings.reload(&new_settings);
            let config = reload.settings.config(folder)?;
            Ok((reload, config, has_file))
        };
        let (reload, config, has_file) = match read() {
            Ok(read) => read,
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                return tracing::error!(
                    error,
                    "the new settings are invalid; the previous ones stay in effect"
                );
            }
        };
        server.reload(&config, &reload);
        log_warnings(&config);
        let is_log_changed = reload.parts().contains(&ReloadablePart::Log);
        let Reload { settings, applied, need_restart } = reload;
        if is_log_changed {
            self.log.set(log_level(&settings));
        }
        if let Some(Err(error)) = server.tls.as_ref().map(Tls::reload) {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "cannot use the new certificate; the previous one stays in use");
        }
        (self.settings, self.has_file) = (settings, has_file);
        tracing::info!(changed = applied.join(", "), "the settings were reloaded");
        if !need_restart.is_empty() {
            tracing::warn!(
                settings = need_restart.join(", "),
                "these settings take effect when the server is restarted"
            );
        }
    }
}

/// Checks that all settings together are valid, and that a server can use the files that they name; prints the result.
pub fn check(command: &Serve) -> Result {
    let (json, folder) = (command.folder.json, command.folder.data.as_deref());
    let failed = Failure::with_format::<SettingsError>(json);
    let settings = command.settings.resolve(folder).map_err(&failed)?;
    let config = settings.config(folder).map_err(&failed)?;
    check_config(&config).map_err(Failure::with_format(json))?;
    let warnings = warnings(&config);
    let file = folder.map(|folder| folder.join(NAME)).filter(|file| file.exists());
    if json {
        let mut values = settings.values();
        // These may contain passwords.
        for key in ["database", "bus"] {
            if let Some(value) = values.get_mut(key) {
                *value = "(not shown)".into();
            }
        }
        let result = json!({"file": file, "settings": values, "warnings": warnings});
        line(&result.to_string());
        return Ok(());
    }
    line(&match file {
        Some(file) => format!("{} is valid, with the environment and the flags", file.display()),
        None => "there is no parlour.toml; the environment and the flags are valid".to_owned(),
    });
    for warning in warnings {
        line(&format!("warning: {warning}"));
    }
    Ok(())
}

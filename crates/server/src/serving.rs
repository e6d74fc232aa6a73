//! Serving, until the server is told to stop; and saying whether it could.

use crate::cli::Serve;
use crate::failure::{Failure, Result};
use crate::logging::{Log, USUAL};
use crate::printed::line;
use crate::signals::{Signal, Signals};
use crate::supervisor;
use parlour_protocol::invitation_link;
use parlour_server::settings::{LogFormat, NAME, Reload, Settings, SettingsError};
use parlour_server::tls::Tls;
use parlour_server::{Config, Running};
use serde_json::json;
use std::path::Path;

/// Serves.
pub async fn serve(asked: Serve) -> Result {
    let (json, folder) = (asked.folder.json, asked.folder.data.as_deref());
    let failed = Failure::of::<Box<dyn std::error::Error>>(json);
    // Where it cannot be raised, fewer connections are taken.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let settled = asked.settings.resolve(folder).and_then(|all| Ok((all.config(folder)?, all)));
    let (config, settings) = settled.map_err(|error| failed(error.into()))?;
    let log = Log::begin(level(&settings), settings.log_format.unwrap_or(LogFormat::Text));
    let mut signals = Signals::new()?;
    let mut server = parlour_server::serve(&config).await.map_err(|error| failed(error.into()))?;
    tell(&server, &config, json);
    supervisor::serves();
    let mut writer = server.writer_answered();
    let mut now = Now { said: asked.settings, settings, config, log };
    loop {
        tokio::select! {
            asked = signals.next() => match asked? {
                Signal::Stop => break,
                Signal::Reload => {
                    supervisor::reloads();
                    now.reload(&server, folder);
                    supervisor::serves();
                }
            },
            // It fails only while the server ends, which is waited for below.
            Ok(()) = writer.changed() => supervisor::is_alive(),
            ended = server.wait() => return Ok(ended?),
        }
    }
    supervisor::ends();
    Ok(server.stop().await?)
}

fn level(settings: &Settings) -> &str {
    settings.log.as_deref().unwrap_or(USUAL)
}

/// Says where it listens, and how the first administrator gets in.
fn tell(server: &Running, config: &Config, json: bool) {
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
            "There is no administrator yet. Whoever registers with this link becomes one;\n\
             it is good once, for a day: {link}"
        ));
    }
}

/// What a server goes by.
struct Now {
    /// By flags and the environment, which stay as they are.
    said: Settings,
    /// All of it together.
    settings: Settings,
    config: Config,
    log: Log,
}

impl Now {
    /// Reads the file anew, and says what comes of it.
    fn reload(&mut self, server: &Running, folder: Option<&Path>) {
        let read = || -> std::result::Result<_, SettingsError> {
            let said = self.said.resolve(folder)?;
            // Also what needs a restart has to make sense.
            said.config(folder)?;
            let reload = self.settings.reload(&said);
            let config = reload.settings.config(folder)?;
            Ok((reload, config))
        };
        let (Reload { settings, taken, left }, config) = match read() {
            Ok(read) => read,
            Err(error) => {
                return tracing::error!(%error, "the settings stay as they are: the new ones make no sense");
            }
        };
        server.reload(&self.config, &config);
        self.log.set(level(&settings));
        if let Some(Err(error)) = server.tls.as_ref().map(Tls::reload) {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "the new certificate cannot be used; the one before is");
        }
        (self.settings, self.config) = (settings, config);
        tracing::info!(changed = taken.join(", "), "the settings were read anew");
        if !left.is_empty() {
            tracing::warn!(
                settings = left.join(", "),
                "these change when the server is started again"
            );
        }
    }
}

/// Says whether the settings make sense.
pub fn check(asked: &Serve) -> Result {
    let (json, folder) = (asked.folder.json, asked.folder.data.as_deref());
    let failed = Failure::of::<SettingsError>(json);
    let settings = asked.settings.resolve(folder).map_err(&failed)?;
    settings.config(folder).map_err(&failed)?;
    let file = folder.map(|folder| folder.join(NAME)).filter(|file| file.exists());
    if json {
        let mut values = settings.values();
        // They may hold passwords.
        for key in ["database", "bus"] {
            if let Some(value) = values.get_mut(key) {
                *value = "(not shown)".into();
            }
        }
        line(&json!({"file": file, "settings": values}).to_string());
        return Ok(());
    }
    line(&match file {
        Some(file) => format!("{} makes sense, with the environment and the flags", file.display()),
        None => "there is no parlour.toml; the environment and the flags make sense".to_owned(),
    });
    Ok(())
}

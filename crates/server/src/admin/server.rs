//! Settings of the server that administrators change while it runs: its name, its picture, its welcome text, who may
//! register, and whether it has presence and statuses.
//! They are in the database, so they apply to every server on it, and override the operator's settings.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::lock::lock;
use crate::ops::Picture;
use crate::queries::server_settings::PRESENCE;
use crate::queries::{pictures, server_settings, streams};
use parlour_protocol::{PictureId, Registration, ServerAbout, ServerChange, StreamId};
use std::path::Path;

const NAME: &str = "name";
const WELCOME: &str = "welcome";
const REGISTRATION: &str = "registration";
const PICTURE: &str = "picture";
const SETTINGS: [&str; 5] = [NAME, WELCOME, REGISTRATION, PICTURE, PRESENCE];

/// The settings in the database; empty or `None` if an administrator has not set them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StoredSettings {
    /// The server's name.
    pub name: String,
    /// The welcome text for newcomers.
    pub welcome: String,
    /// Who may register.
    pub registration: Option<Registration>,
    /// The server's picture.
    pub picture: Option<PictureId>,
    /// Whether people see who is online, and each other's statuses.
    pub presence: Option<bool>,
}

impl StoredSettings {
    /// Reads the settings.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn read(tx: &Tx) -> Result<Self, DbError> {
        Self::parse(server_settings::find_five(tx, SETTINGS).await?)
    }

    /// Reads the settings from the SQLite file of a server that is not running, without changing the file. Returns no
    /// settings if the file does not exist, is from an earlier version, or cannot be read.
    pub fn read_file(path: &Path) -> Self {
        // Opening a FIFO would block until its other end is opened.
        if !path.metadata().is_ok_and(|file| file.is_file()) {
            return Self::default();
        }
        let found = server_settings::find_five_in_file(path, SETTINGS).ok();
        found.and_then(|found| Self::parse(found).ok()).unwrap_or_default()
    }

    fn parse(
        [name, welcome, registration, picture, presence]: [Option<String>; 5],
    ) -> Result<Self, DbError> {
        let registration = match registration {
            None => None,
            Some(value) => Some(Registration::parse(&value).ok_or(DbError::Column(REGISTRATION))?),
        };
        let (name, welcome) = (name.unwrap_or_default(), welcome.unwrap_or_default());
        let picture = picture.filter(|id| !id.is_empty()).map(|id| id.parse()).transpose();
        let picture = picture.map_err(|_| DbError::Column(PICTURE))?;
        let presence = presence.map(|value| value != server_settings::OFF);
        Ok(Self { name, welcome, registration, picture, presence })
    }

    /// Returns the public description of the server; `configured` are the operator's settings.
    pub fn about(self, configured: ConfiguredSettings) -> ServerAbout {
        let chosen = Some(self.name).filter(|name| !name.is_empty());
        ServerAbout {
            name: chosen.or(configured.name),
            welcome: self.welcome,
            picture: self.picture,
            presence_off: !self.presence.unwrap_or(configured.presence),
        }
    }
}

/// Returns the public description of the server; `configured` are the operator's settings.
///
/// # Errors
/// Fails if the database does.
pub async fn about(tx: &Tx, configured: ConfiguredSettings) -> Result<ServerAbout, DbError> {
    Ok(StoredSettings::read(tx).await?.about(configured))
}

/// The operator's settings, which apply unless an administrator chose something else.
pub struct ConfiguredSettings {
    /// The server's name.
    pub name: Option<String>,
    /// Whether people see who is online, and each other's statuses.
    pub presence: bool,
}

/// Returns the operator's settings.
pub fn configured(app: &App) -> ConfiguredSettings {
    let about = lock(&app.runtime.about);
    ConfiguredSettings { name: about.name.clone(), presence: about.presence }
}

/// Applies the settings that administrators chose, and logs if they override who may register.
pub async fn apply_stored(app: &App) {
    let Ok(tx) = app.db.read().await else { return };
    let Ok(StoredSettings { registration, presence, .. }) = StoredSettings::read(&tx).await else {
        return;
    };
    app.hub.set_chosen_presence(presence);
    let Some(chosen) = registration else { return };
    let settings = app.sign_in.registration();
    if chosen != settings {
        let (settings, chosen) = (settings.as_str(), chosen.as_str());
        tracing::info!(
            settings,
            chosen,
            "an administrator changed who may register in the app, which overrides the settings"
        );
    }
}

/// Returns who may register; `configured` is the operator's setting.
///
/// # Errors
/// Fails if the database does.
pub async fn registration(tx: &Tx, configured: Registration) -> Result<Registration, DbError> {
    Ok(StoredSettings::read(tx).await?.registration.unwrap_or(configured))
}

/// Changes the settings, and returns the new description of the server.
///
/// # Errors
/// Fails if a text is not allowed, or if the caller is not an administrator.
pub async fn change(
    app: &App,
    actor: Actor,
    change: ServerChange,
) -> Result<ServerAbout, ApiError> {
    let (change, configured, now) = (change.normalized(), configured(app), app.now());
    change.check()?;
    let chosen = change.presence;
    let about = app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let before = StoredSettings::read(tx).await?;
            let mut details = Vec::new();
            let mut must_notify = false;
            for (key, new, old) in
                [(NAME, change.name, &before.name), (WELCOME, change.welcome, &before.welcome)]
            {
                let Some(new) = new.filter(|new| new != old) else { continue };
                server_settings::put(tx, key, &new).await?;
                // The audit log contains no texts.
                details.push(format!("{key}={}", if new.is_empty() { "none" } else { "changed" }));
                must_notify = true;
            }
            if let Some(new) = change.registration.filter(|new| Some(*new) != before.registration) {
                server_settings::put(tx, REGISTRATION, new.as_str()).await?;
                details.push(format!("{REGISTRATION}={}", new.as_str()));
            }
            if let Some(new) = change.presence.filter(|new| Some(*new) != before.presence) {
                let value = if new { server_settings::ON } else { server_settings::OFF };
                server_settings::put(tx, PRESENCE, value).await?;
                details.push(format!("{PRESENCE}={value}"));
                must_notify = true;
            }
            if !details.is_empty() {
                let event =
                    Event::by_actor(&actor, Action::ServerChanged).details(details.join(" "));
                audit::record(tx, event, now).await?;
            }
            if must_notify {
                notify_clients(tx).await?;
            }
            Ok(about(tx, configured).await?)
        })
    });
    let about = about.await?;
    if chosen.is_some() {
        app.hub.set_chosen_presence(chosen);
    }
    Ok(about)
}

/// Sets or deletes the server's picture, and returns the new description of the server. Does nothing if the picture
/// is unchanged.
///
/// # Errors
/// Fails if the caller is not an administrator.
pub async fn set_picture(
    app: &App,
    actor: Actor,
    picture: Option<Picture>,
) -> Result<ServerAbout, ApiError> {
    let (configured, now) = (configured(app), app.now());
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let before = StoredSettings::read(tx).await?.picture;
            let id = picture.as_ref().map(|picture| picture.id);
            if id != before {
                if let Some(before) = before {
                    pictures::forget_servers(tx, before).await?;
                }
                if let Some(Picture { id, bytes }) = picture {
                    pictures::set_servers(tx, id, bytes).await?;
                }
                let value = id.map(|id| id.to_string()).unwrap_or_default();
                server_settings::put(tx, PICTURE, &value).await?;
                let details =
                    format!("{PICTURE}={}", if id.is_some() { "changed" } else { "none" });
                let event = Event::by_actor(&actor, Action::ServerChanged).details(details);
                audit::record(tx, event, now).await?;
                notify_clients(tx).await?;
            }
            Ok(about(tx, configured).await?)
        })
    })
    .await
}

/// Makes every connected client, on every server, request the heads, which contain the server's name: moves the
/// directory although none of its rows has changed.
async fn notify_clients(tx: &Tx) -> Result<(), DbError> {
    let head = streams::advance(tx, StreamId::Directory).await?;
    streams::announce_head(tx, StreamId::Directory, head);
    Ok(())
}

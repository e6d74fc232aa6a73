//! Settings of the server that administrators change while it runs: its name, its picture, its welcome text, and who may
//! register.
//! They are in the database, so they apply to every server on it, and override the operator's settings.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::lock::lock;
use crate::ops::Picture;
use crate::queries::{pictures, server_settings, streams};
use parlour_protocol::{PictureId, Registration, ServerAbout, ServerChange, StreamId};
use std::path::Path;

const NAME: &str = "name";
const WELCOME: &str = "welcome";
const REGISTRATION: &str = "registration";
const PICTURE: &str = "picture";
const SETTINGS: [&str; 4] = [NAME, WELCOME, REGISTRATION, PICTURE];

/// The settings in the database; empty or `None` if an administrator has not set them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The server's name.
    pub name: String,
    /// The welcome text for newcomers.
    pub welcome: String,
    /// Who may register.
    pub registration: Option<Registration>,
    /// The server's picture.
    pub picture: Option<PictureId>,
}

impl Chosen {
    /// Reads the settings.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn read(tx: &Tx) -> Result<Self, DbError> {
        Self::parse(server_settings::find_four(tx, SETTINGS).await?)
    }

    /// Reads the settings in the file of a server that does not run, which stays as it is. There are none in a file
    /// that does not exist yet, that is of an earlier version, or that cannot be read.
    pub fn read_file(path: &Path) -> Self {
        let found = server_settings::find_four_in_file(path, SETTINGS).ok();
        found.and_then(|found| Self::parse(found).ok()).unwrap_or_default()
    }

    fn parse([name, welcome, registration, picture]: [Option<String>; 4]) -> Result<Self, DbError> {
        let registration = match registration {
            None => None,
            Some(word) => Some(Registration::parse(&word).ok_or(DbError::Column(REGISTRATION))?),
        };
        let (name, welcome) = (name.unwrap_or_default(), welcome.unwrap_or_default());
        let picture = picture.filter(|id| !id.is_empty()).map(|id| id.parse()).transpose();
        let picture = picture.map_err(|_| DbError::Column(PICTURE))?;
        Ok(Self { name, welcome, registration, picture })
    }

    /// Returns what the server tells of itself; `said` is the name in the operator's settings.
    pub fn about(self, said: Option<String>) -> ServerAbout {
        let chosen = Some(self.name).filter(|name| !name.is_empty());
        ServerAbout { name: chosen.or(said), welcome: self.welcome, picture: self.picture }
    }
}

/// Returns what the server tells of itself; `said` is the name in the operator's settings.
///
/// # Errors
/// Fails if the database does.
pub async fn about(tx: &Tx, said: Option<String>) -> Result<ServerAbout, DbError> {
    Ok(Chosen::read(tx).await?.about(said))
}

/// Returns the name in the operator's settings.
pub fn said_name(app: &App) -> Option<String> {
    lock(&app.run.about).name.clone()
}

/// Logs if who may register differs from the operator's settings, because an administrator changed it.
pub async fn log_chosen(app: &App) {
    let Ok(tx) = app.db.read().await else { return };
    let Ok(Chosen { registration: Some(chosen), .. }) = Chosen::read(&tx).await else { return };
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

/// Returns who may register; `said` is what the operator's settings say.
///
/// # Errors
/// Fails if the database does.
pub async fn registration(tx: &Tx, said: Registration) -> Result<Registration, DbError> {
    Ok(Chosen::read(tx).await?.registration.unwrap_or(said))
}

/// Changes the settings, and returns what the server tells of itself now.
///
/// # Errors
/// Fails if a text cannot be used, or if the caller is not an administrator.
pub async fn change(
    app: &App,
    actor: Actor,
    change: ServerChange,
) -> Result<ServerAbout, ApiError> {
    let (change, said, now) = (change.normalized(), said_name(app), app.now());
    change.check()?;
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let before = Chosen::read(tx).await?;
            let mut details = Vec::new();
            let mut is_told = false;
            for (key, new, old) in
                [(NAME, change.name, &before.name), (WELCOME, change.welcome, &before.welcome)]
            {
                let Some(new) = new.filter(|new| new != old) else { continue };
                server_settings::put(tx, key, &new).await?;
                // The audit contains no texts.
                details.push(format!("{key}={}", if new.is_empty() { "none" } else { "changed" }));
                is_told = true;
            }
            if let Some(new) = change.registration.filter(|new| Some(*new) != before.registration) {
                server_settings::put(tx, REGISTRATION, new.as_str()).await?;
                details.push(format!("{REGISTRATION}={}", new.as_str()));
            }
            if !details.is_empty() {
                let event =
                    Event::by_actor(&actor, Action::ServerChanged).details(details.join(" "));
                audit::note(tx, event, now).await?;
            }
            if is_told {
                tell(tx).await?;
            }
            Ok(about(tx, said).await?)
        })
    })
    .await
}

/// Sets or deletes the server's picture, and returns what the server tells of itself now. Does nothing if it stays the
/// same.
///
/// # Errors
/// Fails if the caller is not an administrator.
pub async fn set_picture(
    app: &App,
    actor: Actor,
    picture: Option<Picture>,
) -> Result<ServerAbout, ApiError> {
    let (said, now) = (said_name(app), app.now());
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let before = Chosen::read(tx).await?.picture;
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
                audit::note(tx, event, now).await?;
                tell(tx).await?;
            }
            Ok(about(tx, said).await?)
        })
    })
    .await
}

/// Makes every connected client, on every server, ask for the heads, which contain the server's name: moves the
/// directory although none of its rows has changed.
async fn tell(tx: &Tx) -> Result<(), DbError> {
    let head = streams::advance(tx, StreamId::Directory).await?;
    streams::announce_head(tx, StreamId::Directory, head);
    Ok(())
}

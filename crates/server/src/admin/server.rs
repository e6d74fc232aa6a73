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
pub struct Chosen {
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

impl Chosen {
    /// Reads the settings.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn read(tx: &Tx) -> Result<Self, DbError> {
        Self::parse(server_settings::find_five(tx, SETTINGS).await?)
    }

    /// Reads the settings in the file of a server that does not run, which stays as it is. There are none in a file
    /// that does not exist yet, that is of an earlier version, or that cannot be read.
    pub fn read_file(path: &Path) -> Self {
        // Whoever opens a pipe waits for its other end.
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
            Some(word) => Some(Registration::parse(&word).ok_or(DbError::Column(REGISTRATION))?),
        };
        let (name, welcome) = (name.unwrap_or_default(), welcome.unwrap_or_default());
        let picture = picture.filter(|id| !id.is_empty()).map(|id| id.parse()).transpose();
        let picture = picture.map_err(|_| DbError::Column(PICTURE))?;
        let presence = presence.map(|word| word != server_settings::OFF);
        Ok(Self { name, welcome, registration, picture, presence })
    }

    /// Returns what the server tells of itself; `said` is what the operator's settings say.
    pub fn about(self, said: Said) -> ServerAbout {
        let chosen = Some(self.name).filter(|name| !name.is_empty());
        ServerAbout {
            name: chosen.or(said.name),
            welcome: self.welcome,
            picture: self.picture,
            presence_off: !self.presence.unwrap_or(said.presence),
        }
    }
}

/// Returns what the server tells of itself; `said` is what the operator's settings say.
///
/// # Errors
/// Fails if the database does.
pub async fn about(tx: &Tx, said: Said) -> Result<ServerAbout, DbError> {
    Ok(Chosen::read(tx).await?.about(said))
}

/// What the operator's settings say, unless an administrator chose something else.
pub struct Said {
    /// The server's name.
    pub name: Option<String>,
    /// Whether people see who is online, and each other's statuses.
    pub presence: bool,
}

/// Returns what the operator's settings say.
pub fn said(app: &App) -> Said {
    let about = lock(&app.run.about);
    Said { name: about.name.clone(), presence: about.presence }
}

/// Applies what administrators chose, and logs if who may register differs from the operator's settings because of
/// that.
pub async fn apply_chosen(app: &App) {
    let Ok(tx) = app.db.read().await else { return };
    let Ok(Chosen { registration, presence, .. }) = Chosen::read(&tx).await else { return };
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
    let (change, said, now) = (change.normalized(), said(app), app.now());
    change.check()?;
    let chosen = change.presence;
    let about = app.write(move |tx| {
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
            if let Some(new) = change.presence.filter(|new| Some(*new) != before.presence) {
                let word = if new { server_settings::ON } else { server_settings::OFF };
                server_settings::put(tx, PRESENCE, word).await?;
                details.push(format!("{PRESENCE}={word}"));
                is_told = true;
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
    });
    let about = about.await?;
    if chosen.is_some() {
        app.hub.set_chosen_presence(chosen);
    }
    Ok(about)
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
    let (said, now) = (said(app), app.now());
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

//! The server's name and settings as administrators change them, and the state of a server.

use crate::looks::has_mixed_word;
use crate::text::{self, check_line, is_blank};
use crate::{Count, ErrorBody, Millis, PictureId, Refusal, Registration, limits};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The name, the welcome text and the picture of a server, for people who are signed in or invited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ServerAbout {
    /// The server's name.
    pub name: Option<String>,
    /// The welcome text for new people; empty if there is none.
    pub welcome: String,
    /// Its picture, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[cfg_attr(feature = "ipc", specta(type = Option<String>))]
    pub picture: Option<PictureId>,
    /// Whether presence and statuses are switched off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub presence_off: bool,
}

impl ServerAbout {
    /// Checks that the texts are valid.
    ///
    /// # Errors
    /// `invalid`, with the reason to display.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_server_name(self.name.as_deref().unwrap_or_default())?;
        check_welcome(&self.welcome)
    }
}

/// `PATCH /v1/administration/server`: settings that an administrator changes, which override the operator's. Those that
/// are left out stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ServerChange {
    /// The server's name: one line of at most 100 characters. Empty for the one in the operator's settings.
    pub name: Option<String>,
    /// The welcome text for new people: at most 500 characters. Empty for none.
    pub welcome: Option<String>,
    /// Who may register.
    pub registration: Option<Registration>,
    /// Whether people see who is online, and each other's statuses.
    pub presence: Option<bool>,
}

impl ServerChange {
    /// Returns the form in which it is stored: in NFC, the name with single spaces between words, without surrounding
    /// space.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let name = self.name.as_ref().map(|name| {
            let words: Vec<&str> = name.split_whitespace().collect();
            words.join(" ").nfc().collect()
        });
        let welcome = self.welcome.as_ref();
        let welcome = welcome.map(|text| text::with_newlines(text.trim()).nfc().collect());
        Self { name, welcome, registration: self.registration, presence: self.presence }
    }

    /// Checks that everything is valid.
    ///
    /// # Errors
    /// `invalid`, with the reason to display.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_server_name(self.name.as_deref().unwrap_or_default())?;
        check_welcome(self.welcome.as_deref().unwrap_or_default())
    }
}

/// Checks the name of a server: one line of at most 100 characters, which may be empty.
///
/// # Errors
/// `invalid` if it is too long, has several lines or is blank, if it contains invisible characters or ones that
/// change the direction of the text, or if a word of it mixes letters that look alike, as in a group's title.
pub fn check_server_name(name: &str) -> Result<(), ErrorBody> {
    let is_long = name.chars().nth(limits::SERVER_NAME_CHARS).is_some();
    if is_long || (!name.is_empty() && is_blank(name)) || has_mixed_word(name) {
        return Err(Refusal::ServerName.into());
    }
    check_line(name, Refusal::ServerName, Refusal::ServerName)
}

fn check_welcome(welcome: &str) -> Result<(), ErrorBody> {
    let is_long = welcome.chars().nth(limits::WELCOME_CHARS).is_some();
    if is_long || (!welcome.is_empty() && is_blank(welcome)) {
        return Err(Refusal::Welcome.into());
    }
    let line = welcome.replace(['\n', '\t'], " ");
    check_line(&line, Refusal::Welcome, Refusal::Welcome)
}

/// The response to `GET /v1/administration/server`: the state of the server that responds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerState {
    /// The server's name.
    pub name: Option<String>,
    /// The name in its operator's settings, which counts unless an administrator sets another one.
    pub said_name: Option<String>,
    /// The welcome text for new people; empty if there is none.
    pub welcome: String,
    /// Its public address; `None` if it is not configured.
    pub public_url: Option<String>,
    /// Who may register.
    pub registration: Registration,
    /// Whether people see who is online, and each other's statuses.
    pub presence: bool,
    /// Its version.
    pub version: String,
    /// The time at which it started.
    pub since: Millis,
    /// Number of people, without those whose accounts were erased.
    pub people: Count,
    /// Number of signed-in devices.
    pub sessions: Count,
    /// Number of those devices that are connected to this server.
    pub sockets: Count,
    /// The kind of its database: `sqlite` or `postgres`.
    pub database: String,
    /// Size of the database, in bytes.
    pub database_bytes: Count,
    /// The free space for its data folder, in bytes; `None` if it has no such folder or the system does not
    /// report it.
    pub disk_free: Option<Count>,
    /// The certificate that it presents; `None` if it does not encrypt connections.
    pub certificate: Option<ServerCertificate>,
    /// The scheduled backups.
    pub backups: ServerBackups,
    /// How far the system's clock is behind the newest time that the server has used, in milliseconds.
    pub clock_behind: Count,
    /// The reason why it is not ready; `None` if it is.
    pub unready: Option<UnreadyBecause>,
    /// The results of those health checks that are quick.
    pub health: Vec<HealthFinding>,
}

string_enum!(
    /// The reason why a server is not ready.
    UnreadyBecause {
        /// It is shutting down.
        Ending = "ending",
        /// Its database does not respond in time.
        Database = "database",
        /// A newer server changed the database's tables.
        Schema = "schema",
        /// It has no contact with the other servers on its database.
        Bus = "bus",
    }
);

string_enum!(
    /// A health check.
    HealthCheck {
        /// The database responds, and has the schema of this version.
        Database = "database",
        /// There is free space.
        Disk = "disk",
        /// There is a recent backup.
        Backup = "backup",
        /// The certificate is valid, and will be for a while.
        Certificate = "certificate",
        /// The system's clock is not behind the times that the server has used.
        Clock = "clock",
    }
);

string_enum!(
    /// The result of a health check.
    HealthState {
        /// Nothing is wrong.
        Ok = "ok",
        /// It works, but needs attention.
        Warning = "warning",
        /// It does not work, or something was lost.
        Error = "error",
    }
);

/// A health check and its result. The details are in other fields of [`ServerState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HealthFinding {
    /// The check.
    pub check: HealthCheck,
    /// Its result.
    pub state: HealthState,
}

/// The certificate that a server presents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerCertificate {
    /// Its origin, as in the setting `tls`: `own`, `files` or `acme`.
    pub kind: String,
    /// The time at which it expires; `None` if it does not.
    pub expires_at: Option<Millis>,
    /// The time of the next attempt to renew it by ACME; `None` unless the renewal is overdue.
    pub retry_at: Option<Millis>,
}

/// The scheduled backups of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerBackups {
    /// Whether backups are scheduled.
    pub planned: bool,
    /// The time of the last backup.
    pub last_at: Option<Millis>,
    /// Size of the last backup, in bytes.
    pub last_bytes: Option<Count>,
    /// The time of the last failure, if no backup was made since.
    pub failed_at: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(name: &str, welcome: &str) -> ServerChange {
        let (name, welcome) = (Some(name.into()), Some(welcome.into()));
        ServerChange { name, welcome, registration: None, presence: None }
    }

    #[test]
    fn a_server_has_a_visible_name_of_one_line_and_a_short_welcome_text() {
        let long = "ä".repeat(limits::SERVER_NAME_CHARS + 1);
        for name in ["Work\u{202e}shop", "a\nb", "\u{200b}", "\u{2800}", "a\0b", "раypal", &long]
        {
            assert_eq!(change(name, "").check(), Err(Refusal::ServerName.into()), "{name:?}");
        }
        let long = "ä".repeat(limits::WELCOME_CHARS + 1);
        for welcome in ["a\u{2066}b", "\u{200b}", "a\0b", &long] {
            assert_eq!(change("", welcome).check(), Err(Refusal::Welcome.into()), "{welcome:?}");
        }
        for (name, welcome) in [
            ("", ""),
            ("Workshop", "Hello.\n\tSay who you are."),
            ("ورشة", "🌳"),
            ("Мастерская Δv", ""),
        ] {
            assert_eq!(change(name, welcome).check(), Ok(()), "{name:?} {welcome:?}");
        }
        assert_eq!(ServerChange::default().check(), Ok(()));
    }

    #[test]
    fn a_change_is_normalized() {
        let normalized = change(" The\t Wre\u{301}n ", "\r\none\r\ntwo ").normalized();
        assert_eq!(normalized, change("The Wr\u{e9}n", "one\ntwo"));
        assert_eq!(normalized.normalized(), normalized);
        assert_eq!(serde_json::from_str::<ServerChange>("{}").unwrap(), ServerChange::default());
    }
}

//! Turns settings into the server's configuration.

use super::acme::acme;
use super::error::SettingsError;
use super::files::files;
use super::keys::{Header, MetricsAccess, RegistrationMode, Settings, TlsMode};
use super::ranges;
use crate::auth::Lifetime;
use crate::backup::{self, BackupEncryption, BackupError, Schedule};
use crate::config::Config;
use crate::connections::ConnectionLimits;
use crate::data_names::{BACKUPS, METRICS_TOKEN, SERVER_KEY};
use crate::db::{DatabaseAddress, DbError};
use crate::file_store::FileSettings;
use crate::hub::SocketLimits;
use crate::metrics::MetricsMode;
use crate::proxies::{Proxies, ProxyHeader};
use crate::tls;
use axum::http::Uri;
use parlour_protocol::{Registration, check_server_name, limits, text};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const MIB: u64 = 1024 * 1024;

impl Settings {
    /// Returns the settings for a server with this data folder, if it has one: these, then those in its file,
    /// then the defaults.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is invalid.
    pub fn resolve(&self, folder: Option<&Path>) -> Result<Self, SettingsError> {
        Ok(self.with_fallbacks(folder.map(Self::in_folder).transpose()?.flatten()))
    }

    /// Combines these settings with a file's and the defaults.
    pub fn with_fallbacks(&self, file: Option<Self>) -> Self {
        self.or_else(&file.unwrap_or_default()).or_else(&Self::defaults())
    }

    /// Returns the configuration of a server with this data folder.
    ///
    /// # Errors
    /// Fails if a setting is invalid.
    pub fn config(&self, folder: Option<&Path>) -> Result<Config, SettingsError> {
        let database = self.database(folder)?;
        let all = self.or_else(&Self::defaults());
        ranges::check(&all.values())?;
        let tls = tls(&all, folder, &database)?;
        let metrics = metrics(&all, database.folder().or(folder))?;
        check_name(&all)?;
        check_log(&all)?;
        check_url(&all, &tls)?;
        let backup_encryption = backup_encryption(&all)?;
        let backups = backups(&all, folder, &database, &backup_encryption);
        let files = files(&all, FileSettings::default())?;
        let base = Config::new(database, all.listen.expect("a default"));
        Ok(Config {
            folder: folder.map(Path::to_owned),
            name: all.name,
            public_url: public_url(all.public_url, &tls),
            tls,
            metrics,
            backups,
            backup_encryption,
            export_private: all.export_private.unwrap_or(base.export_private),
            bus: all.bus.as_deref().map(bus).transpose()?,
            registration: all.registration.map_or(base.registration, Into::into),
            presence: all.presence.unwrap_or(base.presence),
            lifetime: Lifetime {
                idle: all.session_idle_days.map_or(base.lifetime.idle, |days| DAY * days),
                absolute: all.session_max_days.map_or(base.lifetime.absolute, |days| DAY * days),
            },
            requests_per_second: all.requests_per_second.unwrap_or(base.requests_per_second),
            bytes_per_day: all
                .mib_per_day
                .map_or(base.bytes_per_day, |mib| mib.saturating_mul(MIB)),
            files,
            proxies: Proxies {
                count: all.trust_proxy.unwrap_or_default(),
                header: all.proxy_header.map_or(base.proxies.header, Into::into),
            },
            sockets: SocketLimits {
                per_session: all.max_sockets_per_session.unwrap_or(base.sockets.per_session),
                per_account: all.max_sockets_per_account.unwrap_or(base.sockets.per_account),
            },
            connections: ConnectionLimits {
                connections: all.max_connections.unwrap_or(base.connections.connections),
                per_network: all
                    .max_connections_per_network
                    .unwrap_or(base.connections.per_network),
                ..base.connections
            },
            ..base
        })
    }

    fn database(&self, folder: Option<&Path>) -> Result<DatabaseAddress, SettingsError> {
        match (&self.database, folder) {
            (Some(value), _) => database_address(value).map_err(|error| match error {
                DbError::Address(reason) => SettingsError::value("database", reason),
                other => SettingsError::value("database", other.to_string()),
            }),
            (None, Some(folder)) => Ok(DatabaseAddress::in_folder(folder)),
            (None, None) => Err(SettingsError::NoDatabase),
        }
    }
}

fn database_address(value: &str) -> Result<DatabaseAddress, DbError> {
    let address: DatabaseAddress = value.parse()?;
    address.check().map(|()| address)
}

fn bus(value: &str) -> Result<crate::bus::BusAddress, SettingsError> {
    value.parse().map_err(|reason: &str| SettingsError::value("bus", reason))
}

/// Returns the origin of the certificate.
fn tls(
    all: &Settings,
    folder: Option<&Path>,
    database: &DatabaseAddress,
) -> Result<tls::TlsMode, SettingsError> {
    match all.tls {
        None | Some(TlsMode::Off) => Ok(tls::TlsMode::Off),
        Some(TlsMode::Own) => {
            let folder = database.folder().or(folder).ok_or_else(|| {
                SettingsError::value(
                    "tls",
                    "a certificate that the server creates needs a data folder: specify --data DIR",
                )
            })?;
            Ok(tls::TlsMode::Own(folder.join(SERVER_KEY)))
        }
        Some(TlsMode::Files) => {
            let file = |key, file: &Option<PathBuf>| {
                file.clone().ok_or_else(|| {
                    SettingsError::value(key, "with tls = \"files\", specify its file")
                })
            };
            let certificate = file("certificate", &all.certificate)?;
            let key = file("certificate_key", &all.certificate_key)?;
            Ok(tls::TlsMode::Files { certificate, key })
        }
        Some(TlsMode::Acme) => {
            let folder = database.folder().or(folder).ok_or_else(|| {
                SettingsError::value(
                    "tls",
                    "certificates by ACME need a data folder: specify --data DIR",
                )
            })?;
            acme(all, folder).map(tls::TlsMode::Acme)
        }
    }
}

/// Returns the public address, if it is set or follows from the certificate's name.
fn public_url(value: Option<String>, tls: &tls::TlsMode) -> Option<String> {
    match (value, tls) {
        (Some(url), _) => Some(url.trim_end_matches('/').to_owned()),
        (None, tls::TlsMode::Acme(acme)) => {
            acme.domains.first().map(|domain| format!("https://{domain}"))
        }
        (None, tls::TlsMode::Off | tls::TlsMode::Own(_) | tls::TlsMode::Files { .. }) => None,
    }
}

/// Returns who may read the metrics.
fn metrics(all: &Settings, folder: Option<&Path>) -> Result<MetricsMode, SettingsError> {
    match (all.metrics, &all.metrics_token_file, folder) {
        (None | Some(MetricsAccess::Off), ..) => Ok(MetricsMode::Off),
        (Some(MetricsAccess::Local), ..) => Ok(MetricsMode::Local),
        (Some(MetricsAccess::Token), Some(file), _) => Ok(MetricsMode::TokenIn(file.clone())),
        (Some(MetricsAccess::Token), None, Some(folder)) => {
            Ok(MetricsMode::OwnToken(folder.join(METRICS_TOKEN)))
        }
        (Some(MetricsAccess::Token), None, None) => Err(SettingsError::value(
            "metrics_token_file",
            "without a data folder, specify the file with the token",
        )),
    }
}

/// Returns the schedule of backups: by default into the data folder, and on PostgreSQL only if a folder is set.
fn backups(
    all: &Settings,
    folder: Option<&Path>,
    database: &DatabaseAddress,
    encryption: &BackupEncryption,
) -> Option<Schedule> {
    let default_folder =
        database.folder().map(|database_folder| folder.unwrap_or(database_folder).join(BACKUPS));
    let base = match all.backup_dir.clone().or(default_folder) {
        Some(folder) if all.backup_every_hours != Some(0) => Schedule::in_folder(folder),
        _ => return None,
    };
    let every = all.backup_every_hours.map(|hours| HOUR * hours);
    Some(Schedule {
        every: every.unwrap_or(base.every),
        keep_days: all.backup_keep_days.unwrap_or(base.keep_days),
        keep_weeks: all.backup_keep_weeks.unwrap_or(base.keep_weeks),
        encryption: encryption.clone(),
        has_files: all.backup_files.unwrap_or(base.has_files),
        ..base
    })
}

/// Returns the default encryption of backups.
fn backup_encryption(all: &Settings) -> Result<BackupEncryption, SettingsError> {
    let Some(value) = &all.backup_recipient else { return Ok(BackupEncryption::None) };
    let invalid = |error: BackupError| SettingsError::value("backup_recipient", error.to_string());
    backup::recipient(value).map_err(invalid)?;
    Ok(BackupEncryption::Recipient(value.clone()))
}

fn check_name(all: &Settings) -> Result<(), SettingsError> {
    let Some(name) = &all.name else { return Ok(()) };
    if !text::is_blank(name) && check_server_name(name).is_ok() {
        return Ok(());
    }
    let max = limits::SERVER_NAME_CHARS;
    Err(SettingsError::value(
        "name",
        format!(
            "use one line of at most {max} characters, without invisible ones, many marks on one, and words that mix \
            scripts"
        ),
    ))
}

fn check_log(all: &Settings) -> Result<(), SettingsError> {
    let Some(value) = &all.log else { return Ok(()) };
    // A single word would be interpreted as a module whose events are all logged, and none of others.
    let has_level = |part: &str| {
        let (_, level) = part.rsplit_once('=').unwrap_or((part, part));
        level.trim().parse::<LevelFilter>().is_ok()
    };
    if value.split(',').all(has_level) && EnvFilter::builder().parse(value).is_ok() {
        return Ok(());
    }
    Err(SettingsError::value(
        "log",
        "use error, warn, info, debug, or off, or PART=LEVEL for a part of the program",
    ))
}

fn check_url(all: &Settings, tls: &tls::TlsMode) -> Result<(), SettingsError> {
    let Some(url) = &all.public_url else { return Ok(()) };
    let parsed = url.parse::<Uri>().ok().filter(|url| {
        matches!(url.scheme_str(), Some("http" | "https"))
            && url.host().is_some_and(|host| !host.is_empty())
            && url.query().is_none()
    });
    if parsed.is_none() || url.contains(['#', '@']) {
        return Err(SettingsError::value(
            "public_url",
            "use an address such as https://chat.example.org",
        ));
    }
    if *tls != tls::TlsMode::Off && !url.starts_with("https://") {
        return Err(SettingsError::value(
            "public_url",
            "with encryption it must begin with https://",
        ));
    }
    Ok(())
}

impl From<RegistrationMode> for Registration {
    fn from(mode: RegistrationMode) -> Self {
        match mode {
            RegistrationMode::Open => Self::Open,
            RegistrationMode::Invitation => Self::Invitation,
            RegistrationMode::Closed => Self::Closed,
        }
    }
}

impl From<Header> for ProxyHeader {
    fn from(value: Header) -> Self {
        match value {
            Header::XForwardedFor => Self::XForwardedFor,
            Header::Forwarded => Self::Forwarded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_before_the_file_and_the_file_before_the_defaults() {
        let (flag, file) = (
            Settings { mib_per_day: Some(1), ..Settings::default() },
            Settings { mib_per_day: Some(2), session_idle_days: Some(7), ..Settings::default() },
        );
        let all = flag.or_else(&file);
        assert_eq!((all.mib_per_day, all.session_idle_days), (Some(1), Some(7)));
        let folder = Path::new("/srv/chat");
        let config = all.config(Some(folder)).unwrap();
        assert_eq!((config.bytes_per_day, config.lifetime.idle), (MIB, 7 * DAY));
        let plain = Settings::default().config(Some(folder)).unwrap();
        let summary = |config: &Config| {
            let Config { registration, requests_per_second, bytes_per_day, proxies, .. } = *config;
            let Config { sockets, connections, lifetime, listen, presence, .. } = *config;
            let (files, export_private) = (&config.files, config.export_private);
            format!(
                "{registration:?} {requests_per_second} {bytes_per_day} {proxies:?} {sockets:?} \
                 {connections:?} {lifetime:?} {listen} {presence} {files:?} \
                 {export_private}"
            )
        };
        assert_eq!(summary(&plain), summary(&Config::in_folder(folder, plain.listen)));
    }

    #[test]
    fn backups_are_daily_by_default_and_on_postgres_only_with_a_folder() {
        let folder = Path::new("/srv/chat");
        let schedule = |settings: &Settings| settings.config(Some(folder)).unwrap().backups;
        let plain = schedule(&Settings::default()).unwrap();
        assert_eq!(plain.folder, folder.join("backups"));
        assert_eq!((plain.every, plain.keep_days, plain.keep_weeks), (DAY, 7, 4));
        assert!(!plain.encryption.is_encrypted());
        let none = Settings { backup_every_hours: Some(0), ..Settings::default() };
        assert!(schedule(&none).is_none());
        let elsewhere =
            Settings { database: Some("postgres://localhost/n".into()), ..Settings::default() };
        assert!(schedule(&elsewhere).is_none());
        let settings = Settings { backup_dir: Some("/backup".into()), ..elsewhere };
        assert_eq!(schedule(&settings).unwrap().folder, Path::new("/backup"));
    }

    #[test]
    fn invalid_settings_are_reported_with_their_key_and_without_secrets() {
        let none = Settings::default;
        for (key, settings) in [
            ("database", Settings { database: Some("mysql://u:secret@h/n".into()), ..none() }),
            ("database", Settings { database: Some("postgres://u:secret@h/n".into()), ..none() }),
            ("database", Settings { database: Some("postgres://secret:@h:x/".into()), ..none() }),
            ("bus", Settings { bus: Some("redis://secret".into()), ..none() }),
            ("public_url", Settings { public_url: Some("chat.example.org".into()), ..none() }),
            ("public_url", Settings { public_url: Some("https://h/?a=b".into()), ..none() }),
            ("public_url", Settings { public_url: Some("https://u:secret@h".into()), ..none() }),
            ("log", Settings { log: Some("loud".into()), ..none() }),
            ("name", Settings { name: Some(" \n".into()), ..none() }),
            ("backup_recipient", Settings { backup_recipient: Some("age1x".into()), ..none() }),
        ] {
            let refused = settings.config(Some(Path::new("x"))).expect_err(key).to_string();
            assert!(refused.starts_with(key) && !refused.contains("secret"), "{refused}");
        }
        assert!(matches!(none().config(None), Err(SettingsError::NoDatabase)));
    }
}

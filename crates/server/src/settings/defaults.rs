//! The default values of settings.

use super::keys::{Header, LogFormat, MetricsAccess, RegistrationMode, Settings, TlsMode};
use crate::connections::ConnectionLimits;
use crate::hub::SocketLimits;
use crate::tls::LETS_ENCRYPT;
use clap::Command;
use serde_json::Value;
use std::net::SocketAddr;

impl Settings {
    /// Returns the default values; those without one are `None`.
    pub fn defaults() -> Self {
        let (connections, sockets) = (ConnectionLimits::default(), SocketLimits::default());
        Self {
            name: Some("Parlour".into()),
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 7700))),
            tls: Some(TlsMode::Off),
            acme_directory: Some(LETS_ENCRYPT.into()),
            registration: Some(RegistrationMode::Invitation),
            presence: Some(true),
            session_idle_days: Some(30),
            session_max_days: Some(180),
            requests_per_second: Some(100),
            mib_per_day: Some(256),
            max_file_mib: Some(1024),
            file_mib_per_account: Some(10_240),
            file_mib_in_all: Some(0),
            max_connections: Some(connections.connections),
            max_connections_per_network: Some(connections.per_network),
            max_sockets_per_session: Some(sockets.per_session),
            max_sockets_per_account: Some(sockets.per_account),
            backup_every_hours: Some(24),
            backup_keep_days: Some(7),
            backup_keep_weeks: Some(4),
            backup_files: Some(false),
            export_private: Some(false),
            trust_proxy: Some(0),
            proxy_header: Some(Header::XForwardedFor),
            log: Some("info".into()),
            log_format: Some(LogFormat::Text),
            metrics: Some(MetricsAccess::Off),
            ..Self::default()
        }
    }
}

/// Adds the default of each setting to a command's help.
pub fn with_defaults(command: Command) -> Command {
    let defaults = Settings::defaults().values();
    command.mut_args(|argument| {
        let default = defaults.get(argument.get_id().as_str()).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        match (default, argument.get_help().map(ToString::to_string)) {
            (Some(default), Some(help)) => argument.help(format!("{help} [default: {default}]")),
            _ => argument,
        }
    })
}

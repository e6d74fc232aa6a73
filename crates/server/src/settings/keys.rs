//! Everything that a server can be told when it starts: one list, for the command line, the environment and
//! the file.

use super::ranges::number;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What somebody said of the settings, by one of the three ways; what they did not say is nothing.
///
/// A field's name is its key in the file, its flag on the command line (`--session-idle-days`) and, after
/// `PARLOUR_`, its name in the environment; the text above it explains it in `--help` and in the file.
#[derive(Args, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The server's name. Administrators can set another one in the app, which overrides this one.
    #[arg(long, env = "PARLOUR_NAME", value_name = "NAME")]
    pub name: Option<String>,
    /// Where everything is kept: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME; the file parlour.db in the
    /// data folder if nothing is said. An address with a password is better given in the file or the
    /// environment than on the command line, where others see it.
    #[arg(long, env = "PARLOUR_DATABASE", hide_env_values = true)]
    #[arg(value_name = "postgres://USER:PASSWORD@HOST/NAME")]
    pub database: Option<String>,
    /// Servers that share a PostgreSQL tell each other what moved through it, or through this NATS.
    #[arg(long, env = "PARLOUR_BUS", hide_env_values = true, value_name = "nats://HOST:PORT")]
    pub bus: Option<String>,
    /// Where to listen; port 0 takes a free one and prints it.
    #[arg(long, env = "PARLOUR_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// The server's address as people reach it. Links of invitations begin with it.
    #[arg(long, env = "PARLOUR_PUBLIC_URL", value_name = "https://HOST")]
    pub public_url: Option<String>,
    /// How connections are encrypted: with a certificate of the server's own making, with certificate files, with
    /// certificates that the server gets by ACME, by which you agree to the terms of the authority that acme_directory
    /// names, or not at all, where a proxy in front does it.
    #[arg(long, env = "PARLOUR_TLS", value_enum)]
    pub tls: Option<TlsMode>,
    /// The file of the certificate and those that vouch for it, in PEM.
    #[arg(long, env = "PARLOUR_CERTIFICATE", value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// The file of the certificate's private key, in PEM.
    #[arg(long, env = "PARLOUR_CERTIFICATE_KEY", value_name = "FILE")]
    pub certificate_key: Option<PathBuf>,
    /// With tls = "acme": the names that the certificate is for, with commas between; the host of public_url if nothing
    /// is said. Connections to port 443 of each must reach this server.
    #[arg(long, env = "PARLOUR_ACME_DOMAINS", value_name = "chat.example.org")]
    pub acme_domains: Option<String>,
    /// The directory of the ACME authority.
    #[arg(long, env = "PARLOUR_ACME_DIRECTORY", value_name = "https://HOST/PATH")]
    pub acme_directory: Option<String>,
    /// Where the ACME authority can write to, which is not needed.
    #[arg(long, env = "PARLOUR_ACME_EMAIL", value_name = "admin@example.org")]
    pub acme_email: Option<String>,
    /// For an ACME authority of one's own: the file of the roots, in PEM, by which alone its address is trusted.
    #[arg(long, env = "PARLOUR_ACME_ROOT_FILE", value_name = "FILE")]
    pub acme_root_file: Option<PathBuf>,
    /// Who may register. Administrators can change this in the app, which overrides it.
    #[arg(long, env = "PARLOUR_REGISTRATION", value_enum)]
    pub registration: Option<RegistrationMode>,
    /// Whether people see who is online and each other's statuses. Administrators can change this in the app, which
    /// overrides it.
    #[arg(long, env = "PARLOUR_PRESENCE", value_name = "true|false")]
    pub presence: Option<bool>,
    /// A session ends after so many days without being used.
    #[arg(long, env = "PARLOUR_SESSION_IDLE_DAYS", value_name = "DAYS")]
    #[arg(value_parser = number::<u32>("session_idle_days"))]
    pub session_idle_days: Option<u32>,
    /// A session ends after so many days in any case.
    #[arg(long, env = "PARLOUR_SESSION_MAX_DAYS", value_name = "DAYS")]
    #[arg(value_parser = number::<u32>("session_max_days"))]
    pub session_max_days: Option<u32>,
    /// Requests a second of one account; 0 for no limit.
    #[arg(long, env = "PARLOUR_REQUESTS_PER_SECOND", value_name = "N")]
    #[arg(value_parser = number::<u32>("requests_per_second"))]
    pub requests_per_second: Option<u32>,
    /// MiB that one account may write in a day, of whatever kind; 0 for no bound.
    #[arg(long, env = "PARLOUR_MIB_PER_DAY", value_name = "N")]
    #[arg(value_parser = number::<u64>("mib_per_day"))]
    pub mib_per_day: Option<u64>,
    /// The folder in which the files of messages are kept; the folder files in the data folder if nothing is said. Servers
    /// that share a PostgreSQL share it too.
    #[arg(long, env = "PARLOUR_FILES", value_name = "DIR")]
    pub files: Option<String>,
    /// MiB that one file may have; 0 if no files are taken.
    #[arg(long, env = "PARLOUR_MAX_FILE_MIB", value_name = "N")]
    #[arg(value_parser = number::<u64>("max_file_mib"))]
    pub max_file_mib: Option<u64>,
    /// MiB that all files of one account may have; 0 for no limit.
    #[arg(long, env = "PARLOUR_FILE_MIB_PER_ACCOUNT", value_name = "N")]
    #[arg(value_parser = number::<u64>("file_mib_per_account"))]
    pub file_mib_per_account: Option<u64>,
    /// MiB that all files of the server may have; 0 for no limit but the disk, of which 256 MiB are left in any case.
    #[arg(long, env = "PARLOUR_FILE_MIB_IN_ALL", value_name = "N")]
    #[arg(value_parser = number::<u64>("file_mib_in_all"))]
    pub file_mib_in_all: Option<u64>,
    /// The media types of files that are taken, as their senders say them, with commas between; all if nothing is said.
    #[arg(long, env = "PARLOUR_FILE_TYPES", value_name = "image/*,application/pdf")]
    pub file_types: Option<String>,
    /// Connections at the same time, sockets among them; fewer where the system lets the process open fewer
    /// files.
    #[arg(long, env = "PARLOUR_MAX_CONNECTIONS", value_name = "N")]
    #[arg(value_parser = number::<usize>("max_connections"))]
    pub max_connections: Option<usize>,
    /// Connections at the same time from one network (IPv4 /24, IPv6 /48), without sockets; 0 for no limit. Behind
    /// proxies that are trusted there is none.
    #[arg(long, env = "PARLOUR_MAX_CONNECTIONS_PER_NETWORK", value_name = "N")]
    #[arg(value_parser = number::<usize>("max_connections_per_network"))]
    pub max_connections_per_network: Option<usize>,
    /// Sockets at the same time of one session, which is one device; 0 for no limit.
    #[arg(long, env = "PARLOUR_MAX_SOCKETS_PER_SESSION", value_name = "N")]
    #[arg(value_parser = number::<usize>("max_sockets_per_session"))]
    pub max_sockets_per_session: Option<usize>,
    /// Sockets at the same time of one account; 0 for no limit.
    #[arg(long, env = "PARLOUR_MAX_SOCKETS_PER_ACCOUNT", value_name = "N")]
    #[arg(value_parser = number::<usize>("max_sockets_per_account"))]
    pub max_sockets_per_account: Option<usize>,
    /// The folder for backups that the server makes by itself; the folder backups in the data folder if nothing is said.
    /// On PostgreSQL there are none unless this is said, and of several servers one makes them.
    #[arg(long, env = "PARLOUR_BACKUP_DIR", value_name = "DIR")]
    pub backup_dir: Option<PathBuf>,
    /// Hours from one backup to the next; 0 for none.
    #[arg(long, env = "PARLOUR_BACKUP_EVERY_HOURS", value_name = "HOURS")]
    #[arg(value_parser = number::<u32>("backup_every_hours"))]
    pub backup_every_hours: Option<u32>,
    /// Backups are kept for a day, and the newest one of so many days.
    #[arg(long, env = "PARLOUR_BACKUP_KEEP_DAYS", value_name = "DAYS")]
    #[arg(value_parser = number::<u32>("backup_keep_days"))]
    pub backup_keep_days: Option<u32>,
    /// And the newest one of so many weeks.
    #[arg(long, env = "PARLOUR_BACKUP_KEEP_WEEKS", value_name = "WEEKS")]
    #[arg(value_parser = number::<u32>("backup_keep_weeks"))]
    pub backup_keep_weeks: Option<u32>,
    /// Backups are encrypted to this age recipient, whose identity alone opens them. Only encrypted ones hold
    /// parlour.toml and tls.pem too.
    #[arg(long, env = "PARLOUR_BACKUP_RECIPIENT", value_name = "age1…")]
    pub backup_recipient: Option<String>,
    /// Believe what the proxies in front say of who asked them, in X-Forwarded-For and X-Forwarded-Proto: one
    /// proxy (1), or so many that a request passes one after the other. Only behind proxies that set these
    /// headers.
    #[arg(long, env = "PARLOUR_TRUST_PROXY", value_name = "N")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    #[arg(value_parser = number::<usize>("trust_proxy"))]
    pub trust_proxy: Option<usize>,
    /// In which header the proxies say it. A client's own header is not believed, so name the one that they set.
    #[arg(long, env = "PARLOUR_PROXY_HEADER", value_enum)]
    pub proxy_header: Option<Header>,
    /// What goes to the log: error, warn, info, debug, or off; for a part of the program another level, as in
    /// info,parlour_server::bus=debug. Messages, names of people and tokens never do.
    #[arg(long, env = "PARLOUR_LOG", value_name = "LEVEL")]
    pub log: Option<String>,
    /// How the log is written: lines for people, or an object a line for programs.
    #[arg(long, env = "PARLOUR_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
    /// Who may read /metrics.
    #[arg(long, env = "PARLOUR_METRICS", value_enum)]
    pub metrics: Option<MetricsAccess>,
    /// The file that holds the token for /metrics; metrics.token in the data folder if nothing is said, which the
    /// server then makes.
    #[arg(long, env = "PARLOUR_METRICS_TOKEN_FILE", value_name = "FILE")]
    pub metrics_token_file: Option<PathBuf>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// An object a line, for programs.
    Json,
}

/// Who may read /metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricsAccess {
    /// Nobody.
    Off,
    /// Whoever asks on this computer, and not through a proxy.
    Local,
    /// Whoever has the token.
    Token,
}

/// How connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// With a certificate of the server's own making.
    Own,
    /// With the certificate and key in files.
    Files,
    /// With certificates that the server gets by ACME.
    Acme,
    /// Not: a proxy in front does it.
    Off,
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationMode {
    /// Anybody who reaches the server.
    Open,
    /// Whoever has an invitation.
    Invitation,
    /// Nobody: administrators make the accounts.
    Closed,
}

/// In which header the proxies say who asked them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Header {
    /// X-Forwarded-For and X-Forwarded-Proto.
    XForwardedFor,
    /// Forwarded, as RFC 7239 has it.
    Forwarded,
}

//! All settings of a server, in one list for the command line, the environment and the file.

use super::ranges::number;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The settings from one of the three sources. Those that are not set are `None`.
///
/// A field's name is its key in the file, its flag on the command line (`--session-idle-days`) and, after `PARLOUR_`,
/// its name in the environment. Its doc comment is its description in `--help` and in the file.
#[derive(Args, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The server's name. Administrators can set another one in the app, which overrides this one.
    #[arg(long, env = "PARLOUR_NAME", value_name = "NAME")]
    pub name: Option<String>,
    /// The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME; by default the file parlour.db in the data
    /// folder. If it contains a password, prefer the file or the environment to the command line, which other users
    /// can see.
    #[arg(long, env = "PARLOUR_DATABASE", hide_env_values = true)]
    #[arg(value_name = "postgres://USER:PASSWORD@HOST/NAME")]
    pub database: Option<String>,
    /// The NATS server through which servers that share a PostgreSQL notify each other; by default PostgreSQL itself.
    #[arg(long, env = "PARLOUR_BUS", hide_env_values = true, value_name = "nats://HOST:PORT")]
    pub bus: Option<String>,
    /// The address to listen on; port 0 chooses a free port and prints it.
    #[arg(long, env = "PARLOUR_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// The server's public address. Links of invitations begin with it.
    #[arg(long, env = "PARLOUR_PUBLIC_URL", value_name = "https://HOST")]
    pub public_url: Option<String>,
    /// How connections are encrypted: with a certificate that the server creates, with certificate files, with
    /// certificates that the server obtains by ACME (you then accept the terms of the authority in acme_directory),
    /// or not at all, behind a proxy that encrypts.
    #[arg(long, env = "PARLOUR_TLS", value_enum)]
    pub tls: Option<TlsMode>,
    /// The file with the certificate and its chain, in PEM.
    #[arg(long, env = "PARLOUR_CERTIFICATE", value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// The file with the certificate's private key, in PEM.
    #[arg(long, env = "PARLOUR_CERTIFICATE_KEY", value_name = "FILE")]
    pub certificate_key: Option<PathBuf>,
    /// With tls = "acme": the names of the certificate, separated by commas; by default the host of public_url.
    /// Connections to port 443 of each name must reach this server.
    #[arg(long, env = "PARLOUR_ACME_DOMAINS", value_name = "chat.example.org")]
    pub acme_domains: Option<String>,
    /// The directory of the ACME authority.
    #[arg(long, env = "PARLOUR_ACME_DIRECTORY", value_name = "https://HOST/PATH")]
    pub acme_directory: Option<String>,
    /// The email address for messages of the ACME authority; optional.
    #[arg(long, env = "PARLOUR_ACME_EMAIL", value_name = "admin@example.org")]
    pub acme_email: Option<String>,
    /// For a private ACME authority: the file with the only root certificates that are trusted for connections to it,
    /// in PEM.
    #[arg(long, env = "PARLOUR_ACME_ROOT_FILE", value_name = "FILE")]
    pub acme_root_file: Option<PathBuf>,
    /// Who may register. Administrators can change this in the app, which overrides it.
    #[arg(long, env = "PARLOUR_REGISTRATION", value_enum)]
    pub registration: Option<RegistrationMode>,
    /// Whether people see who is online and each other's statuses. Administrators can change this in the app, which
    /// overrides it.
    #[arg(long, env = "PARLOUR_PRESENCE", value_name = "true|false")]
    pub presence: Option<bool>,
    /// The number of days without use after which a session ends.
    #[arg(long, env = "PARLOUR_SESSION_IDLE_DAYS", value_name = "DAYS")]
    #[arg(value_parser = number::<u32>("session_idle_days"))]
    pub session_idle_days: Option<u32>,
    /// The number of days after which a session ends in any case.
    #[arg(long, env = "PARLOUR_SESSION_MAX_DAYS", value_name = "DAYS")]
    #[arg(value_parser = number::<u32>("session_max_days"))]
    pub session_max_days: Option<u32>,
    /// The largest number of requests per second of one account. 0 switches off all limits on the rate of requests,
    /// also those on guessing passwords, and is only for tests.
    #[arg(long, env = "PARLOUR_REQUESTS_PER_SECOND", value_name = "N")]
    #[arg(value_parser = number::<u32>("requests_per_second"))]
    pub requests_per_second: Option<u32>,
    /// The number of MiB that one account may write per day, without files; 0 for no limit.
    #[arg(long, env = "PARLOUR_MIB_PER_DAY", value_name = "N")]
    #[arg(value_parser = number::<u64>("mib_per_day"))]
    pub mib_per_day: Option<u64>,
    /// The folder for the files of messages, by default the folder files in the data folder; or s3://BUCKET/PREFIX in
    /// an S3-compatible service. Servers that share a PostgreSQL must share it too.
    #[arg(long, env = "PARLOUR_FILES", value_name = "DIR|s3://…")]
    pub files: Option<String>,
    /// If files are in an S3-compatible service, its URL; by default that of Amazon, or AWS_ENDPOINT_URL. The credentials
    /// are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.
    #[arg(long, env = "PARLOUR_S3_ENDPOINT", value_name = "URL")]
    pub s3_endpoint: Option<String>,
    /// If files are in an S3-compatible service, its region; by default AWS_REGION.
    #[arg(long, env = "PARLOUR_S3_REGION", value_name = "REGION")]
    pub s3_region: Option<String>,
    /// The size of the largest file in MiB; 0 accepts no files.
    #[arg(long, env = "PARLOUR_MAX_FILE_MIB", value_name = "N")]
    #[arg(value_parser = number::<u64>("max_file_mib"))]
    pub max_file_mib: Option<u64>,
    /// The total size of the files of one account in MiB; 0 for no limit.
    #[arg(long, env = "PARLOUR_FILE_MIB_PER_ACCOUNT", value_name = "N")]
    #[arg(value_parser = number::<u64>("file_mib_per_account"))]
    pub file_mib_per_account: Option<u64>,
    /// The total size of all files in MiB; 0 for no limit except the disk, of which 256 MiB always remain free.
    #[arg(long, env = "PARLOUR_FILE_MIB_IN_ALL", value_name = "N")]
    #[arg(value_parser = number::<u64>("file_mib_in_all"))]
    pub file_mib_in_all: Option<u64>,
    /// The accepted media types of files, as stated by their senders, separated by commas; by default all.
    #[arg(long, env = "PARLOUR_FILE_TYPES", value_name = "image/*,application/pdf")]
    pub file_types: Option<String>,
    /// The largest number of connections, including sockets; fewer if the system limits the number of open files.
    #[arg(long, env = "PARLOUR_MAX_CONNECTIONS", value_name = "N")]
    #[arg(value_parser = number::<usize>("max_connections"))]
    pub max_connections: Option<usize>,
    /// The largest number of connections from one network (IPv4 /24, IPv6 /48), without sockets; 0 for no limit. Not
    /// applied behind trusted proxies.
    #[arg(long, env = "PARLOUR_MAX_CONNECTIONS_PER_NETWORK", value_name = "N")]
    #[arg(value_parser = number::<usize>("max_connections_per_network"))]
    pub max_connections_per_network: Option<usize>,
    /// The largest number of sockets of one session, which is one device; 0 for no limit.
    #[arg(long, env = "PARLOUR_MAX_SOCKETS_PER_SESSION", value_name = "N")]
    #[arg(value_parser = number::<usize>("max_sockets_per_session"))]
    pub max_sockets_per_session: Option<usize>,
    /// The largest number of sockets of one account; 0 for no limit.
    #[arg(long, env = "PARLOUR_MAX_SOCKETS_PER_ACCOUNT", value_name = "N")]
    #[arg(value_parser = number::<usize>("max_sockets_per_account"))]
    pub max_sockets_per_account: Option<usize>,
    /// The folder for scheduled backups; by default the folder backups in the data folder. On PostgreSQL there are
    /// none unless this is set, and one of several servers makes them.
    #[arg(long, env = "PARLOUR_BACKUP_DIR", value_name = "DIR")]
    pub backup_dir: Option<PathBuf>,
    /// The number of hours between two scheduled backups; 0 for none.
    #[arg(long, env = "PARLOUR_BACKUP_EVERY_HOURS", value_name = "HOURS")]
    #[arg(value_parser = number::<u32>("backup_every_hours"))]
    pub backup_every_hours: Option<u32>,
    /// The number of days whose newest backup is kept. All backups of the last 24 hours are kept.
    #[arg(long, env = "PARLOUR_BACKUP_KEEP_DAYS", value_name = "DAYS")]
    #[arg(value_parser = number::<u32>("backup_keep_days"))]
    pub backup_keep_days: Option<u32>,
    /// The number of weeks whose newest backup is kept.
    #[arg(long, env = "PARLOUR_BACKUP_KEEP_WEEKS", value_name = "WEEKS")]
    #[arg(value_parser = number::<u32>("backup_keep_weeks"))]
    pub backup_keep_weeks: Option<u32>,
    /// Whether each scheduled backup contains the contents of all files.
    #[arg(long, env = "PARLOUR_BACKUP_FILES", value_name = "true|false")]
    pub backup_files: Option<bool>,
    /// The age recipient to which backups are encrypted; only its identity can open them. Only encrypted backups
    /// contain parlour.toml and tls.pem.
    #[arg(long, env = "PARLOUR_BACKUP_RECIPIENT", value_name = "age1…")]
    pub backup_recipient: Option<String>,
    /// Whether exports of the whole server contain private conversations: direct messages, and groups that not
    /// everybody joins. The command export takes this from parlour.toml, or from the running server.
    #[arg(long, env = "PARLOUR_EXPORT_PRIVATE", value_name = "true|false")]
    pub export_private: Option<bool>,
    /// The number of trusted proxies that a request passes, whose headers X-Forwarded-For and X-Forwarded-Proto
    /// contain the client's address. Use this only behind proxies that set these headers.
    #[arg(long, env = "PARLOUR_TRUST_PROXY", value_name = "N")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    #[arg(value_parser = number::<usize>("trust_proxy"))]
    pub trust_proxy: Option<usize>,
    /// The header that the proxies set. Only this one is trusted, because clients can send the other.
    #[arg(long, env = "PARLOUR_PROXY_HEADER", value_enum)]
    pub proxy_header: Option<Header>,
    /// The level of the log: error, warn, info, debug, or off; or a different one for a part of the program, such as
    /// info,parlour_server::bus=debug. The log never contains messages, names of people or tokens.
    #[arg(long, env = "PARLOUR_LOG", value_name = "LEVEL")]
    pub log: Option<String>,
    /// The format of the log: text for people, or one JSON object per line for programs.
    #[arg(long, env = "PARLOUR_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
    /// Who may read /metrics.
    #[arg(long, env = "PARLOUR_METRICS", value_enum)]
    pub metrics: Option<MetricsAccess>,
    /// The file with the token for /metrics; by default metrics.token in the data folder, which the server creates.
    #[arg(long, env = "PARLOUR_METRICS_TOKEN_FILE", value_name = "FILE")]
    pub metrics_token_file: Option<PathBuf>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

/// Who may read /metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricsAccess {
    /// Nobody.
    Off,
    /// Clients on this computer, but not through a proxy.
    Local,
    /// Clients with the token.
    Token,
}

/// How connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// With a certificate that the server creates.
    Own,
    /// With the certificate and key in files.
    Files,
    /// With certificates that the server obtains by ACME.
    Acme,
    /// Not encrypted, or by a proxy.
    Off,
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationMode {
    /// Anybody who can connect to the server.
    Open,
    /// People with an invitation.
    Invitation,
    /// Nobody: administrators create the accounts.
    Closed,
}

/// The header in which the proxies send the client's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Header {
    /// X-Forwarded-For and X-Forwarded-Proto.
    XForwardedFor,
    /// Forwarded (RFC 7239).
    Forwarded,
}

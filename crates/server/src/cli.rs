//! What can be said on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use parlour_protocol::{Registration, UserRole};
use parlour_server::{ConnectionLimits, DatabaseAddress, ProxyHeader, SocketLimits};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The Parlour server.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// Where everything is kept: a folder of one's own, or a database.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Storage {
    /// A folder, made if it is missing, for a SQLite database and nothing else.
    #[arg(long)]
    data: Option<PathBuf>,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME. Better given as PARLOUR_DATABASE, where
    /// others do not see the password.
    #[arg(long, env = "PARLOUR_DATABASE", hide_env_values = true)]
    database: Option<DatabaseAddress>,
}

impl From<Storage> for DatabaseAddress {
    fn from(storage: Storage) -> Self {
        match (storage.data, storage.database) {
            (_, Some(database)) => database,
            (data, None) => Self::in_folder(&data.unwrap_or_default()),
        }
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve.
    Serve(Serve),
    /// After restoring the database from a backup in a way that the server cannot notice by itself
    /// (a snapshot of the whole disk): make every client begin anew, and offer again what it sent
    /// lately. Stop the server first.
    Restored {
        #[command(flatten)]
        storage: Storage,
    },
    /// Import history from elsewhere. Stop the server first.
    Import {
        #[command(subcommand)]
        from: Import,
    },
    /// Look after people. Stop the server first, if it runs on SQLite.
    User {
        #[command(subcommand)]
        command: User,
    },
    /// Look after groups that nobody can run. Stop the server first, if it runs on SQLite.
    Group {
        #[command(subcommand)]
        command: Group,
    },
    /// Print a link by which people get in. Stop the server first, if it runs on SQLite.
    Invite {
        /// How many may come by it.
        #[arg(long, default_value_t = 1)]
        uses: i64,
        /// For how many days it is good: 7 if nothing is said, 1 for an administrator's.
        #[arg(long)]
        days: Option<i64>,
        /// What they will be. One that makes an administrator is good once, for a day at most.
        #[arg(long, value_enum, default_value_t = Role::Member)]
        role: Role,
        /// The server's address, as people reach it.
        #[arg(long, default_value = "http://127.0.0.1:7700")]
        server: String,
        #[command(flatten)]
        storage: Storage,
    },
    /// Print who came in and what was done to accounts, oldest first, and check that nothing in it was
    /// changed or taken out. Stop the server first, if it runs on SQLite.
    Audit {
        /// An entry a line, as GET /v1/audit has it.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        storage: Storage,
    },
    /// Look after the database. Stop the server first.
    Database {
        #[command(subcommand)]
        command: Database,
    },
}

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    pub storage: Storage,
    /// Servers that share a PostgreSQL tell each other what moved through it, or through this NATS.
    #[arg(long, env = "PARLOUR_BUS", value_name = "nats://HOST:PORT", hide_env_values = true)]
    pub bus: Option<parlour_server::BusAddress>,
    /// Where to listen; port 0 takes a free one and prints it.
    #[arg(long, default_value = "127.0.0.1:7700")]
    pub listen: SocketAddr,
    /// Who may register.
    #[arg(long, value_enum, default_value_t = RegistrationMode::Invitation)]
    pub registration: RegistrationMode,
    /// A session ends after so many days without being used.
    #[arg(long, default_value_t = 30)]
    pub session_idle_days: u32,
    /// A session ends after so many days in any case.
    #[arg(long, default_value_t = 180)]
    pub session_max_days: u32,
    /// Requests a second of one account; 0 for no limit.
    #[arg(long, default_value_t = 100)]
    pub requests_per_second: u32,
    /// MiB that one account may write in a day, of whatever kind; 0 for no bound.
    #[arg(long, default_value_t = 256)]
    pub mib_per_day: u64,
    /// Connections at the same time, sockets among them; fewer where the system lets the process open
    /// fewer files.
    #[arg(long, default_value_t = ConnectionLimits::default().connections)]
    pub max_connections: usize,
    /// Connections at the same time from one network (IPv4 /24, IPv6 /48), without sockets; 0 for no
    /// limit. With --trust-proxy there is none.
    #[arg(long, default_value_t = ConnectionLimits::default().of_network)]
    pub max_connections_per_network: usize,
    /// Sockets at the same time of one session, which is one device; 0 for no limit.
    #[arg(long, default_value_t = SocketLimits::default().of_session)]
    pub max_sockets_per_session: usize,
    /// Sockets at the same time of one account; 0 for no limit.
    #[arg(long, default_value_t = SocketLimits::default().of_account)]
    pub max_sockets_per_account: usize,
    /// Believe what the proxies in front say of who asked them, in X-Forwarded-For and X-Forwarded-Proto: one
    /// proxy, or N that a request passes one after the other. Only behind proxies that set these headers.
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = 0,
        default_missing_value = "1"
    )]
    pub trust_proxy: usize,
    /// In which header the proxies say it. A client's own header is not believed, so name the one that they set.
    #[arg(long, value_enum, default_value_t = Header::XForwardedFor)]
    pub proxy_header: Header,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Header {
    /// X-Forwarded-For and X-Forwarded-Proto.
    XForwardedFor,
    /// Forwarded, as RFC 7239 has it.
    Forwarded,
}

impl From<Header> for ProxyHeader {
    fn from(said: Header) -> Self {
        match said {
            Header::XForwardedFor => Self::XForwardedFor,
            Header::Forwarded => Self::Forwarded,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum RegistrationMode {
    Open,
    Invitation,
    Closed,
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

#[derive(Clone, Copy, ValueEnum)]
pub enum Role {
    Administrator,
    Member,
}

impl From<Role> for UserRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Administrator => Self::Administrator,
            Role::Member => Self::Member,
        }
    }
}

#[derive(Subcommand)]
pub enum Import {
    /// A folder of channel logs: CHANNEL/YYYY/YYYY-MM-DD.
    Irc {
        /// The folder that holds the channels' folders.
        folder: PathBuf,
        /// Also make this person a member of every channel; may be repeated. The first one looks
        /// after them.
        #[arg(long = "member")]
        members: Vec<String>,
        /// Take a nick that somebody here has as a name for that person. Without this it is another
        /// person's, since anybody may have taken the name.
        #[arg(long)]
        same_people: bool,
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Subcommand)]
pub enum User {
    /// Add a person. The password is asked for, or the first line of standard input where that is no
    /// terminal.
    Add {
        username: String,
        /// Make them an administrator.
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        storage: Storage,
    },
    /// Give a person a password, and end their sessions. It is asked for, or the first line of standard
    /// input where that is no terminal.
    Password {
        username: String,
        #[command(flatten)]
        storage: Storage,
    },
    /// Say what a person may do on the server.
    Role {
        username: String,
        #[arg(value_enum)]
        role: Role,
        #[command(flatten)]
        storage: Storage,
    },
    /// Keep a person from signing in, and end their sessions.
    Deactivate {
        username: String,
        /// Their devices delete what they hold.
        #[arg(long)]
        wipe: bool,
        #[command(flatten)]
        storage: Storage,
    },
    /// Let a person sign in again.
    Reactivate {
        username: String,
        #[command(flatten)]
        storage: Storage,
    },
    /// Take out a person's name and all that they kept for themselves, for good. What they said
    /// stays, without their name.
    Erase {
        username: String,
        /// Their devices delete what they hold.
        #[arg(long)]
        wipe: bool,
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Subcommand)]
pub enum Group {
    /// Print groups that nobody owns who can sign in, 100 at most: a line each, with the group's id, how many are
    /// in it, and its title.
    Ownerless {
        #[command(flatten)]
        storage: Storage,
    },
    /// Give such a group to a person, who joins it where they are not in it.
    Give {
        /// The group's id.
        id: uuid::Uuid,
        username: String,
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Subcommand)]
pub enum Database {
    /// Move everything to an empty database, and prove the copy by counts and digests.
    Copy {
        /// sqlite:PATH or postgres://…; with a password in it, better in the variable than here.
        #[arg(long, env = "PARLOUR_COPY_FROM", hide_env_values = true)]
        from: DatabaseAddress,
        /// sqlite:PATH or postgres://…; with a password in it, better in the variable than here.
        #[arg(long, env = "PARLOUR_COPY_TO", hide_env_values = true)]
        to: DatabaseAddress,
    },
    /// Let the server's time be the system's again, after the system's clock was far ahead by mistake.
    /// What was dated then stays dated so.
    Clock {
        #[command(flatten)]
        storage: Storage,
    },
}

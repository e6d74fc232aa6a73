//! What can be said on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use parlour_protocol::UserRole;
use parlour_server::DatabaseAddress;
use parlour_server::import::Format;
use parlour_server::settings::Settings;
use std::path::PathBuf;

/// The Parlour server.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// Where everything is.
#[derive(Args, Clone)]
pub struct Folder {
    /// The data folder, made if it is missing: for parlour.toml, for a SQLite database, and nothing else.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print JSON, for programs: an object, or for a list an object a line.
    #[arg(long)]
    pub json: bool,
}

/// Where everything is, for commands that say nothing else to the server.
#[derive(Args, Clone)]
pub struct Storage {
    #[command(flatten)]
    pub folder: Folder,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME, where it is not in the data folder. Better given as
    /// PARLOUR_DATABASE, where others do not see the password.
    #[arg(long, env = "PARLOUR_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Make a data folder with a parlour.toml: asks four questions, or none with --yes.
    Init(Init),
    /// Serve.
    Serve(Serve),
    /// Say whether the settings make sense, all of them together: parlour.toml, the environment and flags, which
    /// are those of serve.
    CheckConfig(Serve),
    /// Say how the server is.
    Status {
        #[command(flatten)]
        storage: Storage,
    },
    /// Look whether anything is wrong: with the settings, the folder, the database, the clock, the disk, the
    /// certificate, the backups, and the address of a server that runs. Ends with 0 if nothing is, with 1 if
    /// something is to be done, with 2 if something does not work.
    Doctor {
        #[command(flatten)]
        storage: Storage,
    },
    /// After restoring the database from a backup in a way that the server cannot notice by itself
    /// (a snapshot of the whole disk): make every client begin anew, and offer again what it sent
    /// lately. Stop the server first.
    Restored {
        #[command(flatten)]
        storage: Storage,
    },
    /// Import the history of another chat system: a folder, a file or an archive as it came. A server that runs must
    /// be able to read it.
    Import(Import),
    /// Look after people.
    User {
        #[command(subcommand)]
        command: User,
    },
    /// Look after groups.
    Group {
        #[command(subcommand)]
        command: Group,
    },
    /// Print a link by which people get in.
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
        /// A note that administrators see beside it: a line of 120 characters at most.
        #[arg(long, default_value = "", hide_default_value = true)]
        note: String,
        /// A group that they join, by its id, which `group list` prints; may be repeated.
        #[arg(long = "group", value_name = "ID")]
        groups: Vec<uuid::Uuid>,
        /// The server's address as people reach it, where the setting public_url does not say it.
        #[arg(long, value_name = "URL")]
        server: Option<String>,
        #[command(flatten)]
        storage: Storage,
    },
    /// Print who came in and what was done to accounts, oldest first, and check that nothing in it was
    /// changed or taken out.
    Audit {
        #[command(flatten)]
        storage: Storage,
    },
    /// Make a backup: one file, while the server runs. It is written by the server, if one runs.
    Backup(Backup),
    /// Restore a backup into an empty folder or database. Every client then fetches anew, and offers again what it
    /// sent lately. Stop the server first.
    Restore {
        /// The backup.
        file: PathBuf,
        #[command(flatten)]
        opening: Opening,
        #[command(flatten)]
        storage: Storage,
    },
    /// Look whether a backup is whole; without a file, whether the database is.
    Verify {
        /// The backup.
        file: Option<PathBuf>,
        #[command(flatten)]
        opening: Opening,
        #[command(flatten)]
        storage: Storage,
    },
    /// Look after the certificate that the server makes itself (tls = "own").
    Certificate {
        #[command(subcommand)]
        command: Certificate,
    },
    /// Look after the database. Stop the server first.
    Database {
        #[command(subcommand)]
        command: Database,
    },
}

#[derive(Args)]
pub struct Backup {
    /// Where it is to be. Nothing may be there yet.
    pub file: PathBuf,
    /// Encrypt it with a passphrase, which is asked for, or the first line of standard input where that is no
    /// terminal. It then holds parlour.toml and tls.pem too. Without this it is as the setting backup_recipient says.
    #[arg(long)]
    pub encrypt: bool,
    /// The same, with the first line of a file.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Encrypt it to an age recipient, whose identity alone opens it.
    #[arg(long, value_name = "age1…", conflicts_with_all = ["encrypt", "passphrase_file"])]
    pub recipient: Option<String>,
    #[command(flatten)]
    pub storage: Storage,
}

/// What opens an encrypted backup: a passphrase is asked for, or the first line of standard input where that is no
/// terminal.
#[derive(Args)]
pub struct Opening {
    /// Take the passphrase from the first line of a file.
    #[arg(long, value_name = "FILE", conflicts_with = "identity_file")]
    pub passphrase_file: Option<PathBuf>,
    /// The file of the age identity whose recipient the backup is encrypted to.
    #[arg(long, value_name = "FILE")]
    pub identity_file: Option<PathBuf>,
}

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Args)]
pub struct Init {
    /// Ask nothing: what no flag says is as it is without being said.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub settings: Settings,
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
pub enum Certificate {
    /// Print the fingerprint of its key, and the link by which devices are added.
    Show {
        #[command(flatten)]
        storage: Storage,
    },
    /// Make a new key, which the one before signs: clients follow by themselves. The server need not stop.
    NewKey {
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Args)]
pub struct Import {
    /// What wrote it.
    #[arg(value_enum)]
    pub format: Format,
    /// The folder, file or archive.
    pub path: PathBuf,
    /// Only say what is in it, what cannot be carried and how much room it needs; nothing is stored.
    #[arg(long)]
    pub dry_run: bool,
    /// The map of people, a table (CSV): a dry run writes it, an import reads it. The name in its column "parlour" says
    /// who somebody is here; whoever has none there becomes a user without a password.
    #[arg(long, value_name = "FILE")]
    pub people: Option<PathBuf>,
    /// Take a name that somebody here has for that person, where the map says nothing. Without this it is another
    /// person's, since anybody may have taken the name elsewhere.
    #[arg(long)]
    pub same_people: bool,
    /// Also make this person a member of every group; may be repeated. The first one looks after them.
    #[arg(long = "member", value_name = "NAME")]
    pub members: Vec<String>,
    /// Where to keep what was left out, an object a line. Usually a file in the data folder, below imports.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// A word that tells apart two servers whose exports have the same keys, such as two of Zulip's.
    #[arg(long, value_name = "WORD", default_value = "", hide_default_value = true)]
    pub source: String,
    /// The name of the channel or chat, where the export does not have it (irc, whatsapp, telegram).
    #[arg(long, value_name = "NAME")]
    pub channel: Option<String>,
    /// The time zone of times without one (irc, whatsapp, telegram). Usually UTC.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// The encoding of lines that are not UTF-8 (irc). Usually windows-1252.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    #[command(flatten)]
    pub storage: Storage,
}

/// Where a new password comes from: asked for, or the first line of standard input where that is no terminal.
#[derive(Args)]
pub struct PasswordSource {
    /// Take the password from the first line of a file.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum User {
    /// Print everybody, a line each: the name, what they may do, whether they can sign in, and since when not.
    List {
        #[command(flatten)]
        storage: Storage,
    },
    /// Add a person. The password is asked for, or the first line of standard input where that is no
    /// terminal.
    Add {
        username: String,
        /// Make them an administrator.
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        password: PasswordSource,
        #[command(flatten)]
        storage: Storage,
    },
    /// Give a person a password, and end their sessions. It is asked for, or the first line of standard
    /// input where that is no terminal.
    Password {
        username: String,
        #[command(flatten)]
        password: PasswordSource,
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
    /// Print where a person is signed in, newest first.
    Sessions {
        username: String,
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Subcommand)]
pub enum Group {
    /// Print every group: a line each, with the group's id, how many are in it, and its title.
    List {
        #[command(flatten)]
        storage: Storage,
    },
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
        /// Print JSON, for programs: an object for each table.
        #[arg(long)]
        json: bool,
    },
    /// Let the server's time be the system's again, after the system's clock was far ahead by mistake.
    /// What was dated then stays dated so.
    Clock {
        #[command(flatten)]
        storage: Storage,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_command_can_be_said() {
        Cli::command().debug_assert();
    }
}

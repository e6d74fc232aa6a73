//! The arguments of the command line. The doc comments here are the help texts.

mod location;
mod transfer;

pub use location::{Folder, Storage};
pub use transfer::{Export, Import, Imports, Rebuild};

use clap::{Args, Parser, Subcommand, ValueEnum};
use parlour_protocol::UserRole;
use parlour_server::DatabaseAddress;
use parlour_server::settings::Settings;
use std::path::PathBuf;

/// The Parlour server.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Create a data folder with a parlour.toml: asks four questions, or none with --yes.
    Init(Init),
    /// Run the server.
    Serve(Serve),
    /// Check all settings together: parlour.toml, the environment and the flags, which are the same as
    /// those of serve.
    CheckConfig(Serve),
    /// Print the state of the server.
    Status {
        #[command(flatten)]
        storage: Storage,
    },
    /// Look for problems with the settings, the folder, the database, the clock, the disk, the certificate,
    /// the backups, and the address of a running server. Exits with 0 if there are none, 1 if something
    /// should be done, and 2 if something does not work.
    Doctor {
        #[command(flatten)]
        storage: Storage,
    },
    /// Run this after restoring the database in a way that the server cannot detect by itself (from a
    /// snapshot of the whole disk): every client then starts from the beginning, and sends again what it
    /// sent recently. Stop the server first.
    Restored {
        #[command(flatten)]
        storage: Storage,
    },
    /// Import the history of another chat system, or what the app exported: a folder, a file or an archive as it was
    /// exported. A running server must be able to read it.
    Import(Import),
    /// List the imports, and undo one.
    Imports {
        #[command(subcommand)]
        command: Imports,
    },
    /// Make a lost server again, in an empty data folder, of what its members exported from their apps: with the same
    /// users, conversations, messages and files. Users have no password until an administrator sets one.
    Rebuild(Rebuild),
    /// Manage users.
    User {
        #[command(subcommand)]
        command: User,
    },
    /// Manage groups.
    Group {
        #[command(subcommand)]
        command: Group,
    },
    /// Print an invitation link.
    Invite {
        /// How many people may join with the link.
        #[arg(long, default_value_t = 1)]
        uses: i64,
        /// For how many days the link is valid; the default is 7, or 1 for an administrator's.
        #[arg(long)]
        days: Option<i64>,
        /// The role of those who join. A link for an administrator can be used once, and is valid for a day at most.
        #[arg(long, value_enum, default_value_t = Role::Member)]
        role: Role,
        /// A note that administrators see next to the invitation: one line of at most 120 characters.
        #[arg(long, default_value = "", hide_default_value = true)]
        note: String,
        /// The id of a group that they join, as printed by `group list`; may be repeated.
        #[arg(long = "group", value_name = "ID")]
        groups: Vec<uuid::Uuid>,
        /// The user without a password, such as one whom an import created, whose account the person takes over, with
        /// its messages and groups. The link can be used once.
        #[arg(long = "for", value_name = "USERNAME", conflicts_with_all = ["uses", "role", "groups"])]
        claimed: Option<String>,
        /// The address at which people reach the server, if the setting public_url is missing.
        #[arg(long, value_name = "URL")]
        server: Option<String>,
        #[command(flatten)]
        storage: Storage,
    },
    /// Export the whole server into a new folder, as it is at one moment, while the server runs. Private conversations
    /// are included only if export_private is set in parlour.toml. If a server is running, it writes the folder.
    Export(Export),
    /// Print the audit log, oldest entry first: who signed in, and what was done to accounts. Also check
    /// that no entry was changed or removed.
    Audit {
        #[command(flatten)]
        storage: Storage,
    },
    /// Make a backup in one file, while the server runs. If a server is running, it writes the file.
    Backup(Backup),
    /// Restore a backup into an empty folder or database, or into a folder that init has just created. Every client
    /// that finds the server's key there then starts from the beginning, and sends again what it sent recently. Stop
    /// the server first.
    Restore {
        /// The backup.
        file: PathBuf,
        #[command(flatten)]
        decryption: DecryptionArgs,
        #[command(flatten)]
        storage: Storage,
    },
    /// Check a backup for damage; without a file, check the database.
    Verify {
        /// The backup.
        file: Option<PathBuf>,
        #[command(flatten)]
        decryption: DecryptionArgs,
        #[command(flatten)]
        storage: Storage,
    },
    /// Manage the certificate that the server creates itself (tls = "own").
    Certificate {
        #[command(subcommand)]
        command: Certificate,
    },
    /// Manage the database. Stop the server first.
    Database {
        #[command(subcommand)]
        command: Database,
    },
}

#[derive(Args)]
pub struct Backup {
    /// The file to create. It must not exist yet.
    pub file: PathBuf,
    /// Encrypt the backup with a passphrase, which is asked for, or read from the first line of standard
    /// input if that is not a terminal. The backup then also contains parlour.toml and tls.pem. Without
    /// this flag, the setting backup_recipient decides.
    #[arg(long)]
    pub encrypt: bool,
    /// Encrypt the backup with a passphrase, read from the first line of this file.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Encrypt the backup to an age recipient. Only the matching identity can open it.
    #[arg(long, value_name = "age1…", conflicts_with_all = ["encrypt", "passphrase_file"])]
    pub recipient: Option<String>,
    /// Leave out the contents of files.
    #[arg(long)]
    pub without_files: bool,
    #[command(flatten)]
    pub storage: Storage,
}

/// How to open an encrypted backup. By default the passphrase is asked for, or read from the first line of
/// standard input if that is not a terminal.
#[derive(Args)]
pub struct DecryptionArgs {
    /// Read the passphrase from the first line of this file.
    #[arg(long, value_name = "FILE", conflicts_with = "identity_file")]
    pub passphrase_file: Option<PathBuf>,
    /// The file with the age identity that the backup is encrypted to.
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
    /// Ask nothing: use the default for every setting without a flag.
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
    /// Print the fingerprint of the certificate's key, and the link with which devices are added.
    Show {
        #[command(flatten)]
        storage: Storage,
    },
    /// Create a new key and sign it with the previous one, so that clients accept it by themselves. The
    /// server can keep running.
    NewKey {
        #[command(flatten)]
        storage: Storage,
    },
}

/// Where a new password comes from. By default it is asked for, or read from the first line of standard
/// input if that is not a terminal.
#[derive(Args)]
pub struct PasswordSource {
    /// Read the password from the first line of this file.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum User {
    /// Print all users, one per line: the name, the role, and whether and since when the account is
    /// deactivated.
    List {
        #[command(flatten)]
        storage: Storage,
    },
    /// Add a user. The password is asked for, or read from the first line of standard input if that is not a
    /// terminal.
    Add {
        username: String,
        /// Give the user the role of an administrator.
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        password: PasswordSource,
        #[command(flatten)]
        storage: Storage,
    },
    /// Set a user's password, and end their sessions. The password is asked for, or read from the first
    /// line of standard input if that is not a terminal.
    Password {
        username: String,
        #[command(flatten)]
        password: PasswordSource,
        #[command(flatten)]
        storage: Storage,
    },
    /// Set a user's role on the server.
    Role {
        username: String,
        #[arg(value_enum)]
        role: Role,
        #[command(flatten)]
        storage: Storage,
    },
    /// Deactivate an account: its user can no longer sign in, and their sessions end.
    Deactivate {
        username: String,
        /// Make the user's devices delete their local data.
        #[arg(long)]
        wipe: bool,
        #[command(flatten)]
        storage: Storage,
    },
    /// Reactivate an account: its user can sign in again.
    Reactivate {
        username: String,
        #[command(flatten)]
        storage: Storage,
    },
    /// Erase a user's name and private data permanently. Their messages remain, without their name.
    Erase {
        username: String,
        /// Make the user's devices delete their local data.
        #[arg(long)]
        wipe: bool,
        #[command(flatten)]
        storage: Storage,
    },
    /// Print a user's sessions, newest first.
    Sessions {
        username: String,
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Subcommand)]
pub enum Group {
    /// Print all groups, one per line: the id, the number of members, and the title.
    List {
        #[command(flatten)]
        storage: Storage,
    },
    /// Print the groups that have no owner who can sign in, 100 at most, one per line: the id, the number
    /// of members, and the title.
    Ownerless {
        #[command(flatten)]
        storage: Storage,
    },
    /// Make a user the owner of such a group. The user joins it if they are not a member.
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
    /// Copy everything to an empty database, and compare the row counts and digests of both.
    Copy {
        /// sqlite:PATH or postgres://…; if it contains a password, prefer the variable.
        #[arg(long, env = "PARLOUR_COPY_FROM", hide_env_values = true)]
        from: DatabaseAddress,
        /// sqlite:PATH or postgres://…; if it contains a password, prefer the variable.
        #[arg(long, env = "PARLOUR_COPY_TO", hide_env_values = true)]
        to: DatabaseAddress,
        /// Print JSON, for programs: one object per table.
        #[arg(long)]
        json: bool,
    },
    /// Set the server's time to the system's again, after the system's clock was ahead by mistake. Dates
    /// that were stored meanwhile stay as they are.
    Clock {
        #[command(flatten)]
        storage: Storage,
    },
}

#[cfg(test)]
mod tests;

//! The arguments of imports and exports. The doc comments here are the help texts.

use super::location::Storage;
use clap::{Args, Subcommand};
use parlour_server::export::ExportFormat;
use parlour_server::import::Format;
use std::path::PathBuf;

#[derive(Args)]
pub struct Import {
    /// The system that exported it.
    #[arg(value_enum)]
    pub format: Format,
    /// The folder, file or archive.
    pub path: PathBuf,
    /// A folder with files that people sent, named as in the export or after their ids, for those that the export
    /// does not contain.
    #[arg(long, value_name = "FOLDER")]
    pub files: Option<PathBuf>,
    /// Only print what it contains, what cannot be imported and how much disk space it needs; store nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The table of people (CSV), which a dry run writes and an import reads. Its column "parlour" has the username
    /// of the same person on this server; people without one become users without a password.
    #[arg(long, value_name = "FILE")]
    pub people: Option<PathBuf>,
    /// Attribute a name to the user of this server who has the same name, unless the table says otherwise. Without
    /// this flag it is attributed to a new user, because anyone may have used that name elsewhere.
    #[arg(long)]
    pub same_people: bool,
    /// A user to add to every group; may be repeated. The first one becomes the groups' owner.
    #[arg(long = "member", value_name = "NAME")]
    pub members: Vec<String>,
    /// The file for records that could not be imported, one JSON object per line; by default in the data folder,
    /// below imports.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// A word that distinguishes two servers whose exports have the same keys, such as two of Zulip's. It replaces the
    /// server's address (parlour).
    #[arg(long, value_name = "WORD", default_value = "", hide_default_value = true)]
    pub source: String,
    /// The name of the channel or chat, if the export does not contain it (irc, whatsapp, telegram).
    #[arg(long, value_name = "NAME")]
    pub channel: Option<String>,
    /// The time zone of times without one (irc, whatsapp, telegram); by default UTC.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// The encoding of lines that are not UTF-8 (irc); by default windows-1252.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    #[command(flatten)]
    pub storage: Storage,
}

#[derive(Subcommand)]
pub enum Imports {
    /// Print all imports, oldest first, one per line: the number, when it began, the format, the name of the export,
    /// and the numbers of messages that it added and changed.
    List {
        #[command(flatten)]
        storage: Storage,
    },
    /// Remove what an import added: messages with their reactions and files, conversations in which nobody has written
    /// since, and users without a password who have nothing else. What people did since stays. Importing again brings
    /// everything back.
    Undo {
        /// The number of the import, as printed by `imports list`.
        number: i64,
        #[command(flatten)]
        storage: Storage,
    },
}

#[derive(Args)]
pub struct Rebuild {
    /// The folders or archives that members exported, or folders that contain several.
    #[arg(long, value_name = "EXPORT", required = true, num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// A folder with files that people sent, such as the previous server's, for those that the exports do not contain.
    #[arg(long, value_name = "FOLDER")]
    pub files: Option<PathBuf>,
    /// Only print what they contain, what cannot be taken over and how much disk space it needs; store nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The file for records that could not be taken over, one JSON object per line; by default in the data folder,
    /// below imports.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub storage: Storage,
}

#[derive(Args)]
pub struct Export {
    /// The format.
    #[arg(value_enum)]
    pub format: ExportFormat,
    /// The folder to create. It must not exist yet.
    pub to: PathBuf,
    /// Leave out the contents of files.
    #[arg(long)]
    pub without_files: bool,
    #[command(flatten)]
    pub storage: Storage,
}

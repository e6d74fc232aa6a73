//! The names of the server's files in its data folder: the one list of them.

/// Locked by the process that uses the folder.
pub const LOCK: &str = "lock";
/// The settings.
pub const SETTINGS: &str = "parlour.toml";
/// The database, unless the settings name another one.
pub const DATABASE: &str = "parlour.db";
/// The socket through which commands reach a running server.
pub const CONTROL_SOCKET: &str = "control.sock";
/// On Windows, contains the name of the pipe through which commands reach a running server.
pub const CONTROL_PIPE: &str = "control.pipe";
/// The server's own key and certificate.
pub const SERVER_KEY: &str = "tls.pem";
/// Locked while the server's own key is created.
pub const SERVER_KEY_LOCK: &str = "tls.pem.lock";
/// The key that a restore replaced.
pub const SERVER_KEY_BEFORE: &str = "tls.pem.before";
/// The certificate from an ACME authority, with its key.
pub const ACME_CERTIFICATE: &str = "acme.pem";
/// The account at the ACME authority.
pub const ACME_ACCOUNT: &str = "acme-account.json";
/// The scheduled backups, unless the settings name another folder.
pub const BACKUPS: &str = "backups";
/// The outcome of the latest backups.
pub const BACKUP_HISTORY: &str = "backups.json";
/// The bytes of files, unless the settings name another folder.
pub const FILES: &str = "files";
/// The token with which the metrics are read, unless the settings name another file.
pub const METRICS_TOKEN: &str = "metrics.token";

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// A regular file with data that must not be lost.
    Data,
    /// A regular file without such data: a backup can be restored into a folder that contains it.
    Expendable,
    /// A folder, which a restore does not change.
    Folder,
    /// A socket.
    Socket,
}

impl FileRole {
    /// Returns whether it is a regular file.
    pub fn is_regular(self) -> bool {
        match self {
            Self::Data | Self::Expendable => true,
            Self::Folder | Self::Socket => false,
        }
    }
}

/// Every name except those of the database's files. While the server writes a file, another one exists whose name
/// begins with that name.
pub const ALL: [(&str, FileRole); 13] = [
    (LOCK, FileRole::Expendable),
    (SETTINGS, FileRole::Expendable),
    (CONTROL_SOCKET, FileRole::Socket),
    (CONTROL_PIPE, FileRole::Expendable),
    (SERVER_KEY, FileRole::Data),
    (SERVER_KEY_LOCK, FileRole::Expendable),
    (SERVER_KEY_BEFORE, FileRole::Expendable),
    (ACME_CERTIFICATE, FileRole::Data),
    (ACME_ACCOUNT, FileRole::Data),
    (BACKUPS, FileRole::Folder),
    (BACKUP_HISTORY, FileRole::Expendable),
    (FILES, FileRole::Folder),
    (METRICS_TOKEN, FileRole::Data),
];

/// Returns the names of the files that make up the database with this file name.
pub fn of_database(name: &str) -> [String; 5] {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let [wal, shm, journal] = parlour_sqlite::SIDE_SUFFIXES.map(|end| format!("{name}{end}"));
    [name.to_owned(), wal, shm, journal, format!("{stem}.wm")]
}

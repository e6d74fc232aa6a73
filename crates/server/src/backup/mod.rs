//! Backups: one file that contains everything from which the same server can be restored.
//!
//! A backup is a tar archive, compressed with Zstandard and, if requested, encrypted with age (age-encryption.org),
//! so it can be opened without Parlour: `age -d | zstd -d | tar x`. Its entries, in this order: `backup.json`, the
//! header (`header.rs`); `parlour.toml` and `tls.pem`, only if it is encrypted; `parlour.db`, the database as a
//! SQLite file, whatever engine the server has; `files/`, the contents of files, if requested; and `SHA256SUMS`,
//! without which the backup is incomplete.

mod empty;
mod encryption;
mod entry;
mod error;
mod extras;
#[cfg(any(test, fuzzing))]
mod fuzz;
mod header;
mod history;
mod key;
mod make;
mod names;
mod objects;
mod own_key;
mod partial_file;
mod restore;
mod restored_files;
mod restored_objects;
mod retention;
mod schedule;
mod temporary_database;
mod unpack;
mod walk;

pub use encryption::{BackupEncryption, recipient};
pub use error::BackupError;
pub use header::Header;
pub use history::{BackupHistory, BackupStatus, FailedBackup, LastBackup};
pub use key::{EncryptionKind, Key};
pub use make::{NewBackup, Source, make};
pub use objects::FileTotals;
pub use own_key::OwnKey;
pub use restore::{Restored, restore};
pub use schedule::Schedule;
pub use walk::{Verified, verify};

#[cfg(any(test, fuzzing))]
pub(crate) use fuzz::fuzz;

pub(crate) use extras::extras;
pub(crate) use names::{list, name, stale_parts};
pub(crate) use objects::{
    StoredObject, from_rows as stored_objects, missing as missing_files, totals as file_totals,
};
pub(crate) use retention::{expired, is_due};
pub(crate) use temporary_database::TemporaryDatabase;

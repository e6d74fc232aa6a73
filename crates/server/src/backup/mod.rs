//! Backups: one file that has everything a server needs to be the same one again.
//!
//! A backup is a tar archive, compressed by Zstandard and, where that is wanted, encrypted by age
//! (age-encryption.org): whoever has lost Parlour opens it with `age -d | zstd -d | tar x`. In it are, in this order,
//! `backup.json`, which says what it is (`header.rs`); `parlour.toml` and `tls.pem`, if it is encrypted; `parlour.db`,
//! a SQLite file as a server has it, whichever engine it is a backup of; and `SHA256SUMS`, without which it is not
//! whole.

mod empty;
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
mod own_key;
mod partial_file;
mod plan;
mod restore;
mod restored_files;
mod retention;
mod seal;
mod temporary_database;
mod unpack;
mod walk;

pub use error::BackupError;
pub use header::Header;
pub use history::{BackupHistory, BackupStatus, FailedBackup, LastBackup};
pub use key::{Encryption, Key};
pub use make::{NewBackup, Source, make};
pub use own_key::OwnKey;
pub use plan::Plan;
pub use restore::{Restored, restore};
pub use seal::{Seal, recipient};
pub use walk::{Verified, verify};

#[cfg(any(test, fuzzing))]
pub(crate) use fuzz::fuzz;

pub(crate) use extras::extras;
pub(crate) use names::{list, name, stale_parts};
pub(crate) use retention::{expired, is_due};
pub(crate) use temporary_database::TemporaryDatabase;

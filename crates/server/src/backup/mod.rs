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
mod image;
mod keep;
mod key;
mod make;
mod names;
mod own_key;
mod part;
mod placed;
mod plan;
mod record;
mod restore;
mod seal;
mod unpack;
mod walk;

pub use error::BackupError;
pub use header::Header;
pub use key::{Key, Locked};
pub use make::{Made, Source, make};
pub use own_key::OwnKey;
pub use plan::Plan;
pub use record::{BackupStatus, Failed, Last, Record};
pub use restore::{Restored, restore};
pub use seal::{Seal, recipient};
pub use walk::{Verified, verify};

#[cfg(any(test, fuzzing))]
pub(crate) use fuzz::fuzz;

pub(crate) use extras::extras;
pub(crate) use image::Image;
pub(crate) use keep::{forgettable, is_due};
pub(crate) use names::{list, name, stale_parts};

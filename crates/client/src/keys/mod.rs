//! The keys of accounts' files: `key.json` next to the files (`key_file.rs`), the keychain,
//! passphrases and recovery codes.

pub(crate) mod attempts;
pub(crate) mod entry;
pub(crate) mod envelope;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
pub(crate) mod key_file;
pub(crate) mod keychain;
pub(crate) mod passphrase;
pub(crate) mod prompts;
mod wrap;

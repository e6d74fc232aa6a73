//! Backups from the command line: how one is asked for, and those commands about them that no server does.

use crate::cli::{Backup, Opening, Storage};
use crate::failure::{Failure, Result};
use crate::printed::{Printer, byte_size, date, line};
use crate::{passwords, storage};
use parlour_protocol::{KeyPin, Millis};
use parlour_server::backup::{self, BackupError, Encryption, Key, OwnKey, Restored, Seal};
use parlour_server::control::{Item, Request};
use std::path::Path;
use std::time::{Duration, Instant};

/// The time between two looks how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// What is asked of a server, or done without one.
pub fn request(command: Backup) -> Result<(Storage, Request)> {
    let Backup { file, encrypt, passphrase_file, recipient, storage } = command;
    let json = storage.folder.json;
    let failed = |failure: Failure| failure.for_programs(json);
    // A server that was started elsewhere finds it too.
    let file = std::path::absolute(&file).map_err(Failure::with_format(json))?;
    let seal = match recipient {
        Some(recipient) => {
            backup::recipient(&recipient).map_err(Failure::with_format(json))?;
            Seal::Recipient(recipient)
        }
        None if encrypt || passphrase_file.is_some() => {
            let file = passphrase_file.as_deref();
            let passphrase = passwords::new_passphrase(file).map_err(failed)?;
            if passphrase.is_empty() {
                return Err(Failure::with_format(json)(BackupError::NoPassphrase));
            }
            Seal::Passphrase(passphrase)
        }
        None => return Ok((storage, Request::Backup { file, seal: None })),
    };
    Ok((storage, Request::Backup { file, seal: Some(seal) }))
}

/// Restores one.
pub async fn restore(file: &Path, opening: &Opening, storage: Storage) -> Result {
    let json = storage.folder.json;
    let config = storage::config(storage)?;
    let folder = config.folder().map(Path::to_owned);
    let (key, printer) = (key(file, opening, json)?, Printer::new(json, None)?);
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    let mut on_progress = throttled(&printer);
    let restored = backup::restore(&config, file, &key, now, &mut on_progress).await;
    let restored = restored.map_err(Failure::with_format(json))?;
    printer.end();
    if json {
        line(&serde_json::to_string(&restored)?);
        return Ok(());
    }
    let Restored { header, with, left_out, own_key } = restored;
    line(&format!("restored as it was at {}", date(header.made_at)));
    for path in with {
        line(&format!("with {}", path.display()));
    }
    if !left_out.is_empty() {
        let names = left_out.join(" and ");
        line(&format!("without {names}, which is in it: name a folder for it with --data"));
    }
    line(&next(own_key, header.own_key.as_deref(), folder.as_deref()));
    Ok(())
}

/// What comes after a restore: clients find the server only by the key that they know.
fn next(own_key: OwnKey, pin: Option<&str>, folder: Option<&Path>) -> String {
    let there = folder.map_or("the data folder".to_owned(), |folder| folder.display().to_string());
    let pin = pin.and_then(|pin| pin.parse::<KeyPin>().ok());
    let known = pin.map_or(String::new(), |pin| format!(" (fingerprint {})", pin.fingerprint()));
    let found = match own_key {
        OwnKey::NotNeeded | OwnKey::There => {
            return "Start the server: every client then fetches anew, and offers again what it sent lately."
                .to_owned();
        }
        OwnKey::Missing => {
            format!(
                "The key by which clients know the server is not in {there}: encrypted backups alone hold it."
            )
        }
        OwnKey::Another => {
            format!("The key in {there} is another one than that by which clients know the server.")
        }
    };
    format!(
        "{found} Before you start the server, put your copy of tls.pem{known} into {there}, and with it parlour.toml: \
         every client then fetches anew, and offers again what it sent lately. With another key, clients refuse the \
         server: everybody has to sign out, which loses what was not sent yet, and to come by a new link."
    )
}

/// Looks whether one is whole.
pub fn verify(file: &Path, opening: &Opening, storage: &Storage) -> Result {
    let json = storage.folder.json;
    let (key, printer) = (key(file, opening, json)?, Printer::new(json, None)?);
    let verified =
        backup::verify(file, &key, throttled(&printer)).map_err(Failure::with_format(json))?;
    printer.end();
    if json {
        line(&serde_json::to_string(&verified)?);
        return Ok(());
    }
    let header = &verified.header;
    let with = match verified.with.as_slice() {
        [] => String::new(),
        names => format!(", with {}", names.join(" and ")),
    };
    line(&format!(
        "{} is whole: the server as it was at {}, {} of {}{with}",
        file.display(),
        date(header.made_at),
        byte_size(header.database_bytes),
        header.engine,
    ));
    Ok(())
}

/// Tells how far it is, a few times a second.
fn throttled(printer: &Printer) -> impl FnMut(u64, u64) {
    let mut reported_at = None::<Instant>;
    move |done, total| {
        if reported_at.is_none_or(|at| at.elapsed() >= PROGRESS_INTERVAL) {
            reported_at = Some(Instant::now());
            printer.item(Item::Progress { done, total });
        }
    }
}

/// What opens a backup: what was said, or else a passphrase where it needs one.
fn key(file: &Path, opening: &Opening, json: bool) -> Result<Key> {
    if let Some(identities) = &opening.identity_file {
        return Ok(Key::Identities(identities.clone()));
    }
    match Encryption::detect(file).map_err(Failure::with_format(json))? {
        Encryption::None | Encryption::ByRecipient => Ok(Key::None),
        Encryption::ByPassphrase => {
            let passphrase = passwords::passphrase(opening.passphrase_file.as_deref());
            passphrase.map(Key::Passphrase).map_err(|failure| failure.for_programs(json))
        }
    }
}

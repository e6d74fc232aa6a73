//! The commands for backups: builds the request for one, and restores and verifies backups without a server.

use crate::cli::{Backup, DecryptionArgs, Storage};
use crate::failure::{Failure, Result};
use crate::printed::{Printer, file_totals};
use crate::units::{byte_size, date, line};
use crate::{passwords, storage};
use parlour_protocol::{KeyPin, Millis};
use parlour_server::backup::{
    self, BackupEncryption, BackupError, EncryptionKind, FileTotals, Key, OwnKey, Restored,
};
use parlour_server::control::{Item, Request};
use std::path::Path;
use std::time::{Duration, Instant};

/// The time between two reports of the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// Returns the request for a backup, which a running server or this process performs.
pub fn request(command: Backup) -> Result<(Storage, Request)> {
    let Backup { file, encrypt, passphrase_file, recipient, without_files, storage } = command;
    let json = storage.folder.json;
    let failed = |failure: Failure| failure.with_json(json);
    // The server may have another working directory.
    let file = std::path::absolute(&file).map_err(Failure::with_format(json))?;
    let encryption = match recipient {
        Some(recipient) => {
            backup::recipient(&recipient).map_err(Failure::with_format(json))?;
            BackupEncryption::Recipient(recipient)
        }
        None if encrypt || passphrase_file.is_some() => {
            let file = passphrase_file.as_deref();
            let passphrase = passwords::new_passphrase(file).map_err(failed)?;
            if passphrase.is_empty() {
                return Err(Failure::with_format(json)(BackupError::NoPassphrase));
            }
            BackupEncryption::Passphrase(passphrase)
        }
        None => return Ok((storage, Request::Backup { file, encryption: None, without_files })),
    };
    let encryption = Some(encryption);
    Ok((storage, Request::Backup { file, encryption, without_files }))
}

/// Restores a backup, and prints the result.
pub async fn restore(file: &Path, decryption: &DecryptionArgs, storage: Storage) -> Result {
    let json = storage.folder.json;
    let config = storage::config(storage)?;
    let folder = config.folder().map(Path::to_owned);
    let (key, printer) = (key(file, decryption, json)?, Printer::new(json, None)?);
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    let mut on_progress = throttled_progress(&printer);
    let restored = backup::restore(&config, file, &key, now, &mut on_progress).await;
    let restored = restored.map_err(|error| match error {
        BackupError::Damaged { .. } => {
            Failure::with_format(json)(format!("{error}. Nothing was restored"))
        }
        error => Failure::with_format(json)(error),
    })?;
    printer.end();
    if json {
        line(&serde_json::to_string(&restored)?);
        return Ok(());
    }
    let Restored { header, extra_files, left_out, missing_files, own_key } = restored;
    line(&format!("restored the state of {}", date(header.made_at)));
    for path in extra_files {
        line(&format!("with {}", path.display()));
    }
    if !left_out.is_empty() {
        let names = left_out.join(" and ");
        line(&format!("without {names}: specify a folder for it with --data"));
    }
    match missing_files {
        Some(FileTotals { count: 0, .. }) => line("the files of all messages are there"),
        Some(missing) => line(&format!(
            "without {} of messages: put the old server's files in place before you start the server",
            file_totals(missing)
        )),
        None => line(
            "whether the files of messages are there is unknown: the place where they are stored cannot be read, or is not set",
        ),
    }
    line(&next_steps(own_key, header.own_key_pin.as_deref(), folder.as_deref()));
    Ok(())
}

/// Returns the next steps after a restore: clients accept the server only with the key that they know.
fn next_steps(own_key: OwnKey, pin: Option<&str>, folder: Option<&Path>) -> String {
    let folder_name =
        folder.map_or("the data folder".to_owned(), |folder| folder.display().to_string());
    let pin = pin.and_then(|pin| pin.parse::<KeyPin>().ok());
    let fingerprint =
        pin.map_or(String::new(), |pin| format!(" (fingerprint {})", pin.fingerprint()));
    let problem = match own_key {
        OwnKey::NotNeeded | OwnKey::Same => {
            return "Start the server: every client then fetches everything again, and offers to resend what it sent \
                    recently."
                .to_owned();
        }
        OwnKey::Missing => {
            format!(
                "The key by which clients recognise the server is not in {folder_name}: only encrypted backups \
                 contain it."
            )
        }
        OwnKey::Another => {
            format!(
                "The key in {folder_name} is not the one by which clients recognise the server."
            )
        }
    };
    format!(
        "{problem} Before you start the server, put your copy of tls.pem{fingerprint} into {folder_name}, and with it parlour.toml: \
         every client then fetches everything again, and offers to resend what it sent recently. With another key, \
         clients refuse the server: all users have to sign out, which discards unsent messages, and need a new link."
    )
}

/// Verifies a backup, and prints the result.
pub fn verify(file: &Path, decryption: &DecryptionArgs, storage: &Storage) -> Result {
    let json = storage.folder.json;
    let (key, printer) = (key(file, decryption, json)?, Printer::new(json, None)?);
    let verified = backup::verify(file, &key, throttled_progress(&printer))
        .map_err(Failure::with_format(json))?;
    printer.end();
    if json {
        line(&serde_json::to_string(&verified)?);
        return Ok(());
    }
    let header = &verified.header;
    let files = verified.files.map(file_totals);
    let with: Vec<String> = verified.extra_entries.iter().cloned().chain(files).collect();
    let with = match with.as_slice() {
        [] => String::new(),
        names => format!(", with {}", names.join(" and ")),
    };
    line(&format!(
        "{} is intact: the server as of {}, {} of {}{with}",
        file.display(),
        date(header.made_at),
        byte_size(header.database_bytes),
        header.engine,
    ));
    Ok(())
}

/// Returns a function that prints the progress, a few times per second.
fn throttled_progress(printer: &Printer) -> impl FnMut(u64, u64) {
    let mut reported_at = None::<Instant>;
    move |done, total| {
        if reported_at.is_none_or(|at| at.elapsed() >= PROGRESS_INTERVAL) {
            reported_at = Some(Instant::now());
            printer.item(Item::Progress { done, total });
        }
    }
}

/// Returns the key of a backup: the given one, or else the passphrase if it needs one.
fn key(file: &Path, decryption: &DecryptionArgs, json: bool) -> Result<Key> {
    if let Some(identities) = &decryption.identity_file {
        return Ok(Key::Identities(identities.clone()));
    }
    match EncryptionKind::detect(file).map_err(Failure::with_format(json))? {
        EncryptionKind::None | EncryptionKind::ByRecipient => Ok(Key::None),
        EncryptionKind::ByPassphrase => {
            let passphrase = passwords::passphrase(decryption.passphrase_file.as_deref());
            passphrase.map(Key::Passphrase).map_err(|failure| failure.with_json(json))
        }
    }
}

//! Checks that the stored contents of files are those that were uploaded.

use super::read::{FileToRead, Reader};
use crate::app::App;
use crate::error::ApiError;
use crate::file_store::{FileKey, Hasher};
use crate::queries::files;
use std::io::ErrorKind;
use uuid::Uuid;

/// The number of files that one query reads.
const PAGE_SIZE: i64 = 100;
/// The largest number of faults that are reported.
const MAX_FAULTS: usize = 10;

/// Reads all complete files and describes the first few whose content is missing or differs from its hash.
///
/// # Errors
/// Fails if the database does.
pub async fn find_faults(app: &App) -> Result<Vec<String>, ApiError> {
    let mut faults = Vec::new();
    // The server stores no files.
    if app.files.store().is_err() {
        return Ok(faults);
    }
    let mut after = Uuid::nil();
    loop {
        let page = files::complete(&app.db.read().await?, after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { return Ok(faults) };
        after = last.0;
        for (id, hash, size) in page {
            let file = FileToRead { id, hash, size };
            if let Some(fault) = check(app, file).await {
                faults.push(format!("the file {}: {fault}", FileKey::new(hash, id)));
            }
            if faults.len() >= MAX_FAULTS {
                return Ok(faults);
            }
        }
    }
}

async fn check(app: &App, file: FileToRead) -> Option<String> {
    let mut reader = match Reader::new(app.clone(), file, 0..file.size) {
        Ok(reader) => reader,
        Err(error) => return Some(error.message),
    };
    let mut hasher = Hasher::default();
    loop {
        match reader.next().await {
            Ok(Some(chunk)) => hasher.add(&chunk),
            Ok(None) if hasher.finish() == file.hash => break,
            Ok(None) => return Some("its content differs from what was uploaded".into()),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Some("a part of it is shorter than what was uploaded".into());
            }
            Err(error) => return Some(error.to_string()),
        }
    }
    match has_stored_sizes(app, file).await {
        Ok(true) => None,
        Ok(false) => Some("a part of it is longer than what was uploaded".into()),
        Err(error) => Some(error.to_string()),
    }
}

/// Returns whether each part in the store has the size that the database contains. Reading a file does not notice what
/// follows the end of a part.
async fn has_stored_sizes(app: &App, file: FileToRead) -> std::io::Result<bool> {
    let store = app.files.store().map_err(|error| std::io::Error::other(error.message))?;
    let tx = app.db.read().await.map_err(std::io::Error::other)?;
    let parts = files::all_parts(&tx, file.id).await.map_err(std::io::Error::other)?;
    drop(tx);
    let key = FileKey::new(file.hash, file.id);
    let compare = move || {
        let sizes = store.sizes_of(&key)?;
        Ok::<_, std::io::Error>(
            parts.iter().all(|part| sizes.get(&part.object) == Some(&part.bytes)),
        )
    };
    app.files.access(compare).await
}

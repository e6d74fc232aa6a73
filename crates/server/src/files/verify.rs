//! Whether the bytes of files are what was uploaded.

use super::read::{FileToRead, Reader};
use crate::app::App;
use crate::error::ApiError;
use crate::file_store::{Group, Hasher};
use crate::queries::files;
use uuid::Uuid;

/// The number of files that are looked up at once.
const PAGE: i64 = 100;
/// The largest number of faults that are told.
const FAULTS: usize = 10;

/// Returns what is wrong with the bytes of complete files, the first few faults. Reads all of them.
///
/// # Errors
/// Fails if the database does.
pub async fn faults(app: &App) -> Result<Vec<String>, ApiError> {
    let mut faults = Vec::new();
    if app.files.folder().is_err() {
        return Ok(faults);
    }
    let mut after = Uuid::nil();
    loop {
        let page = files::complete(&app.db.read().await?, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(faults) };
        after = last.0;
        for (id, hash, bytes) in page {
            let file = FileToRead { id, hash, bytes };
            if let Some(fault) = fault(app, file).await {
                faults.push(format!("the file {}: {fault}", Group::new(hash, id)));
            }
            if faults.len() >= FAULTS {
                return Ok(faults);
            }
        }
    }
}

async fn fault(app: &App, file: FileToRead) -> Option<String> {
    let mut reader = match Reader::new(app.clone(), file, 0..file.bytes) {
        Ok(reader) => reader,
        Err(error) => return Some(error.message),
    };
    let mut hasher = Hasher::default();
    loop {
        match reader.next().await {
            Ok(Some(piece)) => hasher.add(&piece),
            Ok(None) if hasher.finish() == file.hash => return None,
            Ok(None) => return Some("its bytes are others than those that were uploaded".into()),
            Err(error) => return Some(error.to_string()),
        }
    }
}

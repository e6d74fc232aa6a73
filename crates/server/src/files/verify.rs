//! Checks that the stored contents of files are those that were uploaded.

use super::read::{FileToRead, Reader};
use crate::app::App;
use crate::error::ApiError;
use crate::file_store::{FileKey, Hasher};
use crate::queries::files;
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
            Ok(None) if hasher.finish() == file.hash => return None,
            Ok(None) => return Some("its content differs from what was uploaded".into()),
            Err(error) => return Some(error.to_string()),
        }
    }
}

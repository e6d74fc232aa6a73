//! Channel logs that an earlier version imported file by file, with message ids derived from the file's name and a
//! number.

use super::input::{Entry, Files};
use super::report::{ImportError, Report};
use crate::app::App;
use crate::queries::imports;
use crate::tokens::digest;

/// Maximum size of such a file, which contains one day.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Skips the files that an earlier version imported, because their messages would be imported twice. Reports those
/// that have changed since.
pub async fn skip_unchanged(
    app: &App,
    files: &mut Files,
    report: &mut Report,
) -> Result<(), ImportError> {
    let tx = app.db.read().await?;
    let mut remaining: Vec<Entry> = Vec::with_capacity(files.entries.len());
    for entry in files.entries.drain(..) {
        let Some((known, messages)) = imports::find(&tx, &entry.name).await? else {
            remaining.push(entry);
            continue;
        };
        match entry.read_up_to(MAX_BYTES)? {
            Some(bytes) if digest(&bytes) == known => {
                report.unchanged += 1;
                report.known += u64::try_from(messages).unwrap_or(0);
            }
            _ => {
                let reason =
                    "a file that an earlier version imported and that has changed since, left out";
                report.add(reason, entry.name, 1);
            }
        }
    }
    files.entries = remaining;
    Ok(())
}

//! Channel logs that an earlier version imported file by file, with message ids derived from the file's name and a
//! number.

use super::input::{Entry, Files};
use super::report::{ImportError, Report};
use crate::app::App;
use crate::queries::imports;
use crate::tokens::digest;

/// Maximum size of such a file, which contains one day.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Leaves out the files that an earlier version imported, because their messages would be imported twice. Reports those
/// that have changed since.
pub async fn forget_unchanged(
    app: &App,
    files: &mut Files,
    report: &mut Report,
) -> Result<(), ImportError> {
    let tx = app.db.read().await?;
    let mut left: Vec<Entry> = Vec::with_capacity(files.entries.len());
    for entry in files.entries.drain(..) {
        let Some((known, messages)) = imports::find(&tx, &entry.name).await? else {
            left.push(entry);
            continue;
        };
        match entry.whole(LARGEST)? {
            Some(bytes) if digest(&bytes) == known => {
                report.unchanged += 1;
                report.known += u64::try_from(messages).unwrap_or(0);
            }
            _ => {
                let why =
                    "a file that an earlier version imported and that has changed since, left out";
                report.note(why, entry.name, 1);
            }
        }
    }
    files.entries = left;
    Ok(())
}

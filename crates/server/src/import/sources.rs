//! The log files in a folder.

use super::report::{ImportError, Report};
use parlour_protocol::Millis;
use std::path::{Path, PathBuf};

/// The file of a day.
pub struct Source {
    /// The name of its folder.
    pub channel: String,
    /// Midnight of the day, UTC.
    pub day: Millis,
    /// The path of the file.
    pub path: PathBuf,
    /// Its path relative to the imported folder, by which it is remembered.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Returns every day's file, channel by channel, oldest first. Other files are added to the report.
pub fn find(folder: &Path, report: &mut Report) -> Result<Vec<Source>, ImportError> {
    let mut sources = Vec::new();
    for channel in list(folder)? {
        for year in list(&channel)? {
            for path in list(&year)? {
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                match source(&channel, &path, name.clone()) {
                    Some(source) => sources.push(source),
                    None => report.note("not named like a day (YYYY-MM-DD), left out", name),
                }
            }
        }
    }
    Ok(sources)
}

fn source(channel: &Path, path: &Path, name: String) -> Option<Source> {
    let date: jiff::civil::Date = path.file_name()?.to_str()?.parse().ok()?;
    let day = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?.as_millisecond();
    let channel = channel.file_name()?.to_string_lossy().into_owned();
    let bytes = path.metadata().ok()?.len();
    Some(Source { channel, day: Millis(day), path: path.to_owned(), name, bytes })
}

/// Returns the entries of a folder, sorted by name; an empty list if it is not a folder.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| ImportError::Read { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| Ok(entry.map_err(failed)?.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, ImportError>>()?;
    paths.sort();
    Ok(paths)
}

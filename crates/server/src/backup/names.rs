//! The names of scheduled backups. The server removes only files with such a name.

use super::partial_file::PARTIAL_SUFFIX;
use parlour_protocol::Millis;
use std::io::Result;
use std::path::{Path, PathBuf};

const PREFIX: &str = "parlour-";
const SUFFIX: &str = ".tar.zst";
const ENCRYPTED_SUFFIX: &str = ".tar.zst.age";
const FORMAT: &str = "%Y%m%dT%H%M%SZ";
/// The age, in milliseconds, from which an incomplete file counts as left behind by a killed server.
const STALE_MS: i64 = 24 * 3600 * 1000;

/// Returns the name of a backup made at this time.
pub fn name(at: Millis, is_encrypted: bool) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let suffix = if is_encrypted { ENCRYPTED_SUFFIX } else { SUFFIX };
    format!("{PREFIX}{}{suffix}", at.strftime(FORMAT))
}

/// Returns the time in such a name; `None` for any other name.
fn time_in(name: &str) -> Option<Millis> {
    let rest = name.strip_prefix(PREFIX)?;
    let text = rest.strip_suffix(ENCRYPTED_SUFFIX).or_else(|| rest.strip_suffix(SUFFIX))?;
    let at = jiff::civil::DateTime::strptime(FORMAT, text).ok()?;
    let at = Millis(jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?.as_millisecond());
    [true, false].iter().any(|is_encrypted| self::name(at, *is_encrypted) == name).then_some(at)
}

/// Returns the scheduled backups in a folder with their times, oldest first.
///
/// # Errors
/// Fails if the folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<(Millis, PathBuf)>> {
    files(folder, time_in)
}

/// Returns the incomplete files in a folder of backups that a killed server left.
///
/// # Errors
/// Fails if the folder cannot be read.
pub fn stale_parts(folder: &Path, now: Millis) -> Result<Vec<PathBuf>> {
    let parts = files(folder, |name| time_in(name.strip_suffix(PARTIAL_SUFFIX)?))?;
    let stale = parts.into_iter().filter(|(at, _)| at.0 < now.0 - STALE_MS);
    Ok(stale.map(|(_, path)| path).collect())
}

fn files(
    folder: &Path,
    time_in: impl Fn(&str) -> Option<Millis>,
) -> Result<Vec<(Millis, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(at) = entry.file_name().to_str().and_then(&time_in)
            && entry.file_type()?.is_file()
        {
            found.push((at, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_backup_is_parsed_from_its_name_and_from_no_other_name() {
        let at = Millis(1_796_000_000_000);
        for is_encrypted in [false, true] {
            let name = name(at, is_encrypted);
            assert_eq!(time_in(&name), Some(at), "{name}");
            for other in [
                format!("{name}.part"),
                format!("x{name}"),
                name.to_uppercase(),
                name.replace(".zst", ".gz"),
                name.replace("parlour-2", "parlour-"),
                name.replace("parlour-2", "parlour-+2"),
            ] {
                assert_eq!(time_in(&other), None, "{other}");
            }
        }
        for other in ["", "parlour-.tar.zst", "parlour.db", "parlour-20261399T000000Z.tar.zst"] {
            assert_eq!(time_in(other), None, "{other}");
        }
    }

    #[test]
    fn only_the_servers_own_files_are_listed_and_only_old_parts_are_stale() {
        let dir = tempfile::tempdir().unwrap();
        let now = Millis(1_796_000_000_000);
        let (old, new) = (Millis(now.0 - 2 * STALE_MS), Millis(now.0 - 1000));
        for at in [new, old] {
            std::fs::write(dir.path().join(name(at, false)), "").unwrap();
            std::fs::write(dir.path().join(name(at, false) + PARTIAL_SUFFIX), "").unwrap();
        }
        std::fs::write(dir.path().join("mine.tar.zst"), "").unwrap();
        std::fs::create_dir(dir.path().join(name(Millis(0), false))).unwrap();
        let times: Vec<Millis> = list(dir.path()).unwrap().into_iter().map(|(at, _)| at).collect();
        assert_eq!(times, [old, new]);
        let stale = stale_parts(dir.path(), now).unwrap();
        assert_eq!(stale, [dir.path().join(name(old, false) + PARTIAL_SUFFIX)]);
    }
}

//! Finds files of the server that are not regular files.

use super::server::ExaminedServer;
use crate::data_names::{ALL, of_database};
use crate::regular::kind;

/// Returns what should be a regular file and is not, with its actual kind: reading a named pipe, for example, could
/// block for ever. Links count as what they point to; other checks report broken ones.
pub fn strange(server: &ExaminedServer) -> Vec<(String, &'static str)> {
    let (Some(folder), Some((database, _))) = (&server.folder, server.files()) else {
        return Vec::new();
    };
    let database = database.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let own = ALL.iter().filter(|(_, kind)| kind.is_regular()).map(|(name, _)| (*name).to_owned());
    let names = own.chain(of_database(&database));
    let what = |name: String| {
        let about = folder.join(&name).metadata().ok()?;
        Some((name, kind(about.file_type())?))
    };
    names.filter_map(what).collect()
}

/// Returns whether the database can be examined: it and the files next to it are regular files.
pub fn is_plain(server: &ExaminedServer) -> bool {
    let Some((database, _)) = server.files() else { return true };
    let name = database.file_name().unwrap_or_default().to_string_lossy().into_owned();
    strange(server).iter().all(|(strange, _)| !strange.starts_with(&name))
}

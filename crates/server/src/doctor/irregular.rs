//! Finds files of the server that are not regular files.

use super::server::ExaminedServer;
use crate::data_names::{ALL, of_database};
use crate::no_follow::is_foreign_link;
use crate::regular_file::kind;
use parlour_sqlite::follow;

/// Returns the names of files that should be regular files but are not, with their actual kind: reading a named pipe,
/// for example, could block forever. Links count as their targets; other checks report broken ones.
pub fn irregular(server: &ExaminedServer) -> Vec<(String, &'static str)> {
    let (Some(folder), Some((database, _))) = (&server.folder, server.files()) else {
        return Vec::new();
    };
    let database = database.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let own = ALL.iter().filter(|(_, kind)| kind.is_regular()).map(|(name, _)| (*name).to_owned());
    let names = own.chain(of_database(&database));
    let what = |name: String| {
        let metadata = folder.join(&name).metadata().ok()?;
        Some((name, kind(metadata.file_type())?))
    };
    names.filter_map(what).collect()
}

/// Returns whether the database can be examined: it and the files next to it are regular files, and not links to files
/// of other users.
pub fn is_database_regular(server: &ExaminedServer) -> bool {
    let Some((database, _)) = server.files() else { return true };
    let name = database.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = follow(&database);
    let target_name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let next_to_it = of_database(&target_name).map(|name| file.with_file_name(name));
    let own = [database.with_extension("wm"), database];
    let is_foreign = own.iter().chain(&next_to_it).any(|path| is_foreign_link(path));
    !is_foreign
        && irregular(server).iter().all(|(irregular_name, _)| !irregular_name.starts_with(&name))
}

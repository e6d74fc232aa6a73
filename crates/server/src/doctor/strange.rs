//! Finds files of the server that are not regular files.

use super::server::ExaminedServer;
use crate::metrics::METRICS_TOKEN;
use crate::regular::kind;

/// The server's files besides the database's.
const FILES: [&str; 7] = [
    "lock",
    "parlour.toml",
    "tls.pem",
    "tls.pem.lock",
    "acme.pem",
    "acme-account.json",
    METRICS_TOKEN,
];

/// Returns what should be a regular file and is not, with its actual kind: reading a named pipe, for example, could
/// block for ever. Links count as what they point to; other checks report broken ones.
pub fn strange(server: &ExaminedServer) -> Vec<(String, &'static str)> {
    let (Some(folder), Some((database, _))) = (&server.folder, server.files()) else {
        return Vec::new();
    };
    let database = database.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = database.rsplit_once('.').map_or(&*database, |(stem, _)| stem);
    let beside = ["", "-wal", "-shm", "-journal"].map(|end| format!("{database}{end}"));
    let names = FILES.iter().map(|name| (*name).to_owned());
    let names = names.chain(beside).chain([format!("{stem}.wm")]);
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

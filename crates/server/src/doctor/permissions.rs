//! Checks whether only the server's user has access to the data folder.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;

/// Checks whether other users can read anything in the folder, and whether the server can.
#[cfg(unix)]
pub fn check(server: &ExaminedServer) -> Option<Finding> {
    use crate::data_folder::own_files;
    use crate::data_names::{LOCK, SETTINGS};
    use crate::tls::TlsMode;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = server.folder.as_deref()?;
    let owner = folder.metadata().ok()?.uid();
    let (mut wide, mut foreign, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    let files = own_files(folder, &server.database).unwrap_or_default();
    let stem =
        server.files().and_then(|(file, _)| Some(file.file_stem()?.to_string_lossy().into_owned()));
    let stem = stem.unwrap_or_default();
    // The server only reads the other files, or replaces them.
    let is_written = |name: &str| {
        let of_database = name.strip_prefix(&stem).is_some_and(|rest| rest.starts_with('.'));
        name == LOCK || of_database && name != SETTINGS
    };
    let own_key = match &server.tls {
        TlsMode::Own(file) => Some(file.as_path()),
        _ => None,
    };
    let mut key_is_wide = false;
    for path in &files {
        let Ok(about) = path.metadata() else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if about.uid() != owner {
            foreign.push(name.clone());
        } else if about.is_file() {
            let needed = if is_written(&name) { 0o600 } else { 0o400 };
            if about.permissions().mode() & needed != needed {
                closed.push(name.clone());
            }
        }
        if about.permissions().mode() & 0o077 != 0 {
            key_is_wide |= own_key == Some(path);
            wide.push(name);
        }
    }
    if !foreign.is_empty() {
        let found = format!("not the folder's owner has {}", foreign.join(", "));
        let to_do = if foreign.iter().any(|name| is_written(name)) {
            "give them to the server's user, with the server stopped: chown parlour:parlour FILE. Clients then fetch \
                everything once more"
        } else {
            "give them to the server's user: chown parlour:parlour FILE"
        };
        return Some(Finding::error(Check::Permissions, found, to_do));
    }
    if !closed.is_empty() {
        let found = format!("the server's own user may not read and write {}", closed.join(", "));
        let to_do = "chmod 600 FILE, with the server stopped";
        return Some(Finding::error(Check::Permissions, found, to_do));
    }
    if key_is_wide {
        let found = "others than the server's user can read tls.pem, the server's private key";
        let to_do = "chmod 600 tls.pem; if others may have read it, remove it, start the server again and give out \
            new links";
        return Some(Finding::error(Check::Permissions, found, to_do));
    }
    if !wide.is_empty() {
        let found = format!("others than the server's user can read {}", wide.join(", "));
        let to_do = "chmod 600 FILE; the server does it too when it starts";
        return Some(Finding::warning(Check::Permissions, found, to_do));
    }
    if files.is_empty() {
        return None;
    }
    Some(Finding::ok(Check::Permissions, "what is in the data folder is its owner's alone"))
}

/// Returns nothing: on this system, the folder around it decides about access.
#[cfg(not(unix))]
pub fn check(_server: &ExaminedServer) -> Option<Finding> {
    None
}

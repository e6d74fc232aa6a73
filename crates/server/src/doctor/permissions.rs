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
    let (mut readable_by_others, mut of_other_owner, mut inaccessible) =
        (Vec::new(), Vec::new(), Vec::new());
    let files = own_files(folder, &server.database).unwrap_or_default();
    let stem =
        server.files().and_then(|(file, _)| Some(file.file_stem()?.to_string_lossy().into_owned()));
    let stem = stem.unwrap_or_default();
    // The server only reads or replaces the other files.
    let is_written = |name: &str| {
        let of_database = name.strip_prefix(&stem).is_some_and(|rest| rest.starts_with('.'));
        name == LOCK || of_database && name != SETTINGS
    };
    let own_key = match &server.tls {
        TlsMode::Own(file) => Some(file.as_path()),
        _ => None,
    };
    let mut is_key_readable = false;
    for path in &files {
        let Ok(metadata) = path.metadata() else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A link may lead to a file of root, for example, if the server only reads it. The server cannot restrict that.
        let is_of_other_owner = metadata.uid() != owner;
        let is_only_read = is_of_other_owner && path.is_symlink() && !is_written(&name);
        if is_of_other_owner && !is_only_read {
            of_other_owner.push(name.clone());
        } else if metadata.is_file() && !is_only_read {
            let needed = if is_written(&name) { 0o600 } else { 0o400 };
            if metadata.permissions().mode() & needed != needed {
                inaccessible.push(name.clone());
            }
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            is_key_readable |= own_key == Some(path);
            if !is_only_read {
                readable_by_others.push(name);
            }
        }
    }
    if !of_other_owner.is_empty() {
        let found = format!(
            "these files do not belong to the folder's owner: {}",
            of_other_owner.join(", ")
        );
        let to_do = if of_other_owner.iter().any(|name| is_written(name)) {
            "change their owner to the server's user, with the server stopped: chown parlour:parlour FILE. Clients \
             then fetch everything again"
        } else {
            "change their owner to the server's user: chown parlour:parlour FILE"
        };
        return Some(Finding::error(Check::Permissions, found, to_do));
    }
    if !inaccessible.is_empty() {
        let found =
            format!("the server's own user cannot read and write {}", inaccessible.join(", "));
        let to_do = "chmod 600 FILE, with the server stopped";
        return Some(Finding::error(Check::Permissions, found, to_do));
    }
    if is_key_readable {
        let found = "other users than the server's can read tls.pem, the server's private key";
        let to_do = "chmod 600 tls.pem; if others may have read it, remove it, restart the server and distribute \
                     new links";
        return Some(Finding::error(Check::Permissions, found, to_do));
    }
    if !readable_by_others.is_empty() {
        let found =
            format!("other users than the server's can read {}", readable_by_others.join(", "));
        let to_do = "chmod 600 FILE, or 700 for a folder; the server also does this when it starts";
        return Some(Finding::warning(Check::Permissions, found, to_do));
    }
    if files.is_empty() {
        return None;
    }
    Some(Finding::ok(Check::Permissions, "only the owner has access to the data folder"))
}

/// Returns nothing: on this system, the folder around it decides about access.
#[cfg(not(unix))]
pub fn check(_server: &ExaminedServer) -> Option<Finding> {
    None
}

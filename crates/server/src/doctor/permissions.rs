//! Checks whether only the server's user has access to the data folder.

use super::finding::Finding;
use super::server::ExaminedServer;

/// Checks whether other users can read anything in the folder, and whether the server can.
#[cfg(unix)]
pub fn check(server: &ExaminedServer) -> Option<Finding> {
    use std::os::unix::fs::MetadataExt;
    let folder = server.folder.as_deref()?;
    let owner = folder.metadata().ok()?.uid();
    let files = crate::data_folder::own_files(folder, &server.database).unwrap_or_default();
    (!files.is_empty()).then(|| unix::Access::examine(server, &files, owner).finding())
}

/// Returns nothing: on this system, the folder around it decides about access.
#[cfg(not(unix))]
pub fn check(_server: &ExaminedServer) -> Option<Finding> {
    None
}

#[cfg(unix)]
mod unix {
    use super::{ExaminedServer, Finding};
    use crate::data_names::{LOCK, SETTINGS};
    use crate::doctor::finding::Check;
    use crate::no_follow::is_foreign_link;
    use crate::tls::TlsMode;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::{Path, PathBuf};

    const REMOVE_LINKS: &str = "remove these links (rm), and restore the server's own files from a backup if it had \
                                any; leave the owner and the mode of what they lead to as they are";

    /// The names of files to which others have access, or the server has not.
    #[derive(Default)]
    pub struct Access {
        foreign_links: Vec<String>,
        of_other_owner: Vec<String>,
        /// Whether the server writes to one that belongs to another user.
        is_written: bool,
        inaccessible: Vec<String>,
        readable_by_others: Vec<String>,
        is_key_readable: bool,
    }

    impl Access {
        /// Examines these files of a server; `owner` is the owner of its folder.
        pub fn examine(server: &ExaminedServer, files: &[PathBuf], owner: u32) -> Self {
            let database = server.files().map(|(file, _)| file);
            let stem = database.as_deref().and_then(Path::file_stem).unwrap_or_default();
            let stem = stem.to_string_lossy();
            // The server only reads or replaces the other files.
            let is_written = |name: &str| {
                let of_database =
                    name.strip_prefix(&*stem).is_some_and(|rest| rest.starts_with('.'));
                name == LOCK || of_database && name != SETTINGS
            };
            let own_key = match &server.tls {
                TlsMode::Own(file) => Some(file.as_path()),
                _ => None,
            };
            let mut access = Self::default();
            for path in files {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let is_key = own_key == Some(path.as_path());
                let is_written = is_written(&name);
                if (is_written || is_key) && is_foreign_link(path) {
                    access.foreign_links.push(name);
                } else {
                    access.add(path, name, owner, (is_written, is_key));
                }
            }
            access
        }

        fn add(
            &mut self,
            path: &Path,
            name: String,
            owner: u32,
            (is_written, is_key): (bool, bool),
        ) {
            let Ok(metadata) = path.metadata() else { return };
            let mode = metadata.permissions().mode();
            // A link may lead to a file of root, for example, if the server only reads it. The server cannot restrict
            // that.
            let is_of_other_owner = metadata.uid() != owner;
            let is_only_read = is_of_other_owner && path.is_symlink() && !is_written;
            if is_of_other_owner && !is_only_read {
                self.of_other_owner.push(name.clone());
                self.is_written |= is_written;
            } else if metadata.is_file() && !is_only_read {
                let needed = if is_written { 0o600 } else { 0o400 };
                if mode & needed != needed {
                    self.inaccessible.push(name.clone());
                }
            }
            if mode & 0o077 != 0 {
                self.is_key_readable |= is_key;
                if !is_only_read {
                    self.readable_by_others.push(name);
                }
            }
        }

        /// Returns the finding about the worst fault, or that there is none.
        pub fn finding(&self) -> Finding {
            let error = |found: String, to_do| Finding::error(Check::Permissions, found, to_do);
            if !self.foreign_links.is_empty() {
                let names = self.foreign_links.join(", ");
                return error(format!("links to files of other users: {names}"), REMOVE_LINKS);
            }
            if !self.of_other_owner.is_empty() {
                let names = self.of_other_owner.join(", ");
                let to_do = if self.is_written {
                    "change their owner to the server's user, with the server stopped: chown parlour:parlour FILE. \
                     Clients then fetch everything again"
                } else {
                    "change their owner to the server's user: chown parlour:parlour FILE"
                };
                return error(
                    format!("these files do not belong to the folder's owner: {names}"),
                    to_do,
                );
            }
            if !self.inaccessible.is_empty() {
                let names = self.inaccessible.join(", ");
                let found = format!("the server's own user cannot read and write {names}");
                return error(found, "chmod 600 FILE, with the server stopped");
            }
            if self.is_key_readable {
                let found =
                    "other users than the server's can read tls.pem, the server's private key";
                let to_do = "chmod 600 tls.pem; if others may have read it, remove it, restart the server and \
                             distribute new links";
                return error(found.to_owned(), to_do);
            }
            if !self.readable_by_others.is_empty() {
                let names = self.readable_by_others.join(", ");
                let found = format!("other users than the server's can read {names}");
                let to_do =
                    "chmod 600 FILE, or 700 for a folder; the server also does this when it starts";
                return Finding::warning(Check::Permissions, found, to_do);
            }
            Finding::ok(Check::Permissions, "only the owner has access to the data folder")
        }
    }
}

//! The files in the packages.

use crate::run::{Result, root};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The path at which the program is installed.
const PROGRAM: &str = "usr/bin/parlour-server";

/// The other files: each path in the repository, and the path at which it is installed.
const FILES: &[(&str, &str)] = &[
    ("packaging/parlour-server.service", "usr/lib/systemd/system/parlour-server.service"),
    ("docs/operations.md", "usr/share/doc/parlour-server/operations.md"),
    ("CHANGELOG.md", "usr/share/doc/parlour-server/CHANGELOG.md"),
    ("LICENSE", "usr/share/doc/parlour-server/copyright"),
    ("LICENSE-APACHE", "usr/share/doc/parlour-server/LICENSE-APACHE"),
    ("LICENSE-MIT", "usr/share/doc/parlour-server/LICENSE-MIT"),
];

/// Returns the absolute path at which each file is installed.
pub fn installed() -> impl Iterator<Item = String> {
    let others = FILES.iter().map(|(_, to)| *to);
    std::iter::once(PROGRAM).chain(others).map(|path| format!("/{path}"))
}

/// Copies every file to its path below the folder `staged`.
pub fn stage(program: &Path, staged: &Path) -> Result {
    put(program, staged, PROGRAM, 0o755)?;
    for (from, to) in FILES {
        put(&root().join(from), staged, to, 0o644)?;
    }
    Ok(())
}

/// Copies a file to a path below `staged`. The permissions do not depend on the umask.
fn put(from: &Path, staged: &Path, path: &str, mode: u32) -> Result {
    let to = staged.join(path);
    let folder = to.parent().ok_or("the path of a file has no folder")?;
    std::fs::create_dir_all(folder)?;
    let copied = std::fs::copy(from, &to);
    copied.map_err(|error| format!("{}: {error}", from.display()))?;
    std::fs::set_permissions(&to, Permissions::from_mode(mode))?;
    for folder in folder.ancestors().take_while(|folder| *folder != staged) {
        std::fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    }
    Ok(())
}

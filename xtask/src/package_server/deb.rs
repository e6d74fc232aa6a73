//! The .deb, which `dpkg-deb` builds.

use super::metadata::{DESCRIPTION, NAME, SUMMARY, VERSION, script};
use crate::run::{Result, run as call};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The scripts in a .deb.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Builds the package of the staged files; returns its path.
pub fn build(staged: &Path, folder: &Path) -> Result<PathBuf> {
    let architecture = Command::new("dpkg").arg("--print-architecture").output()?.stdout;
    let architecture = String::from_utf8(architecture)?.trim().to_owned();
    let control_folder = staged.join("DEBIAN");
    std::fs::create_dir_all(&control_folder)?;
    std::fs::set_permissions(&control_folder, Permissions::from_mode(0o755))?;
    std::fs::write(control_folder.join("control"), control(staged, &architecture)?)?;
    for name in SCRIPTS {
        let path = control_folder.join(name);
        std::fs::write(&path, script(name)?)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o755))?;
    }
    let package = folder.join(format!("{NAME}_{VERSION}_{architecture}.deb"));
    let (from, to) = (staged.to_string_lossy(), package.to_string_lossy());
    call("dpkg-deb", &["--root-owner-group", "-Zxz", "--build", &from, &to])?;
    std::fs::remove_dir_all(control_folder)?;
    Ok(package)
}

fn control(staged: &Path, architecture: &str) -> Result<String> {
    let libc = newest_libc(&std::fs::read(staged.join("usr/bin").join(NAME))?);
    let libc = libc.map(|(major, minor)| format!(" (>= {major}.{minor})")).unwrap_or_default();
    Ok(format!(
        "Package: {NAME}\nVersion: {VERSION}\nArchitecture: {architecture}\n\
         Maintainer: The Parlour founders <founders@parlour.invalid>\nSection: net\nPriority: optional\n\
         Installed-Size: {}\nDepends: libc6{libc}, libgcc-s1, libssl3t64 | libssl3, passwd\n\
         Suggests: postgresql\nDescription: {SUMMARY}\n {DESCRIPTION}\n",
        size(staged)? / 1024 + 1
    ))
}

/// Returns the newest version of glibc that a program requires.
pub fn newest_libc(program: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"GLIBC_";
    let versions = program.windows(MARK.len()).enumerate().filter(|(_, bytes)| *bytes == MARK);
    let versions = versions.filter_map(|(at, _)| {
        let rest = &program[at + MARK.len()..];
        let end = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
        let (major, minor) = std::str::from_utf8(&rest[..end]).ok()?.split_once('.')?;
        let minor = minor.split('.').next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    versions.max()
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        bytes += if path.is_dir() { size(&path)? } else { path.metadata()?.len() };
    }
    Ok(bytes)
}

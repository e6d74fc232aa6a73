//! The .rpm, which `rpmbuild` builds.

use super::files;
use super::metadata::{DESCRIPTION, LICENSE, NAME, SUMMARY, VERSION, script};
use crate::run::{Result, run as call};
use std::path::{Path, PathBuf};

/// Builds the package of the staged files; returns its path.
pub fn build(staged: &Path, folder: &Path) -> Result<PathBuf> {
    let (top, spec) = (folder.join("rpmbuild"), folder.join("parlour-server.spec"));
    std::fs::write(&spec, text(staged)?)?;
    let topdir = format!("_topdir {}", top.display());
    call("rpmbuild", &["-bb", "--quiet", "--define", &topdir, &spec.to_string_lossy()])?;
    let built = find(&top.join("RPMS"))?.ok_or("rpmbuild built no package")?;
    let package = folder.join(built.file_name().ok_or("a package without a name")?);
    std::fs::rename(&built, &package)?;
    std::fs::remove_dir_all(top)?;
    std::fs::remove_file(spec)?;
    Ok(package)
}

/// Returns the spec file. rpm finds the dependencies of the program by itself. The scripts are those of the .deb, to
/// which dpkg's arguments are passed: rpm itself passes the number of versions that will be installed.
fn text(staged: &Path) -> Result<String> {
    let installed: Vec<String> = files::installed().collect();
    let with_arguments = |name: &str, arguments: &str| -> Result<String> {
        Ok(format!("set -- {arguments}\n{}", script(name)?.replace("#!/bin/sh\n", "")))
    };
    let (after, before, end) = (
        with_arguments("postinst", "configure $([ \"$1\" -gt 1 ] && echo earlier || true)")?,
        with_arguments("prerm", "$([ \"$1\" -eq 0 ] && echo remove || echo upgrade)")?,
        with_arguments("postrm", "$([ \"$1\" -eq 0 ] && echo remove || echo upgrade)")?,
    );
    Ok(format!(
        "%global debug_package %{{nil}}\n%global __os_install_post %{{nil}}\n%global _build_id_links none\n\
         Name: {NAME}\nVersion: {VERSION}\nRelease: 1\nSummary: {SUMMARY}\nLicense: {LICENSE}\n\
         Requires(post): shadow-utils\n\n%description\n{DESCRIPTION}\n\n\
         %install\ncp -a {}/. %{{buildroot}}/\n\n\
         %files\n%defattr(-,root,root,-)\n{}\n\n\
         %post\n{after}\n%preun\n{before}\n%postun\n{end}\n",
        staged.display(),
        installed.join("\n")
    ))
}

fn find(folder: &Path) -> Result<Option<PathBuf>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = find(&path)? {
                return Ok(Some(found));
            }
        } else if path.extension().is_some_and(|extension| extension == "rpm") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

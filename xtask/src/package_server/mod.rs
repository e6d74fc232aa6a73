//! `cargo xtask package server`: builds the .deb and .rpm of the server. Both contain the same files and create
//! the same user.

mod deb;
mod files;
mod metadata;
mod rpm;
#[cfg(test)]
mod tests;

use crate::run::{Result, root, run as call};
use crate::system;
use metadata::NAME;
use std::path::{Path, PathBuf};

/// `cargo xtask package server [--program FILE]`: uses the program FILE if it is given, and otherwise builds one.
pub fn run(options: &[&str]) -> Result {
    system::install_to_package()?;
    let program = match options {
        [] => {
            call("cargo", &["build", "--locked", "--release", "--package", NAME])?;
            root().join("target/release").join(NAME)
        }
        ["--program", file] => PathBuf::from(file),
        _ => return Err("usage: cargo xtask package server [--program FILE]".into()),
    };
    for package in build_packages(&program, &root().join("target/release/bundle/server"))? {
        println!("{} ({} KiB)", package.display(), package.metadata()?.len() / 1024);
    }
    Ok(())
}

/// Builds both packages of a program in a folder, whose previous contents are deleted; returns their paths.
fn build_packages(program: &Path, folder: &Path) -> Result<[PathBuf; 2]> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let staged = folder.join("files");
    files::stage(program, &staged)?;
    let packages = [deb::build(&staged, folder)?, rpm::build(&staged, folder)?];
    std::fs::remove_dir_all(staged)?;
    Ok(packages)
}

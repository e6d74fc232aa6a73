//! `cargo xtask bench`: speed and memory, as ratios to a floor measured in the same run.

use crate::run::{Result, build_ui, root, run as call};
use crate::system;
use std::path::{Path, PathBuf};

/// `cargo xtask bench [--json] [--logs DIR] [--copies N]`: with the logs once and four times, or N
/// times.
pub fn run(args: &[&str]) -> Result {
    let mut archives = root().join("../shared/data/irc");
    let mut passed = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--json" => passed.push("--json"),
            "--copies" => {
                passed.extend(["--copies", args.next().ok_or("--copies needs a number")?]);
            }
            "--logs" => archives = PathBuf::from(args.next().ok_or("--logs needs a folder")?),
            other => return Err(format!("bench does not know {other}").into()),
        }
    }
    system::install()?;
    build_ui()?;
    let build = ["build", "--locked", "--release", "--package"];
    call("cargo", &[&build[..], &["parlour", "--features", "floor"]].concat())?;
    call("cargo", &[&build[..], &["parlour-server"]].concat())?;
    call("cargo", &[&build[..], &["parlour-tests", "--bin", "bench"]].concat())?;
    let logs = unpack(&archives)?;
    let bench = root().join("target/release/bench").to_string_lossy().into_owned();
    let logs = logs.to_string_lossy().into_owned();
    passed.insert(0, &logs);
    call(&bench, &passed)
}

/// Unpacks the logs, unless they are unpacked already, and returns their folder.
fn unpack(archives: &Path) -> Result<PathBuf> {
    let logs = root().join("target/logs");
    std::fs::create_dir_all(&logs)?;
    let entries = std::fs::read_dir(archives)
        .map_err(|error| format!("{}: {error}; name the logs with --logs", archives.display()))?;
    for entry in entries {
        let archive = entry?.path();
        let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(channel) = name.strip_suffix(".tar.xz") else { continue };
        if !logs.join(channel).exists() {
            call("tar", &["-xJf", &archive.to_string_lossy(), "-C", &logs.to_string_lossy()])?;
        }
    }
    Ok(logs)
}

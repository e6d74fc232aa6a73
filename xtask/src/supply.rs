//! The dependencies of the programs: their sources, their licences, and known vulnerabilities. They
//! are checked by cargo-deny and cargo-audit; deny.toml and .cargo/audit.toml say what is allowed.

use crate::run::{Result, root, run as call, run_in};
use crate::workflows;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The lock file of each workspace: the programs', and the fuzz targets'.
const LOCKS: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];
/// Folders with a lock file of npm: that of the window, and that of the tools that make the
/// packages.
const NPM: [&str; 2] = ["ui", "xtask/packager"];
/// The database of known vulnerabilities in crates, a repository that no package registry carries.
const ADVISORIES: &str = "https://github.com/rustsec/advisory-db";

/// Checks everything that needs no database of vulnerabilities: the pins in workflows, licences,
/// sources, unwanted crates, and versions that their authors have yanked.
pub fn check() -> Result {
    workflows::check()?;
    let tools = tools()?;
    let deny = program(&tools, "cargo-deny");
    let programs = ["--locked", "--config", "deny.toml", "check", "--hide-inclusion-graph"];
    call(&deny, &[&programs[..], &["licenses", "bans", "sources"]].concat())?;
    // The fuzz targets are not distributed, so their licences do not matter.
    let fuzz = ["--manifest-path", "fuzz/Cargo.toml"];
    call(&deny, &[&fuzz[..], &programs[..], &["bans", "sources"]].concat())?;
    let none = tools.join("no-advisories");
    for kind in ["crates", "rust"] {
        std::fs::create_dir_all(none.join(kind))?;
    }
    audit_locks(&tools, &none, "yanked")
}

/// `cargo xtask audit`: checks the dependencies for vulnerabilities that are known today. It also
/// fails if a database cannot be reached. With a folder, that copy of RustSec's database is used.
pub fn audit(advisories: Option<&str>) -> Result {
    match &audit_if_reachable(advisories)?[..] {
        [] => Ok(()),
        unchecked => Err(format!("not checked: {}", unchecked.join(", ")).into()),
    }
}

/// Same as [`audit`], but succeeds if a database cannot be reached. Returns the checks that were not made.
pub fn audit_if_reachable(advisories: Option<&str>) -> Result<Vec<&'static str>> {
    let tools = tools()?;
    let mut unchecked = Vec::new();
    match advisories.map(PathBuf::from).or_else(|| fetch(&tools)) {
        Some(folder) => audit_locks(&tools, &folder, "warnings")?,
        None => unchecked.push("crates against RustSec's advisories"),
    }
    let are_audited = NPM.iter().map(|folder| audit_npm(folder)).collect::<Result<Vec<bool>>>()?;
    if are_audited.contains(&false) {
        unchecked.push("npm packages against the registry's advisories");
    }
    Ok(unchecked)
}

fn audit_locks(tools: &Path, advisories: &Path, denied: &str) -> Result {
    let folder = advisories.to_string_lossy();
    let audit = program(tools, "cargo-audit");
    for lock in LOCKS {
        let args =
            ["audit", "--no-fetch", "--db", &folder, "--deny", denied, "--quiet", "--file", lock];
        call(&audit, &args)?;
    }
    Ok(())
}

/// Downloads today's advisories. Returns nothing if they cannot be reached.
fn fetch(tools: &Path) -> Option<PathBuf> {
    let folder = tools.join("advisories");
    let _ = std::fs::remove_dir_all(&folder);
    let cloned = Command::new("git")
        .args(["clone", "--quiet", "--depth", "1", ADVISORIES])
        .arg(&folder)
        // Never prompts, and gives up on a dead connection.
        .envs([("GIT_TERMINAL_PROMPT", "0"), ("GIT_HTTP_LOW_SPEED_LIMIT", "1000")])
        .env("GIT_HTTP_LOW_SPEED_TIME", "20")
        .status();
    cloned.is_ok_and(|status| status.success()).then_some(folder)
}

/// Asks the registry for known vulnerabilities in a folder's packages. Returns whether the registry
/// answered.
fn audit_npm(folder: &str) -> Result<bool> {
    let output =
        Command::new("npm").args(["audit", "--json"]).current_dir(root().join(folder)).output()?;
    let report = String::from_utf8_lossy(&output.stdout);
    match (report.contains("\"auditReportVersion\""), output.status.success()) {
        (false, _) => Ok(false),
        (true, true) => Ok(true),
        (true, false) => Err(format!("npm audit in {folder}:\n{report}").into()),
    }
}

/// Returns the folder of the tools, which are installed as audit-tools.txt lists them, each file
/// checked by its digest.
fn tools() -> Result<PathBuf> {
    let folder = root().join("target/tools/audit");
    let (list, installed_marker) =
        (root().join("xtask/audit-tools.txt"), folder.join("installed.txt"));
    let list_text = std::fs::read(&list)?;
    if !std::fs::read(&installed_marker).is_ok_and(|installed| installed == list_text) {
        call("python3", &["-m", "venv", "--clear", &folder.to_string_lossy()])?;
        let list = list.to_string_lossy();
        let pip = ["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"];
        let files = ["--no-deps", "--require-hashes", "--requirement", &list];
        run_in("", &program(&folder, "pip"), &[&pip[..], &files[..]].concat())?;
        std::fs::write(installed_marker, list_text)?;
    }
    Ok(folder)
}

fn program(tools: &Path, name: &str) -> String {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    tools.join(folder).join(name).to_string_lossy().into_owned()
}

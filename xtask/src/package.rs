//! `cargo xtask package`: builds the .deb and .rpm of the app. The .deb is installed and started by
//! its menu entry's command, on an invisible display.

use crate::run::{Result, install_ui, root, run as call, run_in};
use crate::system;
use parlour_headless::{Display, Headless, Keychain};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder whose lock file has Tauri's command line, which makes the packages.
const PACKAGER: &str = "xtask/packager";

/// `cargo xtask package`
pub fn run() -> Result {
    system::install()?;
    install_ui()?;
    run_in(PACKAGER, "npm", &["ci", "--silent", "--no-audit", "--no-fund"])?;
    let tauri = root().join(PACKAGER).join("node_modules/.bin/tauri");
    run_in("", &tauri.to_string_lossy(), &["build", "--bundles", "deb,rpm", "--", "--locked"])?;
    let bundles = root().join("target/release/bundle");
    for kind in ["deb", "rpm"] {
        let package = find(&bundles.join(kind), kind)?;
        println!("{} ({} KiB)", package.display(), package.metadata()?.len() / 1024);
    }
    test_package(&find(&bundles.join("deb"), "deb")?)
}

fn find(folder: &Path, kind: &str) -> Result<PathBuf> {
    let mut packages: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    packages.retain(|path| path.extension().is_some_and(|extension| extension == kind));
    packages.pop().ok_or_else(|| format!("no .{kind} was built").into())
}

/// Installs the .deb, starts the command of its menu entry, waits for the first screen, and removes
/// the package again.
fn test_package(package: &Path) -> Result {
    let name = package.to_string_lossy().into_owned();
    call("dpkg", &["--install", &name]).map_err(|error| format!("{error} (it needs root)"))?;
    let entry = std::fs::read_to_string("/usr/share/applications/Parlour.desktop")?;
    let line = entry.lines().find_map(|line| line.strip_prefix("Exec="));
    let command = line.ok_or("the menu entry has no command")?;
    let program = command.split_whitespace().next().ok_or("the menu entry's command is empty")?;
    if !command.ends_with(" %u") || !entry.contains("MimeType=x-scheme-handler/parlour;") {
        return Err("the menu entry does not open links".into());
    }
    let home = root().join("target/package-home");
    let started = start(program, &home);
    call("dpkg", &["--remove", "parlour"])?;
    started
}

fn start(program: &str, home: &Path) -> Result {
    let headless = Headless::start(home, Display::Virtual(1280, 800), Keychain::Unlocked)?;
    let mut command: Command = headless.command(program);
    let mut window = command.env("PARLOUR_TRACE", "1").stdout(Stdio::piped()).spawn()?;
    let output = window.stdout.take().expect("it was piped");
    let lines = BufReader::new(output).lines().map_while(std::result::Result::ok);
    let painted = lines.into_iter().any(|line| line.contains("paint"));
    window.kill()?;
    window.wait()?;
    if painted { Ok(()) } else { Err("the installed app ended before it was painted".into()) }
}

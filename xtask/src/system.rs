//! What the system must have. On Debian and Ubuntu what is missing is installed; elsewhere it is
//! said what to install.

use crate::run::Result;
use std::process::{Command, Stdio};

const BUILD: &[&str] = &[
    "build-essential",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "pkg-config",
];
/// To show the window where there is no desktop, take its picture and drive it; and the server's
/// other database, with what its servers tell each other through.
const HEADLESS: &[&str] = &[
    "dbus",
    "fonts-dejavu-core",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
    "fonts-symbola",
    "gnome-keyring",
    "imagemagick",
    "libglib2.0-bin",
    "nats-server",
    "openssl",
    "postgresql",
    "python3-venv",
    "webkit2gtk-driver",
    "xdotool",
    "xvfb",
    "xz-utils",
];

/// Makes sure that the app can be built and run here.
pub fn install() -> Result {
    if !cfg!(target_os = "linux") {
        return check_node();
    }
    let wanted = BUILD.iter().chain(HEADLESS);
    let missing: Vec<&str> = wanted.copied().filter(|package| !is_installed(package)).collect();
    if !missing.is_empty() {
        if Command::new("apt-get").arg("--version").stdout(Stdio::null()).status().is_err() {
            let names = missing.join(" ");
            return Err(format!("Install what Debian calls {names}, then run this again.").into());
        }
        apt(&["update", "-q"])?;
        apt(&[&["install", "-q", "-y", "--no-install-recommends"], &missing[..]].concat())?;
    }
    check_node()
}

fn is_installed(package: &str) -> bool {
    let query = Command::new("dpkg-query").args(["-W", "-f", "${Status}", package]).output();
    query.is_ok_and(|output| output.stdout == b"install ok installed")
}

fn apt(args: &[&str]) -> Result {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let (program, first): (&str, &[&str]) =
        if is_root { ("apt-get", &[]) } else { ("sudo", &["apt-get"]) };
    eprintln!("> apt-get {}", args.join(" "));
    let mut command = Command::new(program);
    let status =
        command.args(first).args(args).env("DEBIAN_FRONTEND", "noninteractive").status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("apt-get {}: {status}", args.join(" ")).into())
    }
}

/// The first Node.js whose version the UI's tools take.
const NODE: (u32, u32) = (20, 19);

fn check_node() -> Result {
    let (major, minor) = NODE;
    let wanted = format!("Install Node.js {major}.{minor} or newer, then run this again.");
    let output = Command::new("node").arg("--version").output().map_err(|_| wanted.clone())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().trim_start_matches('v').to_owned();
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found >= NODE { Ok(()) } else { Err(format!("Node.js {text} is too old. {wanted}").into()) }
}

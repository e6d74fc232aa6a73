//! The programs and libraries that the system must have. Missing ones are installed on Debian and Ubuntu; elsewhere the
//! user is told what to install.

mod probe;

use crate::run::Result;
use probe::Probe::{self, Font, Header, Library, Program, PythonModules};
use std::process::{Command, Stdio};

/// The check whether something is installed, and the Debian package that contains it.
type Requirement = (Probe, &'static str);

/// Needed to build the app.
const BUILD: &[Requirement] = &[
    (Program(&["cc"]), "build-essential"),
    (Program(&["c++"]), "build-essential"),
    (Program(&["make"]), "build-essential"),
    (Program(&["pkg-config", "pkgconf"]), "pkg-config"),
    (Library("ayatana-appindicator3-0.1"), "libayatana-appindicator3-dev"),
    (Library("librsvg-2.0"), "librsvg2-dev"),
    (Library("openssl"), "libssl-dev"),
    (Library("webkit2gtk-4.1"), "libwebkit2gtk-4.1-dev"),
    (Header("xdo.h"), "libxdo-dev"),
];
/// Needed to show the window without a desktop, take screenshots of it and drive it; and for the
/// server's other database, with the service through which several servers communicate, and for the
/// authority that issues certificates.
const HEADLESS: &[Requirement] = &[
    (Font("DejaVu Sans"), "fonts-dejavu-core"),
    (Font("Noto Color Emoji"), "fonts-noto-color-emoji"),
    (Font("Noto Sans CJK JP"), "fonts-noto-cjk"),
    (Font("Symbola"), "fonts-symbola"),
    (Program(&["dbus-daemon"]), "dbus"),
    (Program(&["gdbus"]), "libglib2.0-bin"),
    (Program(&["gnome-keyring-daemon"]), "gnome-keyring"),
    (Program(&["import"]), "imagemagick"),
    (Program(&["initdb"]), "postgresql"),
    (Program(&["nats-server"]), "nats-server"),
    (Program(&["pebble"]), "pebble"),
    (Program(&["pgbouncer"]), "pgbouncer"),
    (Program(&["openssl"]), "openssl"),
    (Program(&["WebKitWebDriver"]), "webkit2gtk-driver"),
    (Program(&["xclip"]), "xclip"),
    (Program(&["xdotool"]), "xdotool"),
    (Program(&["Xvfb"]), "xvfb"),
    (Program(&["xz"]), "xz-utils"),
];
/// Needed by the tools that check dependencies, and by those that test the server against its
/// document.
const TOOLS: &[Requirement] = &[(PythonModules(&["venv", "ensurepip"]), "python3-venv")];

/// Needed to build the packages of the server.
const PACKAGES: &[Requirement] =
    &[(Program(&["dpkg-deb"]), "dpkg"), (Program(&["rpmbuild"]), "rpm")];

/// Makes sure that the packages of the server can be built here.
pub fn install_to_package() -> Result {
    provide(&[BUILD, PACKAGES].concat())
}

/// Makes sure that the app can be built, run and tested here.
pub fn install() -> Result {
    provide(&[BUILD, HEADLESS, TOOLS].concat())
}

/// Makes sure that the sources can be checked here.
pub fn install_to_check() -> Result {
    provide(&[BUILD, TOOLS].concat())
}

fn provide(requirements: &[Requirement]) -> Result {
    if cfg!(target_os = "linux") {
        let missing = missing(requirements);
        if !missing.is_empty() {
            install_packages(&missing)?;
        }
    }
    check_node()
}

fn missing(requirements: &[Requirement]) -> Vec<Requirement> {
    requirements.iter().copied().filter(|(probe, _)| !probe.is_installed()).collect()
}

fn install_packages(requirements: &[Requirement]) -> Result {
    if Command::new("apt-get").arg("--version").stdout(Stdio::null()).status().is_err() {
        return Err(format!("Install this, then run it again:\n{}", describe(requirements)).into());
    }
    let mut packages: Vec<&str> = requirements.iter().map(|(_, package)| *package).collect();
    packages.dedup();
    apt(&["update", "-q"])?;
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], &packages[..]].concat())?;
    let missing = missing(requirements);
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("Installed, and still not found:\n{}", describe(&missing)).into())
}

/// Returns a line for each need, such as `  the program xz (Debian's package xz-utils)`.
fn describe(requirements: &[Requirement]) -> String {
    let lines = requirements
        .iter()
        .map(|(probe, package)| format!("  {probe} (Debian's package {package})"));
    lines.collect::<Vec<_>>().join("\n")
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

/// The oldest version of Node.js that the UI's tools accept.
const NODE: (u32, u32) = (20, 19);

fn check_node() -> Result {
    let (major, minor) = NODE;
    let instruction = format!("Install Node.js {major}.{minor} or newer, then run this again.");
    let output = Command::new("node").arg("--version").output().map_err(|_| instruction.clone())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().trim_start_matches('v').to_owned();
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found >= NODE {
        Ok(())
    } else {
        Err(format!("Node.js {text} is too old. {instruction}").into())
    }
}

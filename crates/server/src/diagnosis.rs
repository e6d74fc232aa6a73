//! The command `doctor`: prints the problems of a server, and returns the exit code for the worst.

use crate::cli::Storage;
use crate::printed::Printer;
use crate::storage;
use parlour_server::Config;
use parlour_server::control::{self, Item};
use parlour_server::data_names::SERVER_KEY;
use parlour_server::doctor::{Check, Finding, State};
use parlour_server::tls::TlsMode;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

/// Runs every check that is possible.
pub async fn diagnose(storage: Storage) -> ExitCode {
    let (json, folder) = (storage.folder.json, storage.folder.data.clone());
    let (settings, config) = match storage::config(storage) {
        Ok(config) => (Finding::ok(Check::Settings, "the settings are valid"), Some(config)),
        Err(reason) => {
            let to_do = "correct parlour.toml or the environment; run `parlour-server check-config` for details";
            (
                Finding::error(Check::Settings, reason.text(), to_do),
                folder.as_deref().map(default_config),
            )
        }
    };
    let mut findings = vec![settings];
    if let Some(config) = config {
        findings.extend(control::diagnose(&config).await);
    }
    let worst = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Ok);
    match Printer::new(json, None) {
        Ok(printer) => {
            findings.into_iter().for_each(|finding| printer.item(Item::Finding(finding)))
        }
        Err(failure) => return failure.print(),
    }
    match worst {
        State::Ok => ExitCode::SUCCESS,
        State::Warning => ExitCode::from(1),
        State::Error => ExitCode::from(2),
    }
}

/// Returns the default configuration of a folder, for checks that are possible even though the settings are
/// invalid.
fn default_config(folder: &Path) -> Config {
    let own = folder.join(SERVER_KEY);
    let tls = if own.exists() { TlsMode::Own(own) } else { TlsMode::Off };
    Config { tls, ..Config::in_folder(folder, SocketAddr::from(([127, 0, 0, 1], 0))) }
}

//! Diagnoses a server, whether it is running or not.

use super::endpoint;
use super::error::ControlError;
use super::request::{Item, Reply, Request};
use super::send_request::send_request;
use crate::config::Config;
use crate::data_folder::is_locked;
use crate::doctor::{Check, ExaminedServer, Finding, examine};
use std::path::Path;

/// Diagnoses the server with these settings. A running server that responds runs the checks itself; otherwise its
/// files are examined, without changing them.
pub async fn diagnose(config: &Config) -> Vec<Finding> {
    let (folder, mut findings) = (config.folder(), Vec::new());
    let reply = match folder {
        Some(folder) => {
            let on_item = |item| {
                if let Item::Finding(finding) = item {
                    findings.push(finding);
                }
            };
            send_request(folder, &Request::Doctor, on_item).await
        }
        None => Ok(None),
    };
    let is_running = folder.is_some_and(is_locked);
    let server = server_finding(folder, &reply, is_running);
    if !matches!(reply, Ok(Some(_))) {
        findings = examine(&ExaminedServer::not_responding(config, is_running)).await;
    }
    findings.insert(0, server);
    findings
}

/// Returns the finding about whether the server responded.
fn server_finding(
    folder: Option<&Path>,
    reply: &Result<Option<Reply>, ControlError>,
    is_running: bool,
) -> Finding {
    let to_do = "check the server's log, and restart it";
    match reply {
        Ok(Some(_)) => Finding::ok(Check::Server, "the server is running and responds"),
        Ok(None) if is_running => {
            let found =
                "a server, or another command, has locked the data folder and does not respond";
            Finding::error(Check::Server, found, to_do)
        }
        Ok(None) if folder.is_some_and(|folder| folder.join(endpoint::NAME).exists()) => {
            let name = endpoint::NAME;
            let found = format!(
                "no server is running, and the last one was killed: its {name} still exists"
            );
            let to_do = "find out why it was killed (its log, the system's log); the next start removes the file";
            Finding::warning(Check::Server, found, to_do)
        }
        Ok(None) => {
            Finding::ok(Check::Server, "no server is running here, so its files were checked")
        }
        Err(error) => Finding::error(Check::Server, error.to_string(), to_do),
    }
}

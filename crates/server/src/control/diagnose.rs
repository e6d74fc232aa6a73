//! Diagnoses a server, whether it is running or not.

use super::endpoint;
use super::error::ControlError;
use super::request::{Item, Reply, Request};
use super::send_request::send_request;
use crate::config::Config;
use crate::data_folder::is_locked;
use crate::doctor::{Check, ExaminedServer, Finding, examine};
use std::path::Path;

/// Diagnoses the server that has these settings. A running server that answers runs the checks itself; otherwise its
/// files are examined, without changing them.
pub async fn diagnose(config: &Config) -> Vec<Finding> {
    let (folder, mut found) = (config.folder(), Vec::new());
    let answer = match folder {
        Some(folder) => {
            let on_item = |item| {
                if let Item::Finding(finding) = item {
                    found.push(finding);
                }
            };
            send_request(folder, &Request::Doctor, on_item).await
        }
        None => Ok(None),
    };
    let is_running = folder.is_some_and(is_locked);
    let server = check(folder, &answer, is_running);
    if !matches!(answer, Ok(Some(_))) {
        found = examine(&ExaminedServer::silent(config, is_running)).await;
    }
    found.insert(0, server);
    found
}

/// Returns the finding about how the server answered.
fn check(
    folder: Option<&Path>,
    answer: &Result<Option<Reply>, ControlError>,
    is_running: bool,
) -> Finding {
    let look = "look into the server's log, and start it again";
    match answer {
        Ok(Some(_)) => Finding::ok(Check::Server, "the server runs and answers"),
        Ok(None) if is_running => {
            let found =
                "a server, or another command, has the data folder and does not answer here";
            Finding::error(Check::Server, found, look)
        }
        Ok(None) if folder.is_some_and(|folder| folder.join(endpoint::NAME).exists()) => {
            let name = endpoint::NAME;
            let found =
                format!("no server runs, and the last one was killed: its {name} is there still");
            let to_do =
                "look why it was killed (its log, the system's log); the next start clears up";
            Finding::warning(Check::Server, found, to_do)
        }
        Ok(None) => Finding::ok(Check::Server, "no server runs here, so its files were looked at"),
        Err(error) => Finding::error(Check::Server, error.to_string(), look),
    }
}

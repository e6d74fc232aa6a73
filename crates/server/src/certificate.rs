//! The commands for the server's own certificate.

use crate::cli::Certificate;
use crate::failure::{Failure, Result};
use crate::storage;
use crate::units::line;
use parlour_protocol::device_link;
use parlour_server::Config;
use parlour_server::control::{self, Request};
use parlour_server::tls::{TlsError, TlsMode};
use serde_json::json;

/// Runs the command. A running server creates the new key itself, and uses it at once.
pub async fn run(command: Certificate) -> Result {
    let (storage, is_new) = match command {
        Certificate::Show { storage } => (storage, false),
        Certificate::NewKey { storage } => (storage, true),
    };
    let json = storage.folder.json;
    let failed = Failure::with_format::<Box<dyn std::error::Error>>(json);
    let config = storage::config(storage)?;
    if !matches!(config.tls, TlsMode::Own(_)) {
        let reason = "the server does not create its own certificate: parlour.toml does not contain tls = \"own\"";
        return Err(failed(reason.into()));
    }
    if is_new {
        let reply = control::run(&config, Request::NewKey, |_| ()).await;
        reply.map_err(Failure::with_format(json))?;
    }
    show(config, json)
}

/// Prints the public key by which clients recognise the server.
fn show(config: Config, json: bool) -> Result {
    let failed = Failure::with_format::<TlsError>(json);
    let Some(pin) = config.tls.pin().map_err(failed)? else { return Ok(()) };
    let link = config.public_url.map(|url| device_link(&url, Some(pin)));
    if json {
        let (text, fingerprint) = (pin.to_string(), pin.fingerprint());
        line(&json!({"pin": text, "fingerprint": fingerprint, "link": link}).to_string());
        return Ok(());
    }
    line(&format!("fingerprint: {}", pin.fingerprint()));
    if let Some(link) = link {
        line(&format!("link:        {link}"));
    }
    Ok(())
}

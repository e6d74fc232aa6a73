//! The commands for the server's own certificate.

use crate::cli::Certificate;
use crate::failure::{Failure, Result};
use crate::printed::line;
use crate::storage;
use parlour_protocol::device_link;
use parlour_server::Config;
use parlour_server::control::{self, Request};
use parlour_server::tls::{TlsError, TlsMode};
use serde_json::json;

/// Runs the command. A running server makes the new key itself, and notices it.
pub async fn run(command: Certificate) -> Result {
    let (storage, is_new) = match command {
        Certificate::Show { storage } => (storage, false),
        Certificate::NewKey { storage } => (storage, true),
    };
    let json = storage.folder.json;
    let failed = Failure::with_format::<Box<dyn std::error::Error>>(json);
    let config = storage::config(storage)?;
    if !matches!(config.tls, TlsMode::Own(_)) {
        let why =
            "the server has no certificate of its own: parlour.toml does not say tls = \"own\"";
        return Err(failed(why.into()));
    }
    if is_new {
        let made = control::run(&config, Request::NewKey, |_| ()).await;
        made.map_err(Failure::with_format(json))?;
    }
    show(config, json)
}

/// Prints the public key that clients recognise the server by from now on.
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

//! The commands for the server's own certificate.

use crate::cli::{Certificate, Storage};
use crate::failure::{Failure, Result};
use crate::printed::line;
use crate::storage;
use parlour_protocol::{KeyPin, device_link};
use parlour_server::tls::{TlsMode, new_key};
use serde_json::json;

/// Runs the command. A running server notices changed files by itself.
pub fn run(command: Certificate) -> Result {
    match command {
        Certificate::Show { storage } => show(storage, |mode| Ok(mode.pin()?)),
        Certificate::NewKey { storage } => show(storage, |mode| match mode {
            TlsMode::Own(file) => Ok(Some(new_key(file)?)),
            TlsMode::Off | TlsMode::Files { .. } | TlsMode::Acme(_) => Ok(None),
        }),
    }
}

type Error = Box<dyn std::error::Error>;

/// Prints the public key that clients recognise the server by from now on.
fn show(
    storage: Storage,
    pin: impl Fn(&TlsMode) -> std::result::Result<Option<KeyPin>, Error>,
) -> Result {
    let json = storage.folder.json;
    let failed = Failure::with_format::<Error>(json);
    let config = storage::config(storage)?;
    let pin = pin(&config.tls).map_err(&failed)?.ok_or_else(|| {
        failed(
            "the server has no certificate of its own: parlour.toml does not say tls = \"own\""
                .into(),
        )
    })?;
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

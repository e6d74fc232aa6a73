//! The name and the welcome text of the account's server, which are stored on this device so that they are shown
//! offline, too.

use crate::context::files::Files;
use crate::error::Result;
use parlour_protocol::ServerAbout;
use parlour_store::{SettingKey, Store};

/// Returns the name and the welcome text that the server sent last.
///
/// # Errors
/// Fails if a file cannot be read.
pub(crate) fn told(store: &Store) -> Result<ServerAbout> {
    let kept = store.setting(SettingKey::ServerAbout, None)?;
    Ok(serde_json::from_str(&kept).unwrap_or_default())
}

/// Stores the name and the welcome text that the server sent, and announces them if they are new. Ignores invalid
/// ones, which could deceive: they are displayed next to the app's own texts.
///
/// # Errors
/// Fails if a file cannot be read or written.
pub(crate) fn keep(files: &Files, about: &ServerAbout) -> Result<()> {
    if about.check().is_err() || told(&files.store)? == *about {
        return Ok(());
    }
    let json = serde_json::to_string(about).expect("plain data");
    files.notices.changed(files.store.keep_server_about(&json)?);
    Ok(())
}

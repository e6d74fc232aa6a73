//! The name, the welcome text and the picture of the account's server, which are stored on this device so that they are shown
//! offline, too.

use crate::context::files::Files;
use crate::error::Result;
use parlour_protocol::ServerAbout;
use parlour_store::{SettingKey, Store};

/// Returns what the server last told of itself.
///
/// # Errors
/// Fails if a file cannot be read.
pub(crate) fn told(store: &Store) -> Result<ServerAbout> {
    let kept = store.setting(SettingKey::ServerAbout, None)?;
    Ok(serde_json::from_str(&kept).unwrap_or_default())
}

/// Stores what the server tells of itself, and announces it if it is new. Ignores invalid texts, which could deceive:
/// they are displayed next to the app's own. Deletes the picture that the server does not have any more.
///
/// # Errors
/// Fails if a file cannot be read or written.
pub(crate) fn keep(files: &Files, about: &ServerAbout) -> Result<()> {
    let before = told(&files.store)?;
    if about.check().is_err() || before == *about {
        return Ok(());
    }
    if let Some(former) = before.picture.filter(|former| Some(*former) != about.picture) {
        files.store.mirror.forget_picture(former)?;
    }
    let json = serde_json::to_string(about).expect("plain data");
    files.notices.changed(files.store.keep_server_about(&json)?);
    Ok(())
}

//! The name, the welcome text and the picture of the account's server, which are stored on this device so that they are shown
//! offline, too.

use crate::context::local::LocalContext;
use crate::error::Result;
use parlour_protocol::ServerAbout;
use parlour_store::{SettingKey, Store};

/// Returns the stored description of the server.
///
/// # Errors
/// Fails if a file cannot be read.
pub(crate) fn stored(store: &Store) -> Result<ServerAbout> {
    let json = store.setting(SettingKey::ServerAbout, None)?;
    Ok(serde_json::from_str(&json).unwrap_or_default())
}

/// Stores the server's description, and announces it if it changed. Ignores invalid texts, which could deceive: they
/// are displayed next to the app's own. Deletes a picture that the server no longer has.
///
/// # Errors
/// Fails if a file cannot be read or written.
pub(crate) fn store_about(local: &LocalContext, about: &ServerAbout) -> Result<()> {
    let before = stored(&local.store)?;
    if about.check().is_err() || before == *about {
        return Ok(());
    }
    if let Some(former) = before.picture.filter(|former| Some(*former) != about.picture) {
        local.store.mirror.delete_picture(former)?;
    }
    let json = serde_json::to_string(about).expect("plain data");
    local.notices.changed(local.store.set_server_about(&json)?);
    Ok(())
}

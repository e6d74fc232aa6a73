//! The number on the app's icon in a taskbar or dock that supports Unity's launcher API.

use crate::tray_state::TrayState;
use parlour_client::{APP_ID, APP_NAME};
use std::collections::HashMap;
use zbus::Connection;
use zbus::zvariant::Value;

/// Shows the number of unread messages. There is no confirmation.
pub async fn show(connection: &Connection, state: &TrayState) -> zbus::Result<()> {
    let properties: HashMap<&str, Value<'_>> = HashMap::from([
        ("count", Value::from(state.unread.all)),
        ("count-visible", Value::from(state.unread.all > 0)),
        ("urgent", Value::from(state.unread.mentions > 0)),
    ]);
    let interface = "com.canonical.Unity.LauncherEntry";
    let broadcast = None::<zbus::names::BusName<'_>>;
    // The app's desktop file, as the packages install it.
    let app = format!("application://{APP_NAME}.desktop");
    let path = format!("/{}", APP_ID.replace('.', "/"));
    connection.emit_signal(broadcast, path.as_str(), interface, "Update", &(app, properties)).await
}

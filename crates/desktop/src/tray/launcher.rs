//! The number on the app's icon in a taskbar or dock that supports Unity's launcher API.

use crate::tray_state::TrayState;
use std::collections::HashMap;
use zbus::Connection;
use zbus::zvariant::Value;

/// The app's desktop file, as the packages install it.
const APP: &str = "application://Parlour.desktop";
const PATH: &str = "/chat/parlour/app";

/// Shows the number of unread messages. There is no confirmation.
pub async fn show(connection: &Connection, state: &TrayState) -> zbus::Result<()> {
    let properties: HashMap<&str, Value<'_>> = HashMap::from([
        ("count", Value::from(state.unread.all)),
        ("count-visible", Value::from(state.unread.all > 0)),
        ("urgent", Value::from(state.unread.mentions > 0)),
    ]);
    let interface = "com.canonical.Unity.LauncherEntry";
    let broadcast = None::<zbus::names::BusName<'_>>;
    connection.emit_signal(broadcast, PATH, interface, "Update", &(APP, properties)).await
}

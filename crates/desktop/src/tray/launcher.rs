//! The number on the app's icon in a taskbar or dock that knows the launcher API of Unity.

use crate::look::Look;
use std::collections::HashMap;
use zbus::Connection;
use zbus::zvariant::Value;

/// The app's desktop file, as the packages install it.
const APP: &str = "application://Parlour.desktop";
const PATH: &str = "/chat/parlour/app";

/// Shows the number of unread messages. Nobody confirms it.
pub async fn show(connection: &Connection, look: &Look) -> zbus::Result<()> {
    let properties: HashMap<&str, Value<'_>> = HashMap::from([
        ("count", Value::from(look.unread.all)),
        ("count-visible", Value::from(look.unread.all > 0)),
        ("urgent", Value::from(look.unread.mentions > 0)),
    ]);
    let interface = "com.canonical.Unity.LauncherEntry";
    let nobody = None::<zbus::names::BusName<'_>>;
    connection.emit_signal(nobody, PATH, interface, "Update", &(APP, properties)).await
}

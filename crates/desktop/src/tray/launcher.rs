//! The number on the app's icon in a taskbar or dock that knows the launcher API of Unity.

use crate::look::Look;
use parlour_client::{APP_ID, APP_NAME};
use std::collections::HashMap;
use zbus::Connection;
use zbus::zvariant::Value;

/// Shows the number of unread messages. Nobody confirms it.
pub async fn show(connection: &Connection, look: &Look) -> zbus::Result<()> {
    let properties: HashMap<&str, Value<'_>> = HashMap::from([
        ("count", Value::from(look.unread.all)),
        ("count-visible", Value::from(look.unread.all > 0)),
        ("urgent", Value::from(look.unread.mentions > 0)),
    ]);
    let interface = "com.canonical.Unity.LauncherEntry";
    let nobody = None::<zbus::names::BusName<'_>>;
    // The app's desktop file, as the packages install it.
    let app = format!("application://{APP_NAME}.desktop");
    let path = format!("/{}", APP_ID.replace('.', "/"));
    connection.emit_signal(nobody, path.as_str(), interface, "Update", &(app, properties)).await
}

//! A stub of the desktop's tray (org.kde.StatusNotifierWatcher) and of a dock that shows numbers
//! (com.canonical.Unity.LauncherEntry).

#![allow(missing_docs, reason = "the interface is not ours")]

use futures_util::StreamExt;
use std::collections::HashMap;
use tokio::sync::watch;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{Array, OwnedValue, Structure, Value};
use zbus::{Connection, MatchRule, MessageStream, Proxy, Result};

const PATH: &str = "/StatusNotifierWatcher";
const NAME: &str = "org.kde.StatusNotifierWatcher";

struct Watcher {
    has_host: bool,
    items: watch::Sender<Option<String>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        self.items.send_replace(Some(service));
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.has_host
    }

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_unregistered(emitter: &SignalEmitter<'_>) -> Result<()>;
}

/// A tray for one icon.
pub struct Tray {
    /// The name of the icon's service, once it is registered.
    pub item: watch::Receiver<Option<String>>,
    /// The number that the dock shows, if it shows one.
    pub number: watch::Receiver<Option<i64>>,
    bus: Connection,
}

impl Tray {
    /// Starts a tray on the bus with this address. Without a host, nothing shows the icons.
    ///
    /// # Errors
    /// Fails if the bus does; so do the following.
    pub async fn start(address: &str, has_host: bool) -> Result<Self> {
        let (items, item) = watch::channel(None);
        let bus = zbus::connection::Builder::address(address)?;
        let bus = bus.serve_at(PATH, Watcher { has_host, items })?.build().await?;
        let number = watch_numbers(&bus).await?;
        bus.request_name(NAME).await?;
        Ok(Self { item, number, bus })
    }

    /// Removes the tray: releases its name on the bus.
    pub async fn end(self) -> Result<()> {
        self.bus.release_name(NAME).await.map(drop)
    }

    /// Announces that a host was registered or unregistered.
    pub async fn set_host(&self, has_host: bool) -> Result<()> {
        let watcher = self.bus.object_server().interface::<_, Watcher>(PATH).await?;
        watcher.get_mut().await.has_host = has_host;
        match has_host {
            true => Watcher::status_notifier_host_registered(watcher.signal_emitter()).await,
            false => Watcher::status_notifier_host_unregistered(watcher.signal_emitter()).await,
        }
    }

    async fn proxy(&self, path: &'static str, interface: &'static str) -> Result<Proxy<'static>> {
        let item = self.item.borrow().clone().ok_or(zbus::Error::InterfaceNotFound)?;
        zbus::proxy::Builder::new(&self.bus)
            .destination(item)?
            .path(path)?
            .interface(interface)?
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await
    }

    async fn icon(&self) -> Result<Proxy<'static>> {
        self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem").await
    }

    async fn menu(&self) -> Result<Proxy<'static>> {
        self.proxy("/MenuBar", "com.canonical.dbusmenu").await
    }

    /// Clicks the icon, with an activation token.
    pub async fn click(&self, token: &str) -> Result<()> {
        let icon = self.icon().await?;
        icon.call_method("ProvideXdgActivationToken", &(token,)).await?;
        icon.call_method("Activate", &(7i32, 7i32)).await?;
        Ok(())
    }

    /// Returns the pixels of the icon's picture: ARGB.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let pictures: Array<'static> = self.icon().await?.get_property("IconPixmap").await?;
        let Some(Value::Structure(picture)) = pictures.iter().next() else {
            return Err(zbus::Error::InvalidReply);
        };
        let [Value::I32(width), Value::I32(height), Value::Array(pixels)] = picture.fields() else {
            return Err(zbus::Error::InvalidReply);
        };
        let byte = |value: &Value<'_>| if let Value::U8(byte) = value { Some(*byte) } else { None };
        let bytes: Vec<u8> = pixels.iter().filter_map(byte).collect();
        let is_complete = usize::try_from(width * height * 4) == Ok(bytes.len());
        is_complete.then_some(bytes).ok_or(zbus::Error::InvalidReply)
    }

    /// Returns the text of the icon's tooltip.
    pub async fn tooltip(&self) -> Result<String> {
        let tooltip: Structure<'static> = self.icon().await?.get_property("ToolTip").await?;
        match tooltip.fields().get(3) {
            Some(Value::Str(text)) => Ok(text.to_string()),
            _ => Err(zbus::Error::InvalidReply),
        }
    }

    /// Returns the ids and labels of the menu entries, submenus after their own entry.
    pub async fn entries(&self) -> Result<Vec<(i32, String)>> {
        let menu = self.menu().await?;
        let reply = menu.call_method("GetLayout", &(0i32, -1i32, Vec::<String>::new())).await?;
        let body = reply.body();
        let reply: Structure<'_> = body.deserialize()?;
        let mut entries = Vec::new();
        reply.fields().iter().for_each(|part| collect(part, &mut entries));
        Ok(entries)
    }

    /// Chooses the entry with this label.
    pub async fn choose(&self, label: &str) -> Result<()> {
        let entries = self.entries().await?;
        let found = entries.iter().find(|(_, known)| known == label);
        let (id, _) = found.ok_or(zbus::Error::InvalidReply)?;
        let event = (*id, "clicked", Value::from(0i32), 0u32);
        self.menu().await?.call_method("Event", &event).await?;
        Ok(())
    }
}

/// Adds an entry (an id, properties and child entries) and its children.
fn collect(value: &Value<'_>, entries: &mut Vec<(i32, String)>) {
    let Value::Structure(entry) = unwrap_variants(value) else { return };
    let [Value::I32(id), Value::Dict(properties), Value::Array(children)] = entry.fields() else {
        return;
    };
    for (name, value) in properties.iter() {
        if let (Value::Str(name), Value::Str(label)) =
            (unwrap_variants(name), unwrap_variants(value))
            && name.as_str() == "label"
        {
            entries.push((*id, label.to_string()));
        }
    }
    children.iter().for_each(|child| collect(child, entries));
}

/// Returns the value inside nested variants.
fn unwrap_variants<'a>(value: &'a Value<'a>) -> &'a Value<'a> {
    if let Value::Value(value) = value { unwrap_variants(value) } else { value }
}

/// Watches the numbers that programs send to a dock.
async fn watch_numbers(bus: &Connection) -> Result<watch::Receiver<Option<i64>>> {
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface("com.canonical.Unity.LauncherEntry")?
        .member("Update")?
        .build();
    let mut updates = MessageStream::for_match_rule(rule, bus, None).await?;
    let (sender, number) = watch::channel(None);
    tokio::spawn(async move {
        while let Some(Ok(update)) = updates.next().await {
            let body = update.body();
            let Ok((_, properties)) = body.deserialize::<(String, HashMap<String, OwnedValue>)>()
            else {
                continue;
            };
            let value = |name: &str| properties.get(name).and_then(|value| value.try_clone().ok());
            let is_shown = value("count-visible").and_then(|value| bool::try_from(value).ok());
            let count = value("count").and_then(|value| i64::try_from(value).ok());
            sender.send_replace(count.filter(|_| is_shown == Some(true)));
        }
    });
    Ok(number)
}

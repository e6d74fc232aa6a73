//! The notification daemon on the session bus (Desktop Notifications Specification 1.3, freedesktop.org). It may be
//! absent, start later, stop, or lack capabilities; these are queried whenever it starts.

mod actions;
mod listen;
mod proxy;

use crate::bus::Bus;
use crate::content::NotificationContent;
use crate::daemon::{Daemon, Event};
use crate::sanitize::escaped;
use crate::texts::DesktopTexts;
use actions::{INLINE_REPLY, actions};
use parlour_client::{APP_ICON, APP_NAME};
use proxy::NotificationsProxy;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zbus::zvariant::Value;

/// The time after which a daemon that does not respond counts as absent.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);

/// The connection to the daemon.
pub struct Freedesktop {
    bus: Arc<Bus>,
    link: Option<Link>,
    events: UnboundedReceiver<Event>,
    sender: UnboundedSender<Event>,
}

struct Link {
    proxy: NotificationsProxy<'static>,
    /// The daemon's capabilities; `None` until they are queried, and after it restarted.
    capabilities: Option<BTreeSet<String>>,
}

impl Freedesktop {
    /// Creates a client of the daemon on a bus. It connects when there is something to show.
    pub fn new(bus: Arc<Bus>) -> Self {
        let (sender, events) = unbounded_channel();
        Self { bus, link: None, events, sender }
    }

    /// Connects to the bus and queries the daemon's capabilities, unless both are done.
    async fn connect(&mut self) -> zbus::Result<(&NotificationsProxy<'static>, &BTreeSet<String>)> {
        if self.link.is_none() {
            let connection = self.bus.connection().await?;
            let proxy = NotificationsProxy::new(&connection).await?;
            listen::listen(&proxy, self.sender.clone()).await?;
            self.link = Some(Link { proxy, capabilities: None });
        }
        let link = self.link.as_mut().ok_or(zbus::Error::InvalidReply)?;
        let capabilities = match link.capabilities.take() {
            Some(capabilities) => capabilities,
            None => link.proxy.get_capabilities().await?.into_iter().collect(),
        };
        let capabilities = &*link.capabilities.insert(capabilities);
        Ok((&link.proxy, capabilities))
    }

    async fn try_to_show(
        &mut self,
        content: &NotificationContent,
        texts: &DesktopTexts,
        replaces: u32,
        is_new: bool,
    ) -> zbus::Result<u32> {
        let (proxy, capabilities) = self.connect().await?;
        let supports = |capability: &str| capabilities.contains(capability);
        let body =
            if supports("body-markup") { escaped(&content.body) } else { content.body.clone() };
        // If the daemon does not show the body, the text becomes the title.
        let (title, body) = match supports("body") || body.is_empty() {
            true => (content.title.clone(), body),
            false => (format!("{}: {}", content.title, content.body), String::new()),
        };
        let actions = if supports("actions") {
            actions(content, texts, supports(INLINE_REPLY))
        } else {
            vec![]
        };
        let hints = hints(content, texts, is_new);
        proxy.notify(APP_NAME, replaces, APP_ICON, &title, &body, &actions, hints, -1).await
    }
}

fn hints<'a>(
    content: &NotificationContent,
    texts: &'a DesktopTexts,
    is_new: bool,
) -> HashMap<&'static str, Value<'a>> {
    let with_sound = content.has_sound && is_new;
    let mut hints = HashMap::from([
        ("desktop-entry", Value::from(APP_NAME)),
        ("category", Value::from("im.received")),
        ("urgency", Value::from(if is_new { 1u8 } else { 0u8 })),
        ("suppress-sound", Value::from(!with_sound)),
        ("x-kde-reply-placeholder-text", Value::from(texts.reply.as_str())),
        ("x-kde-reply-submit-button-text", Value::from(texts.reply.as_str())),
    ]);
    if with_sound {
        hints.insert("sound-name", Value::from("message-new-instant"));
    }
    hints
}

impl Daemon for Freedesktop {
    async fn show(
        &mut self,
        content: &NotificationContent,
        texts: &DesktopTexts,
        replaces: Option<u32>,
        is_new: bool,
    ) -> Option<u32> {
        let shown = self.try_to_show(content, texts, replaces.unwrap_or(0), is_new);
        match tokio::time::timeout(RESPONSE_TIMEOUT, shown).await {
            Ok(Ok(id)) => Some(id),
            Ok(Err(error)) => {
                tracing::info!(%error, "a notification is not shown");
                // The connection to the bus may be lost.
                self.bus.drop_if_broken(&error).await;
                self.link = None;
                None
            }
            Err(_) => {
                tracing::info!("the notification daemon does not respond");
                None
            }
        }
    }

    async fn close(&mut self, id: u32) {
        let Some(link) = &self.link else { return };
        // It may have been closed already.
        let _ = tokio::time::timeout(RESPONSE_TIMEOUT, link.proxy.close_notification(id)).await;
    }

    async fn event(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => {
                if event == Event::Restarted
                    && let Some(link) = &mut self.link
                {
                    link.capabilities = None;
                }
                event
            }
            // Cannot happen: `self` holds a sender.
            None => std::future::pending().await,
        }
    }
}

//! A stub of the desktop's notification daemon (org.freedesktop.Notifications).

#![allow(clippy::too_many_arguments, missing_docs, reason = "the interface is not ours")]

use std::collections::HashMap;
use tokio::sync::watch;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, Result};

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";

/// A notification as the daemon receives it.
#[derive(Debug, Clone)]
pub struct ReceivedNotification {
    pub replaces: u32,
    pub title: String,
    pub body: String,
    pub actions: Vec<String>,
    pub hints: HashMap<String, OwnedValue>,
}

/// The requests that the daemon received, and their effects.
#[derive(Debug, Clone, Default)]
pub struct DaemonRequests {
    /// All notifications, in order.
    pub received: Vec<ReceivedNotification>,
    /// The visible notifications: id, title and text, without Unicode direction isolates.
    pub shown: Vec<(u32, String, String)>,
    /// The ids of the notifications that were closed.
    pub closed: Vec<u32>,
}

struct Stub {
    capabilities: Vec<&'static str>,
    requests: watch::Sender<DaemonRequests>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Stub {
    fn get_capabilities(&self) -> Vec<&'static str> {
        self.capabilities.clone()
    }

    fn notify(
        &self,
        _app: String,
        replaces: u32,
        _icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        let without_isolates = |text: &str| text.replace(['\u{2068}', '\u{2069}'], "");
        let mut id = replaces;
        self.requests.send_modify(|requests| {
            let shown = (without_isolates(&title), without_isolates(&body));
            requests.received.push(ReceivedNotification { replaces, title, body, actions, hints });
            if id == 0 {
                id = u32::try_from(requests.received.len()).unwrap_or(u32::MAX);
            }
            requests.shown.retain(|(known, ..)| *known != id);
            requests.shown.push((id, shown.0, shown.1));
        });
        id
    }

    fn close_notification(&self, id: u32) {
        self.requests.send_modify(|requests| {
            requests.closed.push(id);
            requests.shown.retain(|(known, ..)| *known != id);
        });
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> Result<()>;

    #[zbus(signal)]
    async fn activation_token(emitter: &SignalEmitter<'_>, id: u32, token: &str) -> Result<()>;

    #[zbus(signal)]
    async fn notification_replied(emitter: &SignalEmitter<'_>, id: u32, text: &str) -> Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, why: u32) -> Result<()>;
}

/// A notification daemon that shows nothing. Dropping it ends it.
pub struct StubDaemon {
    /// The requests that it received.
    pub requests: watch::Receiver<DaemonRequests>,
    bus: Connection,
}

impl StubDaemon {
    /// Starts the daemon on the bus with this address. It reports these capabilities.
    ///
    /// # Errors
    /// Fails if the bus does.
    pub async fn start(address: &str, capabilities: &[&'static str]) -> Result<Self> {
        let daemon = Self::without_name(address, capabilities).await?;
        daemon.bus.request_name(NAME).await?;
        Ok(daemon)
    }

    /// Starts a daemon that does not own the name of the notification service.
    ///
    /// # Errors
    /// Fails if the bus does.
    pub async fn without_name(address: &str, capabilities: &[&'static str]) -> Result<Self> {
        let (sender, requests) = watch::channel(DaemonRequests::default());
        let stub = Stub { capabilities: capabilities.to_vec(), requests: sender };
        let bus = zbus::connection::Builder::address(address)?.serve_at(PATH, stub)?;
        Ok(Self { requests, bus: bus.build().await? })
    }

    /// Returns the last notification.
    ///
    /// # Panics
    /// Panics if there was none.
    pub fn last(&self) -> ReceivedNotification {
        self.requests.borrow().received.last().expect("a notification was shown").clone()
    }

    fn emitter(&self) -> Result<SignalEmitter<'_>> {
        SignalEmitter::new(&self.bus, PATH)
    }

    /// Chooses an action of a notification.
    ///
    /// # Errors
    /// Fails if the bus does; so do the following.
    pub async fn choose(&self, id: u32, action: &str) -> Result<()> {
        Stub::action_invoked(&self.emitter()?, id, action).await
    }

    /// Sends the activation token for the next action of a notification.
    pub async fn give_token(&self, id: u32, token: &str) -> Result<()> {
        Stub::activation_token(&self.emitter()?, id, token).await
    }

    /// Sends the text of an inline reply.
    pub async fn reply(&self, id: u32, text: &str) -> Result<()> {
        Stub::notification_replied(&self.emitter()?, id, text).await
    }

    /// Closes a notification, as a user does.
    pub async fn close(&self, id: u32) -> Result<()> {
        Stub::notification_closed(&self.emitter()?, id, 2).await
    }
}

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
pub struct Received {
    pub replaces: u32,
    pub title: String,
    pub body: String,
    pub actions: Vec<String>,
    pub hints: HashMap<String, OwnedValue>,
}

/// What the daemon was asked to do.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Everything that was shown, in order.
    pub received: Vec<Received>,
    /// What is shown: number, title and text, without the signs of direction.
    pub shown: Vec<(u32, String, String)>,
    /// The numbers of those that were closed.
    pub closed: Vec<u32>,
}

struct Stub {
    can: Vec<&'static str>,
    asked: watch::Sender<Asked>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Stub {
    fn get_capabilities(&self) -> Vec<&'static str> {
        self.can.clone()
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
        let plain = |text: &str| text.replace(['\u{2068}', '\u{2069}'], "");
        let mut number = replaces;
        self.asked.send_modify(|asked| {
            let shown = (plain(&title), plain(&body));
            asked.received.push(Received { replaces, title, body, actions, hints });
            if number == 0 {
                number = u32::try_from(asked.received.len()).unwrap_or(u32::MAX);
            }
            asked.shown.retain(|(known, ..)| *known != number);
            asked.shown.push((number, shown.0, shown.1));
        });
        number
    }

    fn close_notification(&self, number: u32) {
        self.asked.send_modify(|asked| {
            asked.closed.push(number);
            asked.shown.retain(|(known, ..)| *known != number);
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
pub struct Notifications {
    /// What it was asked to do.
    pub asked: watch::Receiver<Asked>,
    bus: Connection,
}

impl Notifications {
    /// Starts the daemon on the bus with this address. It says that it can do this.
    ///
    /// # Errors
    /// Fails if the bus does.
    pub async fn start(address: &str, can: &[&'static str]) -> Result<Self> {
        let daemon = Self::without_name(address, can).await?;
        daemon.bus.request_name(NAME).await?;
        Ok(daemon)
    }

    /// Starts something that says what a daemon says, and is not the daemon of the bus.
    ///
    /// # Errors
    /// Fails if the bus does.
    pub async fn without_name(address: &str, can: &[&'static str]) -> Result<Self> {
        let (sender, asked) = watch::channel(Asked::default());
        let stub = Stub { can: can.to_vec(), asked: sender };
        let bus = zbus::connection::Builder::address(address)?.serve_at(PATH, stub)?;
        Ok(Self { asked, bus: bus.build().await? })
    }

    /// Returns what was shown last.
    ///
    /// # Panics
    /// Panics if nothing was.
    pub fn last(&self) -> Received {
        self.asked.borrow().received.last().expect("something was shown").clone()
    }

    fn emitter(&self) -> Result<SignalEmitter<'_>> {
        SignalEmitter::new(&self.bus, PATH)
    }

    /// Chooses an action of a notification.
    ///
    /// # Errors
    /// Fails if the bus does; so do the following.
    pub async fn choose(&self, number: u32, action: &str) -> Result<()> {
        Stub::action_invoked(&self.emitter()?, number, action).await
    }

    /// Gives the token for the next action of a notification.
    pub async fn give_token(&self, number: u32, token: &str) -> Result<()> {
        Stub::activation_token(&self.emitter()?, number, token).await
    }

    /// Writes an answer in a notification.
    pub async fn reply(&self, number: u32, text: &str) -> Result<()> {
        Stub::notification_replied(&self.emitter()?, number, text).await
    }

    /// Closes a notification, as a user does.
    pub async fn close(&self, number: u32) -> Result<()> {
        Stub::notification_closed(&self.emitter()?, number, 2).await
    }
}

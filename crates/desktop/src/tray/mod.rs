//! The app's icon in the tray of the desktop: a StatusNotifierItem (freedesktop.org) with a menu
//! (com.canonical.dbusmenu). Both are implemented on the bus directly, because the usual libraries do not report clicks.
//! The tray may be absent, start later, and stop.

mod action;
mod activation_token;
mod icon;
mod item;
mod launcher;
mod layout;
mod menu;
mod watcher;

pub use action::TrayAction;
pub use icon::Icon;

use crate::bus::Bus;
use crate::tray_state::TrayState;
use activation_token::ActivationToken;
use futures_util::StreamExt;
use icon::Icons;
use item::Item;
use menu::{Menu, PATH as MENU};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use watcher::WatcherProxy;
use zbus::Connection;

/// The path of the icon, defined by the specification.
const ITEM: &str = "/StatusNotifierItem";
/// The delay before reconnecting after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(30);

/// The app's icon in the tray.
pub struct Tray {
    bus: Arc<Bus>,
    icons: Arc<Icons>,
    states: watch::Receiver<TrayState>,
    has_host: watch::Sender<bool>,
    actions: UnboundedSender<TrayAction>,
}

impl Tray {
    /// Creates the icon, which shows `states`. `has_host` receives whether a tray shows it, and `actions` receives the
    /// user's actions.
    pub fn new(
        bus: Arc<Bus>,
        icon: &Icon,
        states: watch::Receiver<TrayState>,
        has_host: watch::Sender<bool>,
        actions: UnboundedSender<TrayAction>,
    ) -> Self {
        Self { bus, icons: Arc::new(Icons::new(icon)), states, has_host, actions }
    }

    /// Shows the icon while there is a tray, and the number of unread messages in the taskbar. Never returns.
    pub async fn run(mut self) {
        loop {
            match self.serve().await {
                Ok(()) => self.bus.disconnect().await,
                Err(error) => {
                    tracing::info!(%error, "there is no tray");
                    self.bus.drop_if_broken(&error).await;
                }
            }
            self.has_host.send_replace(false);
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }

    /// Serves the icon until the connection ends.
    async fn serve(&mut self) -> zbus::Result<()> {
        let connection = self.bus.connection().await?;
        let (states, actions, activation_token) =
            (&self.states, &self.actions, ActivationToken::default());
        let item = Item::new(
            self.icons.clone(),
            states.clone(),
            actions.clone(),
            activation_token.clone(),
        );
        let menu = Menu::new(states.clone(), actions.clone(), activation_token);
        connection.object_server().at(ITEM, item).await?;
        connection.object_server().at(MENU, menu).await?;
        let name = format!("org.kde.StatusNotifierItem-{}-1", std::process::id());
        connection.request_name(&*name).await?;
        let watcher = WatcherProxy::new(&connection).await?;
        let mut owners = watcher.inner().receive_owner_changed().await?;
        let mut host_added = watcher.receive_status_notifier_host_registered().await?;
        let mut host_removed = watcher.receive_status_notifier_host_unregistered().await?;
        self.register(&watcher, &name).await;
        self.states.mark_changed();
        loop {
            tokio::select! {
                owner = owners.next() => match owner {
                    Some(Some(_)) => self.register(&watcher, &name).await,
                    Some(None) => {
                        self.has_host.send_replace(false);
                    }
                    None => return Ok(()),
                },
                Some(_) = host_added.next() => self.update_host(&watcher).await,
                Some(_) = host_removed.next() => self.update_host(&watcher).await,
                Ok(()) = self.states.changed() => self.show(&connection).await?,
            }
        }
    }

    /// Registers the icon with the tray, if there is one.
    async fn register(&self, watcher: &WatcherProxy<'_>, name: &str) {
        match watcher.register_status_notifier_item(name).await {
            Ok(()) => self.update_host(watcher).await,
            Err(error) => {
                tracing::debug!(%error, "the icon could not be registered with a tray");
                self.has_host.send_replace(false);
            }
        }
    }

    /// Queries whether a tray shows the registered icons.
    async fn update_host(&self, watcher: &WatcherProxy<'_>) {
        let has_host = watcher.is_status_notifier_host_registered().await.unwrap_or(false);
        self.has_host.send_if_modified(|known| std::mem::replace(known, has_host) != has_host);
    }

    /// Signals that the icon, its menu and the number in the taskbar have changed.
    async fn show(&mut self, connection: &Connection) -> zbus::Result<()> {
        let state = self.states.borrow_and_update().clone();
        let item = connection.object_server().interface::<_, Item>(ITEM).await?;
        let emitter = item.signal_emitter();
        Item::new_icon(emitter).await?;
        Item::new_tool_tip(emitter).await?;
        let menu = connection.object_server().interface::<_, Menu>(MENU).await?;
        let revision = menu.get_mut().await.next_revision();
        Menu::layout_updated(menu.signal_emitter(), revision, 0).await?;
        launcher::show(connection, &state).await
    }
}

//! The app's icon in the tray of the desktop: a StatusNotifierItem (freedesktop.org) with a menu
//! (com.canonical.dbusmenu), both directly on the bus, because the usual libraries tell of no clicks. The tray may be
//! absent, come later, and end.

mod icon;
mod item;
mod launcher;
mod layout;
mod menu;
mod picked;
mod token;
mod watcher;

pub use icon::Icon;
pub use picked::Picked;

use crate::bus::Bus;
use crate::look::Look;
use futures_util::StreamExt;
use icon::Icons;
use item::Item;
use menu::{Menu, PATH as MENU};
use std::sync::Arc;
use std::time::Duration;
use token::Token;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use watcher::WatcherProxy;
use zbus::Connection;

/// The path of the icon; the specification names it.
const ITEM: &str = "/StatusNotifierItem";
/// The time after which a bus that failed is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// The app's icon in the tray.
pub struct Tray {
    bus: Arc<Bus>,
    icons: Arc<Icons>,
    looks: watch::Receiver<Look>,
    hosted: watch::Sender<bool>,
    picked: UnboundedSender<Picked>,
}

impl Tray {
    /// Creates the icon, which looks as `looks` says. `hosted` is told whether it is shown somewhere, and `picked`
    /// what the user does with it.
    pub fn new(
        bus: Arc<Bus>,
        icon: &Icon,
        looks: watch::Receiver<Look>,
        hosted: watch::Sender<bool>,
        picked: UnboundedSender<Picked>,
    ) -> Self {
        Self { bus, icons: Arc::new(Icons::of(icon)), looks, hosted, picked }
    }

    /// Shows the icon as long as there is a tray, and the number of unread messages in the taskbar. Never ends by
    /// itself.
    pub async fn run(mut self) {
        loop {
            match self.serve().await {
                Ok(()) => self.bus.forget().await,
                Err(error) => {
                    tracing::info!(%error, "there is no tray");
                    self.bus.note_failure(&error).await;
                }
            }
            self.hosted.send_replace(false);
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Serves the icon until the connection ends.
    async fn serve(&mut self) -> zbus::Result<()> {
        let connection = self.bus.connection().await?;
        let (looks, picked, token) = (&self.looks, &self.picked, Token::default());
        let item = Item::new(self.icons.clone(), looks.clone(), picked.clone(), token.clone());
        let menu = Menu::new(looks.clone(), picked.clone(), token);
        connection.object_server().at(ITEM, item).await?;
        connection.object_server().at(MENU, menu).await?;
        let name = format!("org.kde.StatusNotifierItem-{}-1", std::process::id());
        connection.request_name(&*name).await?;
        let watcher = WatcherProxy::new(&connection).await?;
        let mut owners = watcher.inner().receive_owner_changed().await?;
        let mut came = watcher.receive_status_notifier_host_registered().await?;
        let mut went = watcher.receive_status_notifier_host_unregistered().await?;
        self.register(&watcher, &name).await;
        self.looks.mark_changed();
        loop {
            tokio::select! {
                owner = owners.next() => match owner {
                    Some(Some(_)) => self.register(&watcher, &name).await,
                    Some(None) => {
                        self.hosted.send_replace(false);
                    }
                    None => return Ok(()),
                },
                Some(_) = came.next() => self.look_for_host(&watcher).await,
                Some(_) = went.next() => self.look_for_host(&watcher).await,
                Ok(()) = self.looks.changed() => self.show(&connection).await?,
            }
        }
    }

    /// Tells the tray, if there is one, of the icon.
    async fn register(&self, watcher: &WatcherProxy<'_>, name: &str) {
        match watcher.register_status_notifier_item(name).await {
            Ok(()) => self.look_for_host(watcher).await,
            Err(error) => {
                tracing::debug!(%error, "no tray takes the icon");
                self.hosted.send_replace(false);
            }
        }
    }

    /// Asks whether anything shows the icons that the tray's service knows.
    async fn look_for_host(&self, watcher: &WatcherProxy<'_>) {
        let is_hosted = watcher.is_status_notifier_host_registered().await.unwrap_or(false);
        self.hosted.send_if_modified(|known| std::mem::replace(known, is_hosted) != is_hosted);
    }

    /// Says that the icon, its menu and the number in the taskbar have changed.
    async fn show(&mut self, connection: &Connection) -> zbus::Result<()> {
        let look = self.looks.borrow_and_update().clone();
        let item = connection.object_server().interface::<_, Item>(ITEM).await?;
        let emitter = item.signal_emitter();
        Item::new_icon(emitter).await?;
        Item::new_tool_tip(emitter).await?;
        let menu = connection.object_server().interface::<_, Menu>(MENU).await?;
        let revision = menu.get_mut().await.next_revision();
        Menu::layout_updated(menu.signal_emitter(), revision, 0).await?;
        launcher::show(connection, &look).await
    }
}

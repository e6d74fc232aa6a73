//! The icon on the bus (StatusNotifierItem).

#![allow(clippy::unused_self, reason = "the interface is not ours")]

use super::icon::{Icons, Pixmap};
use super::menu::PATH;
use super::picked::Picked;
use super::token::Token;
use crate::look::Look;
use crate::words::Words;
use parlour_client::{APP_ID, APP_NAME};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::ObjectPath;

/// The icon.
pub struct Item {
    icons: Arc<Icons>,
    looks: watch::Receiver<Look>,
    picked: UnboundedSender<Picked>,
    token: Token,
}

impl Item {
    /// Creates the icon. Its menu shares the token.
    pub fn new(
        icons: Arc<Icons>,
        looks: watch::Receiver<Look>,
        picked: UnboundedSender<Picked>,
        token: Token,
    ) -> Self {
        Self { icons, looks, picked, token }
    }

    fn toggle(&self) {
        // The app may be ending.
        let _ = self.picked.send(Picked::Toggle(self.token.take()));
    }
}

/// A tip as the tray takes it: the name of an icon, pictures, a title and a text.
type ToolTip = (String, Vec<Pixmap>, String, String);

#[zbus::interface(name = "org.kde.StatusNotifierItem")]
impl Item {
    fn activate(&self, _x: i32, _y: i32) {
        self.toggle();
    }

    fn secondary_activate(&self, _x: i32, _y: i32) {
        self.toggle();
    }

    /// A tray that cannot show the menu itself asks for it here.
    fn context_menu(&self, _x: i32, _y: i32) {
        self.toggle();
    }

    fn scroll(&self, _by: i32, _orientation: &str) {}

    /// Comes before the click that it is for (KDE).
    fn provide_xdg_activation_token(&self, token: String) {
        self.token.set(token);
    }

    #[zbus(property)]
    fn category(&self) -> &str {
        "Communications"
    }

    #[zbus(property)]
    fn id(&self) -> &str {
        APP_ID
    }

    #[zbus(property)]
    fn title(&self) -> &str {
        APP_NAME
    }

    #[zbus(property)]
    fn status(&self) -> &str {
        "Active"
    }

    #[zbus(property)]
    fn window_id(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn icon_name(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn icon_pixmap(&self) -> Vec<Pixmap> {
        vec![self.icons.pick(self.looks.borrow().unread).clone()]
    }

    #[zbus(property)]
    fn tool_tip(&self) -> ToolTip {
        let look = self.looks.borrow();
        let (unread, words) = (look.unread, &look.words);
        let said = [(unread.all, &words.unread), (unread.mentions, &words.for_you)];
        let said = said.into_iter().filter(|(n, _)| *n > 0);
        let said: Vec<_> = said.map(|(n, phrases)| Words::counted(phrases, n)).collect();
        (String::new(), Vec::new(), APP_NAME.to_owned(), said.join(", "))
    }

    /// Whether a click shows the menu: it toggles the window.
    #[zbus(property)]
    fn item_is_menu(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn menu(&self) -> ObjectPath<'_> {
        ObjectPath::from_static_str_unchecked(PATH)
    }

    #[zbus(signal)]
    pub async fn new_icon(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    pub async fn new_tool_tip(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

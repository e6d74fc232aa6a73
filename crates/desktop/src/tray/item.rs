//! The icon on the bus (StatusNotifierItem).

#![allow(clippy::unused_self, reason = "the interface is not ours")]

use super::action::TrayAction;
use super::activation_token::ActivationToken;
use super::icon::{Icons, Pixmap};
use super::menu::PATH;
use crate::texts::DesktopTexts;
use crate::tray_state::TrayState;
use parlour_client::{APP_ID, APP_NAME};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::ObjectPath;

/// The icon.
pub struct Item {
    icons: Arc<Icons>,
    states: watch::Receiver<TrayState>,
    actions: UnboundedSender<TrayAction>,
    activation_token: ActivationToken,
}

impl Item {
    /// Creates the icon. It shares the activation token with its menu.
    pub fn new(
        icons: Arc<Icons>,
        states: watch::Receiver<TrayState>,
        actions: UnboundedSender<TrayAction>,
        activation_token: ActivationToken,
    ) -> Self {
        Self { icons, states, actions, activation_token }
    }

    fn toggle(&self) {
        // The app may be ending.
        let _ = self.actions.send(TrayAction::Toggle(self.activation_token.take()));
    }
}

/// A tooltip in the format of the tray: the name of an icon, pictures, a title and a text.
type ToolTip = (String, Vec<Pixmap>, String, String);

#[zbus::interface(name = "org.kde.StatusNotifierItem")]
impl Item {
    fn activate(&self, _x: i32, _y: i32) {
        self.toggle();
    }

    fn secondary_activate(&self, _x: i32, _y: i32) {
        self.toggle();
    }

    /// Called by a tray that cannot show the menu itself.
    fn context_menu(&self, _x: i32, _y: i32) {
        self.toggle();
    }

    fn scroll(&self, _by: i32, _orientation: &str) {}

    /// Called before the click to which the token belongs (KDE).
    fn provide_xdg_activation_token(&self, token: String) {
        self.activation_token.set(token);
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
        vec![self.icons.pick(self.states.borrow().unread).clone()]
    }

    #[zbus(property)]
    fn tool_tip(&self) -> ToolTip {
        let state = self.states.borrow();
        let (unread, texts) = (state.unread, &state.texts);
        let phrases = [(unread.all, &texts.unread), (unread.mentions, &texts.mentions)];
        let phrases = phrases.into_iter().filter(|(n, _)| *n > 0);
        let phrases: Vec<_> = phrases.map(|(n, forms)| DesktopTexts::counted(forms, n)).collect();
        (String::new(), Vec::new(), APP_NAME.to_owned(), phrases.join(", "))
    }

    /// `false`: a click toggles the window.
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

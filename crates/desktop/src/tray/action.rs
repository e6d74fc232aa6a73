//! The actions of the tray.

/// What the user chose in the tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrayAction {
    /// Show the window, or hide it if it is visible; with the desktop's activation token.
    Toggle(Option<String>),
    /// Show the window; with the desktop's activation token.
    Open(Option<String>),
    /// Pause the notifications of all accounts.
    Pause(parlour_client::Pause),
    /// End the pause.
    Resume,
    /// Quit the app.
    Quit,
}

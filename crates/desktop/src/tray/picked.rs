//! What is chosen in the tray.

/// What the user chose in the tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// To show the window, or to hide it if it is shown; with the desktop's activation token.
    Toggle(Option<String>),
    /// To show the window.
    Open(Option<String>),
    /// To pause the notifications of all accounts.
    Pause(parlour_client::Pause),
    /// To end the pause.
    Resume,
    /// To quit.
    Quit,
}

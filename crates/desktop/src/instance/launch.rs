//! The launch parameters of a process, which a second process hands over to the first.

use serde::{Deserialize, Serialize};

/// The launch parameters of a process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// A link with the scheme `parlour:`, unchecked.
    pub link: Option<String>,
    /// The desktop's activation token, which allows the window to take the focus.
    pub activation: Option<String>,
}

impl Launch {
    /// Returns the parameters with this link, and with the activation token in the environment (read with `variable`).
    pub fn new(link: Option<String>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let token = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"].into_iter().find_map(variable);
        Self { link, activation: token.filter(|token| !token.is_empty()) }
    }
}

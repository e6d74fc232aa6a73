//! What a program is started with, and hands over.

use serde::{Deserialize, Serialize};

/// What a program was started with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// A link of the scheme `parlour:`, as it was given.
    pub link: Option<String>,
    /// The desktop's activation token, which allows the window to take the focus.
    pub activation: Option<String>,
}

impl Launch {
    /// Returns the launch with a link, and with the token that the desktop gave to this process.
    pub fn new(link: Option<String>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let token = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"].into_iter().find_map(variable);
        Self { link, activation: token.filter(|token| !token.is_empty()) }
    }
}

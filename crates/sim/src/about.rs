//! What a history is about.

/// What a history is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum About {
    /// The sync, and everything that can happen to it.
    #[default]
    Sync,
    /// Notifications: three devices for each person, which are cut off and die.
    Notifications,
}

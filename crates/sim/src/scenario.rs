//! The scenarios of runs.

/// The scenario of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scenario {
    /// The sync, with every kind of fault.
    #[default]
    Sync,
    /// Notifications: three devices for each person, which lose their connection and crash.
    Notifications,
}

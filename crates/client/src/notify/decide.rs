//! The rule that decides how one message notifies.

use super::level::{Cause, Choice, Level};
use super::preferences::Preferences;
use parlour_protocol::{Millis, UserId};

/// The facts on which the decision depends.
#[derive(Debug, Clone)]
pub struct NotificationFacts {
    /// The user who caused it.
    pub by: UserId,
    /// The causes for which it may notify.
    pub causes: Vec<Cause>,
    /// The choice for its conversation.
    pub choice: Choice,
    /// The time until which its conversation is muted.
    pub muted_until: Option<Millis>,
    /// Whether its conversation is visible in a focused window.
    pub is_visible: bool,
}

/// Returns how a message notifies at this time.
pub fn decide(facts: &NotificationFacts, preferences: &Preferences, now: Millis) -> Level {
    if facts.is_visible {
        return Level::Off;
    }
    let levels = facts.causes.iter();
    let level = levels.map(|cause| facts.choice.level(*cause, &preferences.levels)).max();
    let is_muted = facts.muted_until.is_some_and(|until| now < until);
    let is_paused = preferences.is_quiet(now) && !preferences.exceptions.contains(&facts.by);
    match level.unwrap_or_default() {
        Level::Alert if is_muted || is_paused => Level::Silent,
        level => level,
    }
}

//! The rule that decides how one message notifies.

use super::level::{Cause, Choice, Level};
use super::preferences::Preferences;
use parlour_protocol::{Millis, UserId};

/// The facts on which the decision depends.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// The user who caused it.
    pub by: UserId,
    /// The causes for which it may notify.
    pub causes: Vec<Cause>,
    /// The choice for its conversation.
    pub choice: Choice,
    /// The time until which its conversation is muted.
    pub muted_until: Option<Millis>,
    /// Whether its conversation is visible in a focused window.
    pub is_seen: bool,
}

/// Returns how a message notifies at this time.
pub fn decide(occasion: &Occasion, preferences: &Preferences, now: Millis) -> Level {
    if occasion.is_seen {
        return Level::Off;
    }
    let levels = occasion.causes.iter();
    let level = levels.map(|cause| occasion.choice.level(*cause, &preferences.levels)).max();
    let is_muted = occasion.muted_until.is_some_and(|until| now < until);
    let is_paused = preferences.is_quiet(now) && !preferences.exceptions.contains(&occasion.by);
    match level.unwrap_or_default() {
        Level::Alert if is_muted || is_paused => Level::Silent,
        level => level,
    }
}

//! Limits how often the keychain prompts the user.

use super::keychain::KeychainState;
use std::sync::{Mutex, PoisonError};

/// What happened with the keychain so far, so that it prompts the user only once.
#[derive(Default)]
pub(crate) struct Prompts(Mutex<Prompted>);

#[derive(Default)]
struct Prompted {
    /// Whether the user was asked to unlock it.
    locked: bool,
    /// Whether its entries were read since it was opened.
    open: bool,
}

impl Prompts {
    /// Returns whether to read the keys without a request of the user, and notes that this is done:
    /// once from a locked keychain, and once each time that the keychain was opened.
    pub fn is_due(&self, state: KeychainState) -> bool {
        let mut prompted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state {
            KeychainState::Absent => {
                prompted.open = false;
                false
            }
            KeychainState::Locked | KeychainState::Unknown => {
                prompted.open = false;
                !std::mem::replace(&mut prompted.locked, true)
            }
            KeychainState::Open => !std::mem::replace(&mut prompted.open, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_keychain_prompts_once_and_an_opened_one_is_read_once() {
        use KeychainState::{Absent, Locked, Open};
        let prompts = Prompts::default();
        let states = [Absent, Locked, Locked, Absent, Locked, Open, Open, Locked, Open, Absent];
        let prompted: Vec<bool> = states.into_iter().map(|now| prompts.is_due(now)).collect();
        assert_eq!(prompted, [false, true, false, false, false, true, false, false, true, false]);
    }
}

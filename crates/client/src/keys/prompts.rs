//! What is remembered of the keychain's prompts.

use super::keychain::KeychainState;
use std::sync::{Mutex, PoisonError};

/// What is remembered of the keychain, so that it asks its owner once and not again and again.
#[derive(Default)]
pub(crate) struct Prompts(Mutex<Done>);

#[derive(Default)]
struct Done {
    /// Its owner was asked to unlock it.
    locked: bool,
    /// It was asked since it was opened.
    open: bool,
}

impl Prompts {
    /// Whether to ask for the keys without being told to, and notes that it is done: a locked keychain once,
    /// an open one once each time that it was opened.
    pub fn is_due(&self, state: KeychainState) -> bool {
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state {
            KeychainState::Absent => {
                done.open = false;
                false
            }
            KeychainState::Locked | KeychainState::Unknown => {
                done.open = false;
                !std::mem::replace(&mut done.locked, true)
            }
            KeychainState::Open => !std::mem::replace(&mut done.open, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keychain_that_stays_locked_is_asked_once_and_one_that_opens_again() {
        use KeychainState::{Absent, Locked, Open};
        let prompts = Prompts::default();
        let states = [Absent, Locked, Locked, Absent, Locked, Open, Open, Locked, Open, Absent];
        let asked: Vec<bool> = states.into_iter().map(|now| prompts.is_due(now)).collect();
        assert_eq!(asked, [false, true, false, false, false, true, false, false, true, false]);
    }
}

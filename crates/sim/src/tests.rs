//! A few runs of the notifications scenario, as a quick check; `cargo xtask sim --notifications` simulates
//! thousands.

use crate::{Bug, Scenario, run};

#[test]
fn every_message_notifies_once_according_to_the_model() {
    for seed in 0..6 {
        let report = run(seed, None, Scenario::Notifications);
        assert_eq!(report.failure, None, "seed {seed}");
        assert!(report.actions > 100, "seed {seed}: {} actions", report.actions);
    }
}

#[test]
fn each_bug_of_notifications_is_caught() {
    for bug in Bug::ALL.iter().copied().filter(|bug| bug.scenario() == Scenario::Notifications) {
        let is_caught = |seed| run(seed, Some(bug), bug.scenario()).failure.is_some();
        assert!((0..100).any(is_caught), "{bug:?}");
    }
}

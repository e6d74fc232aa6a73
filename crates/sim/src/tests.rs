//! A few histories about notifications, as a quick check; `cargo xtask sim --notifications` plays thousands.

use crate::{About, Bug, run};

#[test]
fn every_message_notifies_as_the_table_says_once() {
    for seed in 0..6 {
        let report = run(seed, None, About::Notifications);
        assert_eq!(report.failure, None, "seed {seed}");
        assert!(report.actions > 100, "seed {seed}: {} actions", report.actions);
    }
}

#[test]
fn each_bug_of_notifications_is_caught() {
    for bug in Bug::ALL.iter().copied().filter(|bug| bug.about() == About::Notifications) {
        let is_caught = |seed| run(seed, Some(bug), bug.about()).failure.is_some();
        assert!((0..100).any(is_caught), "{bug:?}");
    }
}

//! Tests every cause at every level, in all combinations with focus, quiet hours and another active device.

use super::{Device, GROUP, ME, OAK, direct};
use crate::notify::level::Cause;
use crate::notify::{NotificationDetail, Text};
use parlour_protocol::{ConversationId, Count, MessageRow, Reaction};

/// Receives something that notifies only for this cause; returns its conversation.
fn receive_cause(device: &mut Device, cause: Cause) -> ConversationId {
    match cause {
        Cause::Direct => {
            device.receive_message(direct(), OAK, "a cause");
            return direct();
        }
        Cause::Mention => {
            let row = device.message(OAK, "a cause");
            device.receive(GROUP, MessageRow { mentions: vec![ME], ..row });
        }
        Cause::All => {
            let row = device.message(OAK, "a cause");
            device.receive(GROUP, MessageRow { mentions_all: true, ..row });
        }
        Cause::Reply => {
            let own = device.receive_message(GROUP, ME, "mine");
            device.advance(61_000);
            let row = device.message(OAK, "a cause");
            device.receive(GROUP, MessageRow { reply_to: Some(own.id), ..row });
        }
        Cause::Reaction => {
            let own = device.receive_message(GROUP, ME, "a cause");
            device.advance(61_000);
            let (emoji, count) = ("👍".into(), Count(1));
            let reactions = vec![Reaction { emoji, count, users: vec![OAK], own: None }];
            device.receive(GROUP, MessageRow { reactions, ..own });
        }
        Cause::Keyword => drop(device.receive_message(GROUP, OAK, "a cause with spesh")),
        Cause::Other => drop(device.receive_message(GROUP, OAK, "a cause")),
    }
    GROUP
}

fn name(cause: Cause) -> &'static str {
    cause.setting().setting().name
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Elsewhere,
    /// The conversation is on the screen, in a window with the focus.
    Here,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quiet {
    No,
    Hours,
    Paused,
    Muted,
    /// Quiet hours, but the sender may break through.
    Exception,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OtherDevice {
    No,
    /// Another device was active, and does not read it.
    Active,
    /// Another device was active, and reads it within a second.
    Reads,
}

/// Returns whether the combination must notify.
fn expected(
    level: &str,
    focus: Focus,
    quiet_mode: Quiet,
    other_device: OtherDevice,
    cause: Cause,
) -> bool {
    let reads = other_device == OtherDevice::Reads && cause != Cause::Reaction;
    level == "alert"
        && focus == Focus::Elsewhere
        && matches!(quiet_mode, Quiet::No | Quiet::Exception)
        && !reads
}

#[test]
fn every_combination_of_cause_level_focus_and_quiet_hours_notifies_as_expected() {
    for cause in Cause::ALL {
        for level in ["off", "silent", "alert"] {
            for focus in [Focus::Elsewhere, Focus::Here] {
                for quiet_mode in
                    [Quiet::No, Quiet::Hours, Quiet::Paused, Quiet::Muted, Quiet::Exception]
                {
                    for other_device in [OtherDevice::No, OtherDevice::Active, OtherDevice::Reads] {
                        check_case(cause, level, focus, quiet_mode, other_device);
                    }
                }
            }
        }
    }
}

fn check_case(
    cause: Cause,
    level: &str,
    focus: Focus,
    quiet_mode: Quiet,
    other_device: OtherDevice,
) {
    let mut device = Device::new();
    for other_cause in Cause::ALL {
        device.set(name(other_cause), if other_cause == cause { level } else { "off" });
    }
    device.set("notify_keywords", r#"["spesh"]"#);
    let always = "1111111 0 0 UTC";
    match quiet_mode {
        Quiet::No => {}
        Quiet::Hours => device.set("notify_quiet", always),
        Quiet::Paused => device.set("notify_paused_until", &(super::NOON + 3_600_000).to_string()),
        Quiet::Muted => {
            device.mute(GROUP);
            device.mute(direct());
        }
        Quiet::Exception => {
            device.set("notify_quiet", always);
            device.set("notify_exceptions", &format!("[\"{OAK}\"]"));
        }
    }
    let conversation = if cause == Cause::Direct { direct() } else { GROUP };
    if focus == Focus::Here {
        device.visible = Some(conversation);
    }
    let case = format!("{cause:?} {level} {focus:?} {quiet_mode:?} {other_device:?}");
    if other_device != OtherDevice::No {
        device.notifier.other_session_active(device.now);
    }
    let before = device.now;
    let received_in = receive_cause(&mut device, cause);
    assert_eq!(received_in, conversation);
    // What happens before a reply takes longer than another device counts as active.
    let is_delayed = other_device != OtherDevice::No && device.now - before < 60_000;
    let at_once = !device.shown(conversation).is_empty();
    assert_eq!(
        at_once,
        expected(level, focus, quiet_mode, OtherDevice::No, cause) && !is_delayed,
        "{case}"
    );
    if other_device == OtherDevice::Reads {
        let last = device.last_seq;
        device.read_elsewhere(conversation, last);
    }
    device.advance(1000);
    device.advance(1000);
    let is_shown = !device.shown(conversation).is_empty();
    assert_eq!(is_shown, expected(level, focus, quiet_mode, other_device, cause), "{case}, later");
    if let Some(shown) = device.notifier.notifications().by_conversation.get(&conversation) {
        let texts =
            [NotificationDetail::Message, NotificationDetail::Name, NotificationDetail::Nothing]
                .map(|detail| Text::of(shown, detail));
        assert!(texts[0].lines[0].contains("a cause"), "{case}");
        assert_eq!((texts[1].sender.as_deref(), texts[1].lines.len()), (Some("oak"), 0), "{case}");
        // As it is while the account is locked.
        let nothing = Text { sender: None, group: None, lines: vec![], count: 1 };
        assert_eq!(texts[2], nothing, "{case}");
    }
}

//! Every cause, at every level, whatever else is so.

use super::{Desk, ME, OAK, ROOM, pair};
use crate::notify::level::Cause;
use crate::notify::{Shows, Text};
use parlour_protocol::{ConversationId, Count, MessageRow, Reaction};

/// What the cause is in a group: something that notifies for this reason and for no other that is on.
fn happen(desk: &mut Desk, cause: Cause) -> ConversationId {
    match cause {
        Cause::Direct => {
            desk.say(pair(), OAK, "a cause");
            return pair();
        }
        Cause::Mention => {
            let row = desk.message(OAK, "a cause");
            desk.come(ROOM, MessageRow { mentions: vec![ME], ..row });
        }
        Cause::All => {
            let row = desk.message(OAK, "a cause");
            desk.come(ROOM, MessageRow { mentions_all: true, ..row });
        }
        Cause::Reply => {
            let own = desk.say(ROOM, ME, "mine");
            desk.pass(61_000);
            let row = desk.message(OAK, "a cause");
            desk.come(ROOM, MessageRow { reply_to: Some(own.id), ..row });
        }
        Cause::Reaction => {
            let own = desk.say(ROOM, ME, "a cause");
            desk.pass(61_000);
            let (emoji, count) = ("👍".into(), Count(1));
            let reactions = vec![Reaction { emoji, count, users: vec![OAK], own: None }];
            desk.come(ROOM, MessageRow { reactions, ..own });
        }
        Cause::Keyword => drop(desk.say(ROOM, OAK, "a cause with spesh")),
        Cause::Other => drop(desk.say(ROOM, OAK, "a cause")),
    }
    ROOM
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
enum Other {
    No,
    /// Another device was active, and does not read it.
    Active,
    /// Another device was active, and reads it within a second.
    Reads,
}

/// What the table says.
fn expected(level: &str, focus: Focus, quiet: Quiet, other: Other, cause: Cause) -> bool {
    let reads = other == Other::Reads && cause != Cause::Reaction;
    level == "alert"
        && focus == Focus::Elsewhere
        && matches!(quiet, Quiet::No | Quiet::Exception)
        && !reads
}

#[test]
fn what_notifies_is_as_the_table_says() {
    for cause in Cause::ALL {
        for level in ["off", "silent", "alert"] {
            for focus in [Focus::Elsewhere, Focus::Here] {
                for quiet in
                    [Quiet::No, Quiet::Hours, Quiet::Paused, Quiet::Muted, Quiet::Exception]
                {
                    for other in [Other::No, Other::Active, Other::Reads] {
                        cell(cause, level, focus, quiet, other);
                    }
                }
            }
        }
    }
}

fn cell(cause: Cause, level: &str, focus: Focus, quiet: Quiet, other: Other) {
    let mut desk = Desk::new();
    for other in Cause::ALL {
        desk.choose(name(other), if other == cause { level } else { "off" });
    }
    desk.choose("notify_keywords", r#"["spesh"]"#);
    let always = "1111111 0 0 UTC";
    match quiet {
        Quiet::No => {}
        Quiet::Hours => desk.choose("notify_quiet", always),
        Quiet::Paused => desk.choose("notify_paused_until", &(super::NOON + 3_600_000).to_string()),
        Quiet::Muted => {
            desk.mute(ROOM);
            desk.mute(pair());
        }
        Quiet::Exception => {
            desk.choose("notify_quiet", always);
            desk.choose("notify_exceptions", &format!("[\"{OAK}\"]"));
        }
    }
    let place = if cause == Cause::Direct { pair() } else { ROOM };
    if focus == Focus::Here {
        desk.seen = Some(place);
    }
    let what = format!("{cause:?} {level} {focus:?} {quiet:?} {other:?}");
    if other != Other::No {
        desk.notifier.elsewhere(desk.now);
    }
    let before = desk.now;
    let place_of_it = happen(&mut desk, cause);
    assert_eq!(place_of_it, place);
    // What happens before a reply takes longer than another device counts as active.
    let is_held = other != Other::No && desk.now - before < 60_000;
    let at_once = !desk.shown(place).is_empty();
    assert_eq!(at_once, expected(level, focus, quiet, Other::No, cause) && !is_held, "{what}");
    if other == Other::Reads {
        let last = desk.last;
        desk.read_elsewhere(place, last);
    }
    desk.pass(1000);
    desk.pass(1000);
    let is_shown = !desk.shown(place).is_empty();
    assert_eq!(is_shown, expected(level, focus, quiet, other, cause), "{what}, later");
    if let Some(shown) = desk.notifier.board().notifications.get(&place) {
        let texts =
            [Shows::Message, Shows::Name, Shows::Nothing].map(|shows| Text::of(shown, shows));
        assert!(texts[0].lines[0].contains("a cause"), "{what}");
        assert_eq!((texts[1].who.as_deref(), texts[1].lines.len()), (Some("oak"), 0), "{what}");
        // As it is while the account is locked.
        let nothing = Text { who: None, place: None, lines: vec![], count: 1 };
        assert_eq!(texts[2], nothing, "{what}");
    }
}

use super::*;
use crate::{PersonStatus, ProfileChange};

#[test]
fn no_text_contains_control_characters_except_tab_and_newline() {
    for c in ('\0'..=' ').chain('\u{7f}'..='\u{a0}') {
        let text = format!("a{c}b");
        let is_allowed = !c.is_control() || c == '\t' || c == '\n';
        assert_eq!(check_body(&text).is_ok(), is_allowed, "{c:?}");
        assert_eq!(check_draft(&text).is_ok(), is_allowed, "{c:?}");
        assert_eq!(check_setting(&text).is_ok(), is_allowed, "{c:?}");
        assert_eq!(check_topic(&text).is_ok(), is_allowed, "{c:?}");
        assert_eq!(check_title(&text).is_ok(), !c.is_control(), "{c:?}");
        assert_eq!(check_device(&text).is_ok(), !c.is_control(), "{c:?}");
        let cleaned = without_controls(&text);
        assert!(check_body(&cleaned).is_ok() && check_title(&plain_line(&text)).is_ok(), "{c:?}");
    }
    assert_eq!(with_newlines("a\r\nb\rc\n"), "a\nb\nc\n");
}

#[test]
fn titles_and_names_contain_no_direction_changes_or_invisible_characters() {
    for c in "\u{202a}\u{202e}\u{2066}\u{2069}\u{200b}\u{2060}\u{feff}\u{ad}\u{3164}".chars() {
        let text = format!("a{c}b");
        for check in [check_title, check_topic, check_device] {
            assert_eq!(check(&text).unwrap_err().code, ErrorCode::Invalid, "{c:?}");
        }
        check_body(&text).unwrap();
        assert_eq!(plain_line(&text), "ab");
    }
    for blank in ["", " ", "\u{200d}", "\u{200e}\u{200f}", "\u{2800}", "\u{fe0f}", "\u{e0041}"] {
        assert!(check_title(blank).is_err() && check_body(blank).is_err(), "{blank:?}");
        assert_eq!(check_topic(blank).is_ok(), blank.trim().is_empty(), "{blank:?}");
    }
}

#[test]
fn whoever_writes_too_many_marks_is_told_so() {
    let stacked = format!("a{}", "\u{301}".repeat(limits::MARKS + 1));
    let change = |change: ProfileChange| change.check();
    let status = PersonStatus { text: stacked.clone(), ..PersonStatus::default() };
    for refused in [
        check_title(&stacked),
        check_topic(&stacked),
        check_note(&stacked),
        check_device(&stacked),
        change(ProfileChange { display_name: Some(stacked.clone()), ..Default::default() }),
        change(ProfileChange { about: Some(stacked.clone()), ..Default::default() }),
        change(ProfileChange { status: Some(status), ..Default::default() }),
    ] {
        let message = refused.unwrap_err().message;
        assert!(message.contains("marks"), "{message}");
    }
}

#[test]
fn invisible_characters_are_accepted_only_where_they_are_needed() {
    for title in [
        "Board\u{200e}",
        "\u{61c}Board",
        "Bo\u{200d}ard",
        "Board\u{fe0f}",
        "Board\u{e0041}\u{e0042}",
        "Board\u{2800}",
        "Bo\u{17b4}ard",
        "❤\u{fe0f}\u{fe0f}",
        "א\u{200d}",
    ] {
        assert!(check_title(title).is_err(), "{title:?}");
        assert!(check_device(title).is_err(), "{title:?}");
        assert!(check_title(&plain_line(title)).is_ok(), "{title:?}");
    }
    assert!(check_title(&format!("B{}", "\u{301}".repeat(98))).is_err());
    for title in ["1\u{fe0f}\u{20e3} first", "⠓⠑\u{2800}⠇⠇⠕", "Z̀́̂"] {
        check_title(title).unwrap();
    }
}

#[test]
fn characters_that_scripts_and_emoji_need_are_accepted_in_titles() {
    for title in ["می\u{200c}خواهم", "क्\u{200d}ष", "👨‍👩‍👧‍👦 ❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "עברית \u{200e}(LTR)", "e\u{301}"]
    {
        check_title(title).unwrap();
        assert_eq!(plain_line(title), title);
    }
}

#[test]
fn a_reaction_is_one_emoji_of_unicodes_list() {
    let tests = [
        "👍",
        "👍🏽",
        "👨‍👩‍👧‍👦",
        "🇳🇱",
        "1️⃣",
        "❤️",
        "❤",
        "🅰️",
        "Ⓜ️",
        "㊗️",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "👁️‍🗨️",
        // Of Unicode 15.1, 16 and 17.
        "🙂‍↔️",
        "\u{1fae9}",
        "\u{1faea}",
    ];
    for emoji in tests {
        check_emoji(emoji).unwrap();
        check_former_emoji(emoji).unwrap();
        let canonical = canonical_emoji(emoji).unwrap();
        assert_eq!(canonical.replace('\u{fe0f}', ""), emoji.replace('\u{fe0f}', ""));
        assert_eq!(canonical_emoji(canonical), Some(canonical));
    }
    for word in [
        "",
        "ok",
        "1",
        "ä",
        "漢",
        "👍 ",
        "👍\n",
        "+1",
        "\u{202e}",
        "\u{fe0f}",
        "👍👍",
        "👍❤️",
        "🇳",
        "🇽🇽",
        "👍\u{200b}",
        "👍\u{34f}",
        "👍\u{e0041}",
        "👍\u{200d}",
        "👍\u{301}",
        "\u{e000}",
        "\u{fffe}",
        "\u{1fffe}",
        "\u{a9}\u{fe0e}",
        "∑",
        "→",
        &"👍".repeat(17),
    ] {
        assert!(check_emoji(word).is_err(), "{word}");
    }
    // A reaction that an earlier version accepted can be removed; but a text that no database can store
    // is refused.
    check_former_emoji("∑").unwrap();
    for word in ["", "👍\0", &"👍".repeat(17)] {
        assert!(check_former_emoji(word).is_err(), "{word}");
    }
}

#[test]
fn invisible_text_is_blank_and_is_not_a_title() {
    for c in
        "\u{1d159}\u{16fe4}\u{13441}\u{13430}\u{ffff}\u{fdd0}\u{10ffff}\u{fffc}\u{3164}".chars()
    {
        let text = format!(" {c}{c}");
        assert!(is_blank(&text), "{c:?}");
        assert!(check_body(&text).is_err() && check_title(&text).is_err(), "{c:?}");
        assert!(check_topic(&text).is_err(), "{c:?}");
        let hidden = format!("Board{c}");
        assert!(check_title(&hidden).is_err() && check_device(&hidden).is_err(), "{c:?}");
        assert!(check_note(&hidden).is_err() && check_topic(&hidden).is_err(), "{c:?}");
        assert_eq!(plain_line(&hidden), "Board");
        check_body(&hidden).unwrap();
    }
    // Where their script is written, blanks are needed.
    check_title("\u{13000}\u{13430}\u{13001}\u{13441}").unwrap();
}

#[test]
fn no_line_begins_with_a_mark_or_stacks_many_on_one_character() {
    for mark in "\u{301}\u{489}\u{5b0}\u{650}\u{e49}\u{e47}\u{20dd}\u{1abf}\u{f90}".chars() {
        let stacked = format!("Z{}", String::from(mark).repeat(60));
        // Invisible characters between the marks change nothing.
        let mixed = format!("Z{}", format!("{mark}\u{34f}").repeat(60));
        for title in [stacked, mixed, format!("{mark}Z")] {
            for check in [check_title, check_topic, check_note, check_device] {
                assert!(check(&title).is_err(), "{title:?}");
            }
            check_body(&title).unwrap();
            check_title(&plain_line(&title)).unwrap();
        }
    }
    // The highest stack in use, and marks as languages write them.
    for title in [
        "\u{f67}\u{f90}\u{fb5}\u{fa8}\u{fb3}\u{fba}\u{fbc}\u{fbb}\u{f82}",
        "Nguye\u{302}\u{303}n",
        "בְּרֵאשִׁ֖ית",
        "ที่นี่",
    ] {
        check_title(title).unwrap();
    }
}

#[test]
fn no_title_imitates_another_or_mentions_everybody() {
    for title in ["T\u{435}am", "the bo\u{430}rd", "\u{3bf}ak-2"] {
        assert_eq!(check_title(title), Err(Refusal::TitleScripts.into()), "{title}");
    }
    for title in ["@everyone", "\u{ff20}all", "@aII hands", "hi (@here)"] {
        assert_eq!(check_title(title), Err(Refusal::TitleCallsAll.into()), "{title}");
    }
    for title in ["Δv budget", "Everyone", "Dinner @ 8", "команда API", "開発team", "Jean-Пётр"]
    {
        check_title(title).unwrap();
    }
    for title in ["T\u{435}am", "@everyone", "＠all @here", "\u{301}T\u{435}am"] {
        check_title(&clean_title(title)).unwrap();
    }
    assert_eq!(clean_title(" T\u{435}am @all "), "Team all");
    // Shortening a title does not produce a mention of everybody.
    check_title(&clean_title(&("x".repeat(95) + " @allan"))).unwrap();
}

use super::*;
use crate::parse;
use parlour_protocol::UserId;
use parlour_protocol::fold::Folded;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

const WREN: UserId = UserId(Uuid::from_u128(1));
const OAK: UserId = UserId(Uuid::from_u128(2));

fn names() -> Names {
    let mut names = Names::new(true);
    names.add("wren", "Jenny Okafor", WREN);
    names.add("oak", "", OAK);
    names
}

/// Texts, and the mentions that are shown in them. The tests of the store, the server and the window use them, too.
fn table() -> Vec<(String, Vec<String>)> {
    let table = include_str!("table.json");
    serde_json::from_str(table).unwrap()
}

fn shown(blocks: &[Block], found: &mut Vec<(String, Option<UserId>)>) {
    fn lines(nodes: &[Inline], found: &mut Vec<(String, Option<UserId>)>) {
        for node in nodes {
            match node {
                Inline::Mention { text, user } => found.push((text.clone(), Some(*user))),
                Inline::MentionAll { text } => found.push((text.clone(), None)),
                Inline::Text { .. } | Inline::Code { .. } => {}
                Inline::Strong { children }
                | Inline::Emphasis { children }
                | Inline::Delete { children }
                | Inline::Link { children, .. } => lines(children, found),
            }
        }
    }
    for block in blocks {
        match block {
            Block::Paragraph { children } | Block::Heading { children, .. } => {
                lines(children, found);
            }
            Block::Quote { children } => shown(children, found),
            Block::List { items, .. } => {
                items.iter().for_each(|item| shown(&item.children, found));
            }
            Block::Table { rows } => {
                rows.iter().flatten().for_each(|cell| lines(&cell.children, found));
            }
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

#[test]
fn a_text_mentions_the_people_whose_mentions_it_shows() {
    for (text, mentions) in table() {
        let mut found = Vec::new();
        shown(&mark_mentions(&text, parse(&text), &names()).unwrap_or_default(), &mut found);
        let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, mentions, "{text:?}");
        let people: BTreeSet<UserId> = found.iter().filter_map(|(_, user)| *user).collect();
        let all = found.iter().any(|(_, user)| user.is_none());
        assert_eq!(mentioned(&text, &names()), Mentioned { people, all }, "{text:?}");
        let count = count_mentions(&text);
        assert!(count.people >= mentions.len() && (count.all || !all), "{text:?} {count:?}");
    }
}

#[test]
fn marking_changes_nothing_but_mentions() {
    let text = "see **@wren**, @oak and `@oak`";
    let marked = mark_mentions(text, parse(text), &names()).unwrap();
    let text_of = |text: &str| Inline::Text { text: text.into() };
    let mention = |text: &str, user| Inline::Mention { text: text.into(), user };
    let children = vec![
        text_of("see "),
        Inline::Strong { children: vec![mention("@wren", WREN)] },
        text_of(", "),
        mention("@oak", OAK),
        text_of(" and "),
        Inline::Code { text: "@oak".into() },
    ];
    assert_eq!(marked, [Block::Paragraph { children }]);
    assert_eq!(mark_mentions("no @one", None, &names()), None);
    assert_eq!(mark_mentions("@wren", None, &Names::new(true)), None);
    assert_eq!(mark_mentions("@all", None, &Names::new(false)), None);
}

#[test]
fn a_username_that_starts_with_the_word_for_everybody_can_be_mentioned() {
    let mut names = Names::new(true);
    names.add("all.x", "all hands", WREN);
    assert_eq!(mentioned("@all.x", &names).people, BTreeSet::from([WREN]));
    assert!(!mentioned("@all.x", &names).all);
    assert!(mentioned("@all hands", &names).all && mentioned("@all.", &names).all);
    assert!(mentioned("\u{ff20}all", &names).all && count_mentions("\u{ff20}all").all);
}

#[test]
fn an_accent_counts_where_it_distinguishes_people_however_it_is_stored() {
    let mut names = Names::new(true);
    names.add("jose", "", WREN);
    names.add("jos\u{e9}", "", OAK);
    for (text, user) in [
        ("@jose", WREN),
        ("@jos\u{e9}", OAK),
        ("@jose\u{301}", OAK),
        ("@JOSE\u{301}.", OAK),
        ("@JOSE", WREN),
    ] {
        assert_eq!(mentioned(text, &names).people, BTreeSet::from([user]), "{text}");
    }
    let mut stored_differently = Names::new(true);
    stored_differently.add("jose", "", WREN);
    stored_differently.add("jose\u{301}", "", OAK);
    assert_eq!(mentioned("@jos\u{e9}", &stored_differently).people, BTreeSet::from([OAK]));
}

#[test]
fn a_capital_sigma_mentions_a_name_with_either_small_one() {
    let mut names = Names::new(true);
    names.add("Νίκος", "", WREN);
    names.add("Νικος", "", OAK);
    for (text, user) in
        [("@ΝΊΚΟΣ", WREN), ("@νίκοσ, hi", WREN), ("@Νίκος", WREN), ("@ΝΙΚΟΣ", OAK), ("@νικος", OAK)]
    {
        assert_eq!(mentioned(text, &names).people, BTreeSet::from([user]), "{text}");
    }
}

#[test]
fn the_longest_name_is_mentioned_and_only_as_a_whole_word() {
    let mut names = Names::new(true);
    names.add("wren", "Li", WREN);
    names.add("wren.o", "Li Na", OAK);
    for (text, shown) in [
        ("@wren.o", "@wren.o"),
        ("@wren.p", "@wren"),
        ("@wren.oa", "@wren"),
        ("@li na!", "@li na"),
        ("@li nab", "@li"),
        ("@ｗｒｅｎ", "@ｗｒｅｎ"),
        ("@wren\u{200b} x", "@wren\u{200b}"),
        ("@wrens", ""),
        ("@wren\u{301}s", ""),
    ] {
        let mut found = Vec::new();
        shown_in(text, &names, &mut found);
        assert_eq!(found.concat(), shown, "{text:?}");
    }
}

fn shown_in(text: &str, names: &Names, shown_mentions: &mut Vec<String>) {
    let mut found = Vec::new();
    shown(&mark_mentions(text, parse(text), names).unwrap_or_default(), &mut found);
    shown_mentions.extend(found.into_iter().map(|(text, _)| text));
}

#[test]
fn a_text_that_is_too_complex_to_be_parsed_mentions_nobody() {
    for text in [
        "`@oak` \u{fdd0}".to_owned(),
        "> @oak\n\u{fdd1}".into(),
        "> ".repeat(41) + "@oak @all",
        "> @oak\n".to_owned() + &"*a*\n".repeat(5_000),
        "@all\n".to_owned() + &"**a** ".repeat(9_000),
        "```@oak\n```".into(),
        "[](https://a.example \"@oak\")".into(),
    ] {
        assert_eq!(parse(&text), None);
        assert_eq!(mentioned(&text, &names()), Mentioned::default(), "{text:.40}");
        assert_eq!(count_mentions(&text), MentionCount::default(), "{text:.40}");
        assert_eq!(mark_mentions(&text, None, &names()), None, "{text:.40}");
    }
}

/// Returns the names of 200 people.
fn many_names() -> Names {
    let mut names = Names::new(true);
    for number in 0..200u128 {
        let id = UserId(Uuid::from_u128(number + 1));
        names.add(&format!("person{number}"), &format!("é{number} あ Okafor-{number}"), id);
    }
    names
}

#[test]
fn mentions_in_a_text_four_times_as_long_take_about_four_times_as_long() {
    let names = many_names();
    parlour_samples::assert_linear(|body| {
        std::hint::black_box((mentioned(body, &names), count_mentions(body)));
    });
}

#[test]
fn mentions_are_found_in_the_time_in_which_such_a_text_is_folded_a_few_times() {
    let duration_of = |run: &dyn Fn()| {
        let started = Instant::now();
        run();
        started.elapsed()
    };
    let names = many_names();
    let bytes = parlour_protocol::limits::BODY_BYTES;
    let plain = "é:@。あ".repeat(bytes / 8);
    let half = "あ!".repeat(bytes / 8);
    for hostile in [
        "@!",
        "@",
        "@a b c d ",
        "@\n",
        "a.b/@",
        "/@",
        "@[",
        "**@",
        "a@b.c@",
        "é:@。",
        "é:＠。",
        "/@<!--",
        "@é-(- ",
        "@é-http://mailto:",
    ] {
        for text in [
            hostile.repeat(bytes / hostile.len()),
            half.clone() + &hostile.repeat(bytes / 2 / hostile.len()),
        ] {
            let fast = (0..20).any(|_| {
                let fold = duration_of(&|| drop(std::hint::black_box(Folded::new(&plain))));
                let found =
                    duration_of(&|| assert_eq!(mentioned(&text, &names), Mentioned::default()));
                let counted = duration_of(&|| {
                    std::hint::black_box(count_mentions(&text));
                });
                found.max(counted) < 8 * fold
            });
            assert!(fast, "{hostile}");
        }
    }
}

/// The window's test renders these blocks.
#[test]
fn the_windows_test_has_the_blocks_of_the_table() {
    let users = BTreeMap::from([("wren", WREN.to_string()), ("oak", OAK.to_string())]);
    let rows: Vec<Value> = table()
        .into_iter()
        .map(|(text, mentions)| {
            let blocks = mark_mentions(&text, parse(&text), &names());
            json!({ "text": text, "mentions": mentions, "blocks": blocks })
        })
        .collect();
    let expected = format!("{:#}\n", json!({ "users": users, "rows": rows }));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("ui/src/components/timeline/mentions.gen.json");
    if std::fs::read_to_string(&path).unwrap_or_default() != expected {
        std::fs::write(&path, expected).unwrap();
        panic!("{} was out of date and has been rewritten", path.display());
    }
}

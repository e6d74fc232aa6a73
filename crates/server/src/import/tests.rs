//! Reads a small export of each format.

use super::format::Format;
use super::input::Files;
use super::options::Options;
use super::readers;
use super::records::body::person;
use super::records::{
    Conversation, ConversationKind, Message, MessageChange, Person, Record, Sink,
};
use super::report::Report;
use super::tally::Tally;
use std::path::PathBuf;

/// The result of reading an export.
struct Read {
    records: Vec<Record>,
    report: Report,
}

fn read_with(options: &Options, files: &[(&str, &[u8])]) -> Read {
    let files = Files::in_memory(files);
    let (mut records, mut tally) = (Vec::new(), Tally::new(Report::default()));
    let mut emit = |record: Record| {
        tally.add(&record);
        records.push(record);
        Ok(())
    };
    readers::read(&files, options, &mut Sink::new(&mut emit)).unwrap();
    Read { records, report: tally.report }
}

fn read(format: Format, files: &[(&str, &[u8])]) -> Read {
    read_with(&Options::new(format, PathBuf::from("export")), files)
}

/// The sample of a fuzz target.
macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../../../fuzz/samples/", $name)).as_slice()
    };
}

impl Read {
    fn messages(&self) -> Vec<&Message> {
        self.records
            .iter()
            .filter_map(
                |record| {
                    if let Record::Message(message) = record { Some(&**message) } else { None }
                },
            )
            .collect()
    }

    fn message(&self, key: &str) -> &Message {
        self.messages().into_iter().find(|message| message.key == key).expect("a message")
    }

    fn people(&self) -> Vec<&Person> {
        self.records
            .iter()
            .filter_map(
                |record| if let Record::Person(person) = record { Some(person) } else { None },
            )
            .collect()
    }

    fn conversations(&self) -> Vec<&Conversation> {
        self.records
            .iter()
            .filter_map(
                |record| if let Record::Conversation(one) = record { Some(one) } else { None },
            )
            .collect()
    }

    /// Messages, threads, reactions, files, notices and broken records.
    fn counts(&self) -> [u64; 6] {
        let report = &self.report;
        let Report { messages, threads, reactions, attachments, notices, broken, .. } = report;
        [*messages, *threads, *reactions, *attachments, *notices, *broken]
    }
}

/// Returns the names of a message's files.
fn file_names(message: &Message) -> Vec<&str> {
    message.files.iter().map(|file| file.name.as_str()).collect()
}

#[test]
fn slack_is_read_with_its_threads_bots_blocks_and_unlisted_people() {
    let users = br#"[{"id": "U1", "name": "ada", "profile": {"display_name": "", "real_name": "Ada L", "email": "ada@x.org"}},
        {"id": "U2", "name": "bo", "deleted": true}]"#;
    let channels = br#"[{"id": "C1", "name": "general", "members": ["U1", "U2"], "created": 1442000000, "topic": {"value": "all"}}]"#;
    let dms = br#"[{"id": "D1", "members": ["U1", "U2"]}]"#;
    let files: &[(&str, &[u8])] = &[
        ("top/channels.json", channels),
        ("top/dms.json", dms),
        ("top/general/2015-09-12.json", sample!("slack/day")),
        ("top/users.json", users),
    ];
    let read = read(Format::Slack, files);
    assert_eq!(read.counts(), [9, 2, 3, 1, 1, 0], "{:?}", read.report.odd);
    let first = read.message("1442059830.000123");
    assert_eq!(first.body, format!("**hi** {} & [x](https://x.org)", person("U2")));
    assert_eq!((first.at.0, &*first.conversation, &*first.sender), (1_442_059_830_000, "C1", "U1"));
    assert_eq!((&*first.reactions[0].emoji, first.reactions[0].count), ("👍🏽", 3));
    assert_eq!(read.message("1442059831.000001").reply_to.as_deref(), Some("1442059830.000123"));
    assert_eq!(read.message("1442059833.000001").reply_to.as_deref(), Some("1400000000.000001"));
    let bot = read.message("1442059834.000001");
    assert_eq!(bot.body, "> **[Build 7](https://ci.example.org/7)**\n> **State**: ok");
    assert!(read.message("1442059836.000001").is_deleted);
    assert_eq!(read.message("1442059837.000001").body, "**only in blocks**");
    let file = read.message("1442059838.000001");
    assert!(file.is_pinned && file.edited_at.is_some() && file_names(file) == ["a_b.png"]);
    // An invalid time is replaced by that of the previous message.
    assert_eq!(read.message("bad").at.0, 1_442_059_838_000);
    assert_eq!(read.message("bad").body, "half \u{fffd} of one");
    let names: Vec<&str> = read.people().iter().map(|person| person.name.as_str()).collect();
    assert!(
        names.contains(&"Ada L") && names.contains(&"Not Listed") && names.contains(&"deploy"),
        "{names:?}"
    );
    assert_eq!(read.conversations()[1].kind, ConversationKind::Direct);
}

#[test]
fn mattermost_is_read_with_sorted_replies_and_unknown_lines() {
    let read = read(Format::Mattermost, &[("import.jsonl", sample!("mattermost/lines"))]);
    assert_eq!(read.counts(), [5, 1, 2, 1, 0, 1], "{:?}", read.report.odd);
    let texts: Vec<&str> = read.messages().iter().map(|message| message.body.as_str()).collect();
    assert_eq!(
        texts,
        [&format!("hi {} and @all 👍", person("bo")), "first\0", "second", "`@bo`", "x"]
    );
    assert!(read.messages()[0].mentions_all && read.messages()[3].is_pinned);
    assert_eq!(read.messages()[1].reply_to.as_deref(), Some(&*read.messages()[0].key));
    let town = &read.conversations()[0];
    assert_eq!(
        (&*town.title, &*town.topic, town.members.clone()),
        ("Town", "all", vec!["ada".to_owned()])
    );
    assert_eq!(town.archived_at.map(|at| at.0), Some(1_553_166_660_000));
    assert_eq!(read.conversations()[1].kind, ConversationKind::Direct);
}

#[test]
fn discord_is_read_with_counts_of_reactions_and_without_calls() {
    let read = read(Format::Discord, &[("a.json", sample!("discord/channel"))]);
    assert_eq!(read.counts(), [3, 0, 43, 1, 1, 0], "{:?}", read.report.odd);
    let first = read.message("530805779645595660");
    assert_eq!(first.body, format!("**hi** {} :wave:", person("22")));
    assert_eq!((first.at.0, first.is_pinned), (1_546_624_359_762, true));
    assert_eq!(first.reactions[0].count, 42);
    let answer = read.message("530805779645595661");
    assert_eq!((&*answer.body, answer.at.0), ("> a\n> b", 1_546_624_359_700));
    assert_eq!(read.message("4").body, "> T\n> D");
}

#[test]
fn zulip_is_read_with_topics_edits_and_reactions() {
    let realm = br#"{"zerver_userprofile": [{"id": 8, "full_name": "Ada", "email": "ada@x.org"}, {"id": 9, "full_name": "Bo"}],
        "zerver_recipient": [{"id": 3, "type": 2, "type_id": 1}, {"id": 4, "type": 1, "type_id": 8}],
        "zerver_stream": [{"id": 1, "name": "general", "recipient": 3, "invite_only": true}],
        "zerver_reaction": [{"id": 1, "message": 1, "user_profile": 9, "emoji_name": "thumbs_up", "emoji_code": "1f44d", "reaction_type": "unicode_emoji"}]}"#;
    let files: &[(&str, &[u8])] =
        &[("x/realm.json", realm), ("x/messages-000001.json", sample!("zulip/messages"))];
    let read = read(Format::Zulip, files);
    assert_eq!(read.counts(), [3, 1, 1, 1, 0, 1], "{:?}", read.report.odd);
    let first = read.message("1");
    assert_eq!(first.body, format!("**lunch**\n\n{} ", person("8")));
    assert_eq!((first.at.0, &*first.earlier[0].0), (1_777_387_274_782, "before"));
    assert_eq!((&*first.reactions[0].emoji, &*first.reactions[0].people[0]), ("👍", "9"));
    let third = read.message("3");
    assert_eq!((&*third.body, third.reply_to.as_deref()), ("> x\n\n👍", Some("1")));
    assert_eq!(read.message("2").conversation, "direct 8,9");
}

#[test]
fn telegram_is_read_with_entities_topics_pins_and_missing_names() {
    let read = read(Format::Telegram, &[("result.json", sample!("telegram/chat"))]);
    assert_eq!(read.counts(), [5, 1, 3, 1, 3, 0], "{:?}", read.report.odd);
    let first = read.message("4");
    assert_eq!(first.body, "**Boats**\n\na\\*b **Saturday** [tide](https://tides.example.org/h)");
    assert_eq!((first.reply_to.as_deref(), first.at.0), (None, 1_735_711_444_000));
    let forwarded = read.message("5");
    assert_eq!(forwarded.body, "↪ Tide Watch\n> High water");
    assert_eq!(read.message("7").sender, "user77");
    assert_eq!(
        read.message("8").body,
        format!("```c\nf(x)\n```\n{}\n**Which?**\n- Eight (2)", person("user2"))
    );
    let pinned = |record: &Record| match record {
        Record::Amendment(amendment) => {
            amendment.key == "4" && amendment.what == MessageChange::Pinned
        }
        _ => false,
    };
    assert!(read.records.iter().any(pinned));
}

#[test]
fn several_telegram_chats_are_separated_whatever_the_order_of_their_fields() {
    let account = br#"{"about": "x", "personal_information": {}, "chats": {"list": [
        {"messages": [{"id": 1, "type": "message", "date_unixtime": "1", "from": "A", "from_id": "user1", "text": "in a"}], "name": "a", "type": "private_group", "id": 5},
        {"id": 6, "name": "b", "type": "saved_messages", "messages": [{"id": 1, "type": "message", "date_unixtime": "2", "from": "A", "from_id": "user1", "text": "in b"}]}]}}"#;
    let read = read(Format::Telegram, &[("result.json", account)]);
    let messages: Vec<_> = read
        .messages()
        .iter()
        .map(|message| (message.conversation.clone(), message.body.clone()))
        .collect();
    assert_eq!(messages, [("5".into(), "in a".into()), ("6".into(), "in b".into())]);
    assert_eq!(
        read.conversations().iter().map(|message| &*message.title).collect::<Vec<_>>(),
        ["a", "b"]
    );
}

#[test]
fn telegram_chats_of_two_people_are_direct_and_saved_messages_are_notes() {
    let account = br#"{"personal_information": {"user_id": 1}, "chats": {"list": [
        {"name": "B", "type": "personal_chat", "id": 2, "messages": [
            {"id": 1, "type": "message", "date_unixtime": "1", "from": "A", "from_id": "user1", "text": "a"},
            {"id": 2, "type": "message", "date_unixtime": "2", "from": "B", "from_id": "user2", "text": "b"}]},
        {"name": "C", "type": "personal_chat", "id": 3, "messages": [
            {"id": 3, "type": "message", "date_unixtime": "3", "from": "C", "from_id": "user3", "text": "c"}]},
        {"type": "saved_messages", "id": 1, "messages": [
            {"id": 4, "type": "message", "date_unixtime": "4", "from": "A", "from_id": "user1", "text": "d"}]}]}}"#;
    let read = read(Format::Telegram, &[("result.json", account)]);
    let chats: Vec<_> =
        read.conversations().iter().map(|chat| (chat.kind, chat.members.join(","))).collect();
    let expected = [
        (ConversationKind::Direct, "user1,user2".to_owned()),
        (ConversationKind::Private, "user3".to_owned()),
        (ConversationKind::Direct, "user1".to_owned()),
    ];
    assert_eq!(chats, expected);
    assert_eq!(read.messages().len(), 4);
}

#[test]
fn rocketchat_is_read_with_threads_quotes_and_earlier_texts() {
    let read =
        read(Format::RocketChat, &[("rocketchat_message.json", sample!("rocketchat/messages"))]);
    assert_eq!(read.counts(), [3, 1, 2, 1, 1, 1], "{:?}", read.report.odd);
    let first = read.message("m1");
    assert_eq!((&*first.body, first.at.0), ("**hi** @bo [x](https://x.org)", 1_627_812_000_123));
    assert_eq!(read.message("m2").reply_to.as_deref(), Some("m1"));
    let quoting = read.message("m4");
    assert_eq!(
        (&*quoting.body, quoting.reply_to.as_deref(), quoting.is_pinned),
        ("yes", Some("m1"), true)
    );
    assert_ne!(quoting.sender, first.sender, "an alias is another name");
    let earlier = |record: &Record| match record {
        Record::Amendment(amendment) => {
            amendment.key == "m2" && amendment.what == MessageChange::Earlier("before".into())
        }
        _ => false,
    };
    assert!(read.records.iter().any(earlier));
}

#[test]
fn matrix_is_read_with_threads_deletions_and_undecryptable_messages() {
    let read = read(Format::Matrix, &[("export.json", sample!("matrix/room"))]);
    assert_eq!(read.counts(), [6, 1, 0, 1, 2, 0], "{:?}", read.report.odd);
    assert_eq!(read.message("$2").body, format!("**x** {}", person("@ada:b.org")));
    assert_eq!(
        (&*read.message("$3").body, read.message("$3").reply_to.as_deref()),
        ("yes \\*it\\* is", Some("$2"))
    );
    assert_eq!(read.message("$4").reply_to.as_deref(), Some("$2"));
    assert!(read.message("$5").is_deleted);
    assert_eq!(read.message("$6").body, "🔒");
    assert_eq!(file_names(read.message("$7")), ["a.png"]);
    assert_eq!(read.conversations()[0].key, "!r:b.org");
}

#[test]
fn whatsapp_is_read_line_by_line_with_the_dates_of_the_whole_file() {
    let read = read(Format::WhatsApp, &[("WhatsApp Chat with Bo.txt", sample!("whatsapp/chat"))]);
    assert_eq!(read.counts(), [7, 0, 0, 2, 1, 0], "{:?}", read.report.odd);
    let texts: Vec<&str> = read.messages().iter().map(|message| message.body.as_str()).collect();
    let mention = format!("{} snake_case", person("name Ada"));
    assert_eq!(texts, ["**hi**\nand on", &mention, "", "", "", "ok", "bad day"]);
    assert_eq!(read.messages()[0].at.0, 1_763_036_760_000);
    assert!(read.messages()[4].is_deleted && read.messages()[5].edited_at.is_some());
    assert_eq!(read.conversations()[0].kind, ConversationKind::Direct);
    let twice = self::read(Format::WhatsApp, &[("_chat.txt", sample!("whatsapp/plain"))]);
    let keys: Vec<&str> = twice.messages().iter().map(|message| message.key.as_str()).collect();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1], "said twice in a minute");
}

#[test]
fn logs_of_every_client_are_read_with_their_days_and_other_files_are_refused() {
    let files: &[(&str, &[u8])] = &[
        ("irc.net.#wee.weechatlog", sample!("log/weechat")),
        ("##hex.log", sample!("log/hexchat")),
        ("irssi/#ir.log", sample!("log/irssi")),
        ("2005-01-08-pov.log", sample!("log/supybot")),
        ("2009-01-14-dirc.log", sample!("log/dircproxy")),
        ("xchat.log", sample!("log/scrollback")),
        ("shopping.txt", b"milk\nbread\n"),
    ];
    let read = read(Format::Irc, files);
    let messages: Vec<String> = read
        .messages()
        .iter()
        .map(|message| {
            let at = jiff::Timestamp::from_millisecond(message.at.0).unwrap();
            format!("{} {at} {}: {}", message.conversation, message.sender, message.body)
        })
        .collect();
    let expected = [
        "#wee 2016-08-01T10:00:01Z oak: text\twith tab",
        "#wee 2016-08-01T10:00:02Z oak: /me acts",
        "##hex 2025-12-31T23:59:50Z oak: before",
        "##hex 2026-01-01T00:00:10Z oak: after red b",
        "##hex 2026-01-01T00:00:11Z oak: /me nods",
        "#ir 2014-02-24T00:12:00Z oak: hi",
        "#ir 2014-02-24T00:12:00Z oak: /me nods",
        "#ir 2014-02-25T00:01:00Z wren: \\*x\\*",
        "pov 2005-01-08T23:34:46Z oak: let us see",
        "dirc 2009-01-14T12:36:00Z js: hey",
        "dirc 2009-01-14T12:37:00Z js: /me wanders",
        "xchat 1970-01-01T00:00:00Z fpi: 0 is good",
        "xchat 2009-01-26T08:52:12Z fpi: Hi!",
    ];
    for line in expected {
        assert!(messages.iter().any(|message| message == line), "{line}: {messages:#?}");
    }
    assert_eq!(messages.len(), expected.len());
    assert_eq!(read.report.broken, 3, "{:?}", read.report.odd);
}

#[test]
fn a_log_is_read_in_its_encoding_and_its_time_zone() {
    let options =
        Options { channel: Some("#oak".into()), ..Options::new(Format::Irc, PathBuf::from("x")) };
    let options =
        options.with_encoding_and_zone(Some("Europe/Vienna"), Some("windows-1257")).unwrap();
    let read = read_with(
        &options,
        &[("2026-01-01.log", b"[10:00] <oak> caf\xe9 \xe0\n[10:01] <oak> caf\xc3\xa9\n")],
    );
    let first = read.messages()[0];
    assert_eq!((&*first.body, first.at.0), ("café ą", 1_767_258_000_000));
    assert_eq!(read.messages()[1].body, "café");
    assert_eq!(first.conversation, "#oak");
}

#[test]
fn only_the_broken_record_is_lost() {
    let whole = String::from_utf8(sample!("telegram/chat").to_vec()).unwrap();
    let broken = whole.replace("\"from\": null", "\"from: null");
    let read = read(Format::Telegram, &[("result.json", broken.as_bytes())]);
    assert_eq!((read.report.messages, read.report.broken), (4, 1), "{:?}", read.report.odd);
}

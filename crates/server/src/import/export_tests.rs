//! Reads exports of Parlour.

use super::format::Format;
use super::input::Files;
use super::options::Options;
use super::readers;
use super::records::body::person;
use super::records::{
    Conversation, ConversationKind, FileContent, Message, Person, Record, Sink, StopReason,
};
use super::report::Report;
use super::tally::Tally;
use parlour_protocol::{HistoryVisibility, MemberRole, Millis, Removal};
use std::path::PathBuf;

/// A file of one conversation with everything that the format has.
const SAMPLE: &str = include_str!("../../../../fuzz/samples/parlour/messages");
/// When its first message was sent.
const START: i64 = 1_715_940_000_000;

/// What was read.
struct Read {
    people: Vec<Person>,
    conversations: Vec<Conversation>,
    messages: Vec<Message>,
    report: Report,
}

fn try_read(files: &[(&str, &str)], source: &str) -> Result<Read, StopReason> {
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let mut tally = Tally::new(Report::default());
    let (mut people, mut conversations, mut messages) = (Vec::new(), Vec::new(), Vec::new());
    let mut emit = |record: Record| {
        tally.add(&record);
        match record {
            Record::Person(person) => people.push(person),
            Record::Conversation(conversation) => conversations.push(conversation),
            Record::Message(message) => messages.push(*message),
            _ => {}
        }
        Ok(())
    };
    let source = source.to_owned();
    let options = Options { source, ..Options::new(Format::Parlour, PathBuf::from("export")) };
    readers::read(&Files::in_memory(&files), &options, &mut Sink::new(&mut emit))?;
    Ok(Read { people, conversations, messages, report: tally.report })
}

fn read(files: &[(&str, &str)]) -> Read {
    try_read(files, "").unwrap()
}

/// Returns the id with this number in the sample.
fn id(number: u32) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}

/// Returns the key of the object with this number.
fn key(number: u32) -> String {
    format!("chat.example.org/{}", id(number))
}

/// Returns the reasons in a report.
fn reasons(report: &Report) -> Vec<&str> {
    report.odd.keys().map(String::as_str).collect()
}

#[test]
fn everything_in_an_export_is_read() {
    let read = read(&[
        ("NAME/index.html", "<html>"),
        ("NAME/conversations/Plans/index.html", "<html>"),
        ("NAME/conversations/Plans/messages.jsonl", SAMPLE),
        ("NAME/conversations/Plans/files/notes.txt", "notes"),
    ]);
    let missing = "the content of a file, left out: its name is in the message";
    assert_eq!(reasons(&read.report), [missing]);
    let wren = read.people.iter().find(|person| person.username == "wren").unwrap();
    assert_eq!((&*wren.key, &*wren.name, &*wren.about), (&*key(2), "Wren Okafor", "Boats"));
    assert_eq!(read.people.len(), 3);
    let plans = &read.conversations[0];
    assert_eq!(
        (&*plans.key, &*plans.title, &*plans.topic),
        (&*key(0x10), "Plans", "Boats and tides")
    );
    assert_eq!((plans.kind, plans.created_at), (ConversationKind::Private, Some(Millis(START))));
    assert_eq!(plans.members, [key(2), key(1)], "the owner first, nobody who left");
    let details = plans.details.as_deref().unwrap();
    assert_eq!(
        (details.history, details.removal, plans.archived_at),
        (Some(HistoryVisibility::Joining), Some(Removal::Purge), Some(Millis(START + 900_000)))
    );
    let roles: Vec<_> =
        details.members.iter().map(|member| (member.role, member.left_at)).collect();
    let left = Some(Millis(START + 1000));
    let expected =
        [(MemberRole::Owner, None), (MemberRole::Administrator, None), (MemberRole::Member, left)];
    assert_eq!(roles, expected);
}

#[test]
fn messages_are_read_with_their_people_times_and_files() {
    let read = read(&[("messages.jsonl", SAMPLE), ("files/notes.txt", "notes")]);
    let [hello, reply, deleted, with_files] = &read.messages[..] else { panic!("four messages") };
    let text = format!("**Hello** {}, see https://example.org/@oak", person(&key(1)));
    assert_eq!((&*hello.key, &*hello.body, hello.at), (&*id(0x101), &*text, Millis(START)));
    assert_eq!(hello.details.as_deref().unwrap().mentions, [key(1)]);
    assert_eq!((&*reply.body, reply.mentions_all), ("Yes\nno @all", true));
    assert_eq!(reply.reply_to, Some(id(0x101)));
    assert_eq!(reply.edited_at, Some(Millis(START + 120_000)));
    let earlier: Vec<_> = reply.earlier.iter().map(|(text, at)| (&**text, at.0 - START)).collect();
    assert_eq!(earlier, [("Yes", 90_000), ("Yes\nno", 120_000)]);
    assert_eq!(reply.reactions[0].people, [key(2), key(1)], "the exporter reacted, too");
    let times = deleted.details.as_deref().unwrap();
    assert_eq!((deleted.is_deleted, times.deleted_at), (true, Some(Millis(START + 86_401_000))));
    let times = with_files.details.as_deref().unwrap();
    assert_eq!((with_files.is_pinned, times.pinned_at), (true, Some(Millis(START + 172_800_000))));
    let [notes, plan] = &with_files.files[..] else { panic!("two files") };
    let found = notes.found().unwrap();
    assert_eq!((found.bytes, &*found.media_type), (5, "application/octet-stream"));
    assert_eq!((&*plan.name, &plan.content), ("plan.pdf", &FileContent::Missing));
}

#[test]
fn exports_of_one_server_have_the_same_keys_however_it_was_reached() {
    let other = SAMPLE.replace("https://chat.example.org", "HTTP://Chat.example.org/");
    let keys = |read: &Read| read.messages.iter().map(|one| one.sender.clone()).collect::<Vec<_>>();
    let first = read(&[("messages.jsonl", SAMPLE)]);
    assert_eq!(keys(&first), keys(&read(&[("messages.jsonl", &other)])));
    let elsewhere = SAMPLE.replace("chat.example.org", "other.example.org");
    assert_ne!(keys(&first), keys(&read(&[("messages.jsonl", &elsewhere)])));
    let named = |text: &str| keys(&try_read(&[("messages.jsonl", text)], "team").unwrap());
    assert_eq!(named(SAMPLE), named(&elsewhere), "--source stands for the server");
}

#[test]
fn of_several_exports_the_newest_describes_the_conversation() {
    let older = SAMPLE.replace("1716199200000", "1716100000000").replace("Plans", "Old plans");
    let read = read(&[("a/messages.jsonl", SAMPLE), ("b/messages.jsonl", &older)]);
    let titles: Vec<&str> = read.conversations.iter().map(|one| one.title.as_str()).collect();
    assert_eq!((titles, read.messages.len(), read.people.len()), (vec!["Plans"], 8, 3));
}

#[test]
fn an_incomplete_file_is_imported_and_reported() {
    let (whole, _) = SAMPLE.split_once("{\"type\":\"end\"").unwrap();
    let read = read(&[("messages.jsonl", whole)]);
    assert_eq!(read.messages.len(), 4);
    assert!(reasons(&read.report).iter().any(|reason| reason.starts_with("an incomplete file")));
}

#[test]
fn a_newer_version_and_a_lost_server_are_refused_in_words() {
    let refused = |text: &str| try_read(&[("messages.jsonl", text)], "").err().unwrap().to_string();
    let newer = SAMPLE.replace("\"version\":1", "\"version\":2");
    assert!(refused(&newer).contains("update the server"), "{}", refused(&newer));
    let (_, rest) = SAMPLE.split_once('\n').unwrap();
    assert!(refused(rest).contains("--source"), "{}", refused(rest));
    assert_eq!(try_read(&[("messages.jsonl", rest)], "team").unwrap().messages.len(), 4);
    let beside = read(&[("a/messages.jsonl", SAMPLE), ("b/messages.jsonl", rest)]);
    assert_eq!((beside.messages.len(), beside.conversations.len()), (8, 1));
}

#[test]
fn unknown_lines_and_fields_are_ignored_and_damaged_lines_are_kept_raw() {
    let lines = [
        "{\"type\":\"poll\",\"id\":1}",
        "{\"type\":\"message\",\"id\":\"../etc/passwd\",\"author\":\"x\",\"text\":\"y\"}",
        "{\"type\":\"message\",\"id\":\"00000000",
        "[1]",
        "\u{0}\u{fdd3}",
    ];
    let (head, tail) = SAMPLE.split_once("{\"type\":\"end\"").unwrap();
    let head = head.replace("\"position\":1", "\"position\":1,\"later\":{\"a\":[1]}");
    let text = format!("{head}{}\n{{\"type\":\"end\"{tail}", lines.join("\n"));
    let read = read(&[("messages.jsonl", &text)]);
    assert_eq!((read.messages.len(), read.report.broken), (4, 4), "{:?}", read.report.odd);
    assert!(reasons(&read.report).iter().any(|reason| reason.contains("of a type")));
}

#[test]
fn attached_files_are_no_parts_of_the_export_whatever_their_names() {
    let forged = SAMPLE.replace("Plans", "Forged");
    let other = SAMPLE.replace("000000000010", "000000000011");
    let files = [
        ("conversations/Plans/messages.jsonl", SAMPLE),
        ("conversations/Plans/files/messages.jsonl", forged.as_str()),
        ("conversations/files/messages.jsonl", other.as_str()),
    ];
    let read = read(&files);
    let titles: Vec<&str> = read.conversations.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Plans", "Plans"]);
    assert_eq!(
        reasons(&read.report).iter().filter(|reason| reason.contains("no message refers")).count(),
        1
    );
    let hostile = SAMPLE.replace("files/notes.txt", "../../../etc/passwd");
    let read = self::read(&[("a/messages.jsonl", &hostile), ("etc/passwd", "root")]);
    assert!(read.messages[3].files.iter().all(|file| file.found().is_none()));
}

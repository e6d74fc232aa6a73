//! Reads a small export with attached files of each format.

use super::format::Format;
use super::input::Files;
use super::options::Options;
use super::readers;
use super::records::{FileContent, Record, Sink};
use super::report::Report;
use super::tally::Tally;
use serde_json::json;
use std::io::Read;
use std::path::PathBuf;

/// Returns the files of all messages: the name and the content of each, or the reason why it is not attached.
fn attached(format: Format, files: &[(&str, &[u8])]) -> (Vec<(String, String)>, Report) {
    let files = Files::in_memory(files);
    let (mut attached, mut tally) = (Vec::new(), Tally::new(Report::default()));
    let mut emit = |record: Record| {
        tally.add(&record);
        let Record::Message(message) = record else { return Ok(()) };
        for file in message.files {
            let mut text = String::new();
            match file.content {
                FileContent::Found(found) => {
                    found.location.open().unwrap().read_to_string(&mut text).unwrap();
                    assert_eq!(found.bytes, text.len() as u64);
                }
                FileContent::Missing => text.push_str("missing"),
                FileContent::Refused(reason) => text.push_str(reason),
                FileContent::Stored(_) => unreachable!("readers store nothing"),
            }
            attached.push((file.name, text));
        }
        Ok(())
    };
    let options = Options::new(format, PathBuf::from("export"));
    readers::read(&files, &options, &mut Sink::new(&mut emit)).unwrap();
    (attached, tally.report)
}

/// Fails unless the export contains these files, and the report counts them and nothing that was left out.
fn check(format: Format, files: &[(&str, &[u8])], expected: &[(&str, &str)]) {
    let (attached, report) = attached(format, files);
    let expected: Vec<(String, String)> =
        expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    assert_eq!(attached, expected, "{format:?} {:?}", report.odd);
    let is_missing = |(_, text): &&(String, String)| text == "missing";
    let missing = expected.iter().filter(is_missing).count() as u64;
    assert_eq!((report.files_missing, report.attachments), (missing, expected.len() as u64));
    assert_eq!(report.files_found, report.attachments - missing);
    let unused = "a file to which no message refers, left out";
    assert!(!report.odd.contains_key(unused), "{format:?} {:?}", report.odd);
}

#[test]
fn mattermost_has_files_below_data_whatever_their_names() {
    let post = |path: &str| {
        json!({"type": "post", "post": {"team": "t", "channel": "c", "user": "ada", "message": "hi",
            "create_at": 1, "attachments": [{"path": path}, {"path": "20260101/gone.pdf"}]}})
    };
    let export =
        format!("{{\"type\":\"version\",\"version\":1}}\n{}\n", post("20260101/x/a.jsonl"));
    let files: &[(&str, &[u8])] = &[
        ("top/import.jsonl", export.as_bytes()),
        ("top/data/20260101/x/a.jsonl", b"{\"type\":\"post\"}"),
    ];
    let expected = [("a.jsonl", "{\"type\":\"post\"}"), ("gone.pdf", "missing")];
    check(Format::Mattermost, files, &expected);
}

#[test]
fn discord_has_downloaded_media_next_to_the_channel() {
    let message = json!({"id": "5", "type": "Default", "timestamp": "2026-01-01T00:00:00Z",
        "content": "", "author": {"id": "1", "name": "ada"}, "attachments": [
            {"id": "7", "url": "a.json_Files\\x-1A2B3.txt", "fileName": "x.txt", "fileSizeBytes": 3},
            {"id": "8", "url": "https://cdn.example.org/y.txt", "fileName": "y.txt"}]});
    let export = json!({"guild": {}, "channel": {"id": "9", "name": "c"}, "messages": [message]});
    let export = export.to_string();
    let files: &[(&str, &[u8])] =
        &[("g/a.json", export.as_bytes()), ("g/a.json_Files/x-1A2B3.txt", b"abc")];
    check(Format::Discord, files, &[("x.txt", "abc"), ("y.txt", "missing")]);
}

#[test]
fn zulip_has_uploads_and_a_link_does_not_lead_elsewhere() {
    let realm = json!({"zerver_userprofile": [{"id": 8, "full_name": "Ada"}],
        "zerver_recipient": [{"id": 4, "type": 1, "type_id": 8}]});
    let content = "[a b.txt](/user_uploads/2/ab/q/a%20b.txt) [x](/user_uploads/records.json) \
        [y](/user_uploads/../realm.json)";
    let message = json!({"id": 1, "sender": 8, "recipient": 4, "date_sent": 1.5, "subject": "",
        "content": content});
    let messages = json!({"zerver_message": [message]}).to_string();
    let realm = realm.to_string();
    let files: &[(&str, &[u8])] = &[
        ("z/realm.json", realm.as_bytes()),
        ("z/messages-000001.json", messages.as_bytes()),
        ("z/uploads/records.json", b"[]"),
        ("z/uploads/2/ab/q/a b.txt", b"text"),
    ];
    let expected = [("a b.txt", "text"), ("x", "missing"), ("y", "missing")];
    check(Format::Zulip, files, &expected);
}

#[test]
fn telegram_has_files_in_folders_next_to_the_chat() {
    let message = |id: i64, key: &str, path: &str| {
        json!({"id": id, "type": "message", "date_unixtime": "1", "from": "A", "from_id": "user1",
            "text": "", key: path, "file_name": "named.json"})
    };
    let chat = json!({"name": "c", "type": "private_group", "id": 5, "messages": [
        message(1, "file", "files/a.json"),
        message(2, "photo", "(File not included. Change data exporting settings to download.)"),
        message(3, "file", "../../etc/passwd")]});
    let chat = chat.to_string();
    let files: &[(&str, &[u8])] = &[
        ("ChatExport/result.json", chat.as_bytes()),
        ("ChatExport/files/a.json", b"{\"name\": \"not a chat\"}"),
    ];
    let expected = [
        ("named.json", "{\"name\": \"not a chat\"}"),
        ("named.json", "missing"),
        ("named.json", "missing"),
    ];
    check(Format::Telegram, files, &expected);
}

#[test]
fn whatsapp_has_files_next_to_the_chat_and_a_text_can_be_one_of_them() {
    let chat = "[13/11/2025, 12:26:01] Bo: \u{200e}<attached: notes.txt>\n\
        [13/11/2025, 12:26:02] Bo: \u{200e}image omitted\n\
        [13/11/2025, 12:26:03] Bo: ../b/_chat.txt (file attached)\n";
    let files: &[(&str, &[u8])] = &[
        ("a/_chat.txt", chat.as_bytes()),
        ("a/notes.txt", b"[13/11/2025, 12:26:01] Ada: a chat in a text"),
    ];
    let expected = [
        ("notes.txt", "[13/11/2025, 12:26:01] Ada: a chat in a text"),
        ("image omitted", "missing"),
        ("../b/_chat.txt", "missing"),
    ];
    check(Format::WhatsApp, files, &expected);
}

#[test]
fn slack_has_files_that_other_programs_added_under_their_ids() {
    let file = |id: &str, name: &str| json!({"id": id, "name": name, "size": 4});
    let day = json!([{"type": "message", "user": "U1", "ts": "1.0", "text": "", "files":
        [file("F1", "a.txt"), file("F2", "b.txt"), file("F3", "c.txt")]}]);
    let day = day.to_string();
    let files: &[(&str, &[u8])] = &[
        ("s/channels.json", br#"[{"id": "C1", "name": "c"}]"#),
        ("s/users.json", br#"[{"id": "U1", "name": "ada"}]"#),
        ("s/c/2026-01-01.json", day.as_bytes()),
        ("s/__uploads/F1/a.txt", b"one."),
        ("s/c/attachments/F2-b.txt", b"two."),
    ];
    check(Format::Slack, files, &[("a.txt", "one."), ("b.txt", "two."), ("c.txt", "missing")]);
}

#[test]
fn matrix_has_files_whose_names_contain_the_time() {
    let message = |id: &str, second: i64| {
        json!({"type": "m.room.message", "event_id": id, "sender": "@ada:b.org",
            "origin_server_ts": 1_718_000_160_000_i64 + second * 1000,
            "content": {"msgtype": "m.file", "body": "plan.txt", "url": "mxc://b.org/1"}})
    };
    let room = json!({"room_name": "r", "messages": [message("$1", 20), message("$2", 25), message("$3", 59)]});
    let room = room.to_string();
    let files: &[(&str, &[u8])] = &[
        ("export.json", room.as_bytes()),
        ("files/plan-10.6.2024 um 08-16-20.txt", b"first"),
        ("files/plan-10.6.2024 um 08-16-25.txt", b"second"),
    ];
    let expected = [("plan.txt", "first"), ("plan.txt", "second"), ("plan.txt", "missing")];
    check(Format::Matrix, files, &expected);
}

/// Returns a document of BSON with these fields.
fn bson(fields: &[&[u8]]) -> Vec<u8> {
    let body = [&fields.concat()[..], &[0]].concat();
    let length = i32::try_from(body.len() + 4).unwrap().to_le_bytes();
    [&length[..], &body].concat()
}

/// Returns a field of BSON: a text.
fn text(name: &str, value: &str) -> Vec<u8> {
    let length = i32::try_from(value.len() + 1).unwrap().to_le_bytes();
    [&b"\x02"[..], name.as_bytes(), b"\0", &length, value.as_bytes(), b"\0"].concat()
}

/// Returns a chunk of GridFS.
fn chunk(file: &str, number: u8, bytes: &[u8]) -> Vec<u8> {
    let length = i32::try_from(bytes.len()).unwrap().to_le_bytes();
    let data = [&b"\x05data\0"[..], &length, b"\0", bytes].concat();
    let number = [&b"\x10n\0"[..], &[number, 0, 0, 0]].concat();
    bson(&[&text("files_id", file), &number, &data])
}

#[test]
fn rocketchat_has_uploads_in_chunks() {
    let message = json!({"_id": "m1", "rid": "r1", "msg": "", "ts": {"$date": 1}, "u": {"_id": "u1", "username": "ada"},
        "files": [{"_id": "f1", "name": "a.txt", "size": 6}, {"_id": "f2", "name": "b.txt"}, {"_id": "f3", "name": "c.txt"}]});
    let chunks =
        [chunk("f1", 1, b"def"), chunk("f2", 1, b"no beginning"), chunk("f1", 0, b"abc")].concat();
    let message = message.to_string();
    let files: &[(&str, &[u8])] = &[
        ("db/rocketchat_message.json", message.as_bytes()),
        ("db/rocketchat_uploads.chunks.bson", &chunks),
        ("db/f3", b"by its id"),
    ];
    let expected = [("a.txt", "abcdef"), ("b.txt", "missing"), ("c.txt", "by its id")];
    check(Format::RocketChat, files, &expected);
}

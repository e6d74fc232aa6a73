//! Recognizes the format of an export, to report it if another one was expected.

use super::format::{DetectedFormat, Format};
use super::input::{Entry, Files};
use super::readers::{looks_like_chat, looks_like_export, looks_like_log};
use super::records::StopReason;

/// Maximum number of files that are examined.
const MAX_FILES: usize = 50;
/// Maximum number of bytes of each that are examined.
const MAX_BYTES: u64 = 32 * 1024;

/// Maximum depth of the folder of a file by whose name an export is recognized: an attached file may have that name.
const MAX_DEPTH: usize = 2;

/// Returns the format of an export, if it is recognized.
pub fn detect(files: &Files) -> Result<Option<DetectedFormat>, StopReason> {
    // The folder of one conversation of Parlour's export, whose attached files may have any name.
    if let Some(entry) = files.named("messages.jsonl").filter(|entry| entry.depth() == 0)
        && looks_like_export(&String::from_utf8_lossy(&entry.beginning(MAX_BYTES)?))
    {
        return Ok(Some(DetectedFormat::Known(Format::Parlour)));
    }
    if let Some(detected) = by_names(files) {
        return Ok(Some(detected));
    }
    // No format has pages; they show texts that may look like one.
    let may_be_part =
        |entry: &&Entry| entry.bytes > 0 && !entry.is_media() && entry.extension() != "html";
    let mut entries: Vec<&Entry> = files.entries.iter().filter(may_be_part).collect();
    // Attached files, which can be exports of other products, are in folders below the export's own files.
    entries.sort_by_key(|entry| entry.depth());
    for entry in entries.into_iter().take(MAX_FILES) {
        let beginning = entry.beginning(MAX_BYTES)?;
        if let Some(detected) = by_content(entry, &String::from_utf8_lossy(&beginning)) {
            return Ok(Some(detected));
        }
    }
    Ok(None)
}

/// Refuses an export that appears to have another format.
pub fn check(files: &Files, format: Format) -> Result<(), StopReason> {
    let preferred = format.name();
    match detect(files)? {
        Some(DetectedFormat::Known(detected)) if detected != format => {
            Err(StopReason::WrongFormat(format!(
                "this is an export of {}, not of {preferred}: parlour-server import {} PATH",
                detected.name(),
                detected.as_str()
            )))
        }
        Some(DetectedFormat::Other(detected)) => Err(StopReason::WrongFormat(format!(
            "this is an export of {detected}, not of {preferred}; it cannot be imported"
        ))),
        _ => Ok(()),
    }
}

fn by_names(files: &Files) -> Option<DetectedFormat> {
    let has = |name: &str| files.named(name).is_some_and(|entry| entry.depth() <= MAX_DEPTH);
    if has("teamsList.json") {
        return Some(DetectedFormat::Other("Microsoft Teams"));
    }
    if has("realm.json") {
        return Some(DetectedFormat::Known(Format::Zulip));
    }
    let is_bson = |entry: &Entry| entry.extension() == "bson" && entry.depth() <= MAX_DEPTH;
    if files.entries.iter().any(is_bson) {
        return Some(DetectedFormat::Known(Format::RocketChat));
    }
    let is_slack = has("channels.json") && has("users.json");
    is_slack.then_some(DetectedFormat::Known(Format::Slack))
}

fn by_content(entry: &Entry, text: &str) -> Option<DetectedFormat> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    let known = |format| Some(DetectedFormat::Known(format));
    if !text.starts_with(['{', '[']) || looks_like_log(text) {
        return match entry.extension().as_str() {
            _ if text.starts_with("From ") && text.contains("\nDate:") => {
                Some(DetectedFormat::Other("a mailbox (mbox)"))
            }
            _ if looks_like_log(text) => known(Format::Irc),
            "txt" if looks_like_chat(text) => known(Format::WhatsApp),
            _ => None,
        };
    }
    if looks_like_export(text) {
        return known(Format::Parlour);
    }
    if text.starts_with("{\"type\"")
        && text.contains("\"version\"")
        && text.lines().next().is_some_and(|line| line.ends_with('}'))
    {
        return known(Format::Mattermost);
    }
    if has("zerver_message") {
        return known(Format::Zulip);
    }
    if has("guild") && has("channel") && has("messages") {
        return known(Format::Discord);
    }
    if has("room_name") && has("messages") {
        return known(Format::Matrix);
    }
    if (has("messages") && has("from_id"))
        || (has("messages")
            && has("type")
            && (text.contains("_chat\"")
                || text.contains("_group\"")
                || text.contains("_supergroup\"")
                || text.contains("_channel\"")))
        || (has("chats") && has("personal_information"))
    {
        return known(Format::Telegram);
    }
    if (has("rid") && has("msg")) || (has("ims") || has("channels") || has("groups")) && has("_id")
    {
        return known(Format::RocketChat);
    }
    if text.starts_with('[') && has("fromUser") && has("sent") {
        return Some(DetectedFormat::Other("Gitter"));
    }
    if has("items") && (has("message_format") || has("mention_name")) {
        return Some(DetectedFormat::Other("HipChat"));
    }
    if has("MessageType") && has("CreatedDateTime") {
        return Some(DetectedFormat::Other("Microsoft Teams"));
    }
    (text.starts_with('[') && has("ts") && has("text"))
        .then_some(DetectedFormat::Known(Format::Slack))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_of_another_format_is_refused() {
        let files =
            Files::in_memory(&[("x.json", br#"{"guild": {}, "channel": {}, "messages": []}"#)]);
        assert_eq!(detect(&files).unwrap(), Some(DetectedFormat::Known(Format::Discord)));
        let reason = check(&files, Format::Telegram).unwrap_err().to_string();
        assert!(reason.contains("Discord") && reason.contains("import discord"), "{reason}");
        assert!(check(&files, Format::Discord).is_ok());
        let lines = b"{\"type\":\"version\",\"version\":1}\n";
        let attached = Files::in_memory(&[
            ("data/2026/teams/t/a/realm.json", b"{}"),
            ("data/2026/teams/t/b/a.log", b"[10:00] <oak> hi\n"),
            ("import.jsonl", lines),
        ]);
        assert_eq!(detect(&attached).unwrap(), Some(DetectedFormat::Known(Format::Mattermost)));
        let lines = br#"{"type":"header","format":"parlour-export","version":1}"#;
        let own = Files::in_memory(&[
            ("conversations/a/files/realm.json", b"{}"),
            ("conversations/a/index.html", b"[10:00] <oak> hi\n"),
            ("conversations/a/messages.jsonl", lines),
        ]);
        assert_eq!(detect(&own).unwrap(), Some(DetectedFormat::Known(Format::Parlour)));
        let folder = Files::in_memory(&[("files/realm.json", b"{}"), ("messages.jsonl", lines)]);
        assert_eq!(detect(&folder).unwrap(), Some(DetectedFormat::Known(Format::Parlour)));
        let log = Files::in_memory(&[("a.log", b"[10:00] <oak> hi\n")]);
        assert_eq!(detect(&log).unwrap(), Some(DetectedFormat::Known(Format::Irc)));
        let mail = Files::in_memory(&[("a.mbox", b"From a@b Mon\nDate: x\n")]);
        assert!(matches!(detect(&mail).unwrap(), Some(DetectedFormat::Other(_))));
    }
}

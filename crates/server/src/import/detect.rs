//! Recognizes the format of an export, to report it if another one was expected.

use super::form::Stop;
use super::format::{Format, Seen};
use super::input::{Entry, Files};
use super::readers::{looks_like_a_chat, looks_like_a_log};

/// Maximum number of files that are examined.
const FILES: usize = 50;
/// Number of bytes of each that are examined.
const BYTES: u64 = 32 * 1024;

/// Returns the format of an export, if it is recognized.
pub fn detect(files: &Files) -> Result<Option<Seen>, Stop> {
    if let Some(seen) = by_names(files) {
        return Ok(Some(seen));
    }
    for entry in files.entries.iter().filter(|entry| entry.bytes > 0).take(FILES) {
        let beginning = entry.beginning(BYTES)?;
        if let Some(seen) = by_content(entry, &String::from_utf8_lossy(&beginning)) {
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

/// Refuses an export that appears to have another format.
pub fn check(files: &Files, format: Format) -> Result<(), Stop> {
    let wanted = format.name();
    match detect(files)? {
        Some(Seen::Known(seen)) if seen != format => Err(Stop::Wrong(format!(
            "this is an export of {}, not of {wanted}: parlour-server import {} PATH",
            seen.name(),
            seen.as_str()
        ))),
        Some(Seen::Other(seen)) => Err(Stop::Wrong(format!(
            "this is an export of {seen}, not of {wanted}; it cannot be imported"
        ))),
        _ => Ok(()),
    }
}

fn by_names(files: &Files) -> Option<Seen> {
    if files.named("teamsList.json").is_some() {
        return Some(Seen::Other("Microsoft Teams"));
    }
    if files.named("realm.json").is_some() {
        return Some(Seen::Known(Format::Zulip));
    }
    if files.entries.iter().any(|entry| entry.ending() == "bson") {
        return Some(Seen::Known(Format::RocketChat));
    }
    let has = |name: &str| files.named(name).is_some();
    let is_slack = has("channels.json") && has("users.json");
    is_slack.then_some(Seen::Known(Format::Slack))
}

fn by_content(entry: &Entry, text: &str) -> Option<Seen> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    let known = |format| Some(Seen::Known(format));
    if !text.starts_with(['{', '[']) || looks_like_a_log(text) {
        return match entry.ending().as_str() {
            _ if text.starts_with("From ") && text.contains("\nDate:") => {
                Some(Seen::Other("a mailbox (mbox)"))
            }
            _ if looks_like_a_log(text) => known(Format::Irc),
            "txt" if looks_like_a_chat(text) => known(Format::WhatsApp),
            _ => None,
        };
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
        return Some(Seen::Other("Gitter"));
    }
    if has("items") && (has("message_format") || has("mention_name")) {
        return Some(Seen::Other("HipChat"));
    }
    if has("MessageType") && has("CreatedDateTime") {
        return Some(Seen::Other("Microsoft Teams"));
    }
    (text.starts_with('[') && has("ts") && has("text")).then_some(Seen::Known(Format::Slack))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_kind_is_said() {
        let files =
            Files::in_memory(&[("x.json", br#"{"guild": {}, "channel": {}, "messages": []}"#)]);
        assert_eq!(detect(&files).unwrap(), Some(Seen::Known(Format::Discord)));
        let why = check(&files, Format::Telegram).unwrap_err().to_string();
        assert!(why.contains("Discord") && why.contains("import discord"), "{why}");
        assert!(check(&files, Format::Discord).is_ok());
        let log = Files::in_memory(&[("a.log", b"[10:00] <oak> hi\n")]);
        assert_eq!(detect(&log).unwrap(), Some(Seen::Known(Format::Irc)));
        let mail = Files::in_memory(&[("a.mbox", b"From a@b Mon\nDate: x\n")]);
        assert!(matches!(detect(&mail).unwrap(), Some(Seen::Other(_))));
    }
}

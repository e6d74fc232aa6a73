//! Parses bytes as an export of each format, for the fuzz targets.

use super::format::Format;
use super::input::Files;
use super::options::Options;
use super::readers;
use super::records::{Record, Sink};
use super::report::Report;
use super::tally::Tally;
use parlour_protocol::Millis;
use std::path::PathBuf;

/// Returns the name of a format's file, and the files that belong next to it.
fn name(format: Format) -> &'static str {
    match format {
        Format::Slack => "general/2026-01-01.json",
        Format::Mattermost => "import.jsonl",
        Format::Zulip => "messages-000001.json",
        Format::RocketChat => "rocketchat_message.json",
        Format::WhatsApp => "_chat.txt",
        Format::Irc => "#workshop_20260101.log",
        Format::Parlour => "messages.jsonl",
        Format::Discord | Format::Telegram | Format::Matrix => "export.json",
    }
}

/// Parses the bytes as an export. Whatever they are, everything in them is passed on or reported, and every time can
/// be stored.
pub fn read(format: Format, bytes: &[u8]) -> Report {
    let files = Files::in_memory(&[(name(format), bytes)]);
    let options = Options::new(format, PathBuf::from("export"));
    let mut tally = Tally::new(Report::default());
    let mut emit = |record: Record| {
        if let Record::Message(message) = &record {
            let stored = -62_135_596_800_000..=253_402_300_799_999;
            assert!(stored.contains(&message.at.0) || message.at == Millis(0));
            assert!(!message.key.is_empty() && !message.sender.is_empty());
        }
        tally.add(&record);
        Ok(())
    };
    let read = readers::read(&files, &options, &mut Sink::new(&mut emit));
    let Tally { report, .. } = tally;
    let has_bytes = bytes.iter().any(|byte| !byte.is_ascii_whitespace() && *byte != 0);
    let has_result =
        report.messages + report.notices + report.broken + report.people + report.conversations > 0
            || !report.odd.is_empty()
            || read.is_err();
    // A short file, or lines about the export itself, may contain nothing.
    let must_have_result = bytes.len() > 64 && format != Format::Mattermost;
    assert!(
        has_result || !has_bytes || !must_have_result,
        "nothing was read from {format:?}: {}",
        String::from_utf8_lossy(bytes)
    );
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_samples::run_samples;

    /// The formats, each with the name of its fuzz target.
    const FORMATS: [(Format, &str); 9] = [
        (Format::Slack, "slack"),
        (Format::Mattermost, "mattermost"),
        (Format::Discord, "discord"),
        (Format::Zulip, "zulip"),
        (Format::Telegram, "telegram"),
        (Format::RocketChat, "rocketchat"),
        (Format::Matrix, "matrix"),
        (Format::WhatsApp, "whatsapp"),
        (Format::Parlour, "parlour"),
    ];

    #[test]
    fn everything_in_an_export_is_passed_on_or_reported() {
        for (format, target) in FORMATS {
            run_samples(target, 3_000, |bytes| {
                read(format, bytes);
            });
        }
    }
}

//! Prints the results of imports, and of undoing them, for people.

use crate::units::{byte_size, counted, date, line};
use parlour_server::import::{ImportRun, Report, UndoReport};

/// Formats an import in the list of imports.
pub fn import_line(run: &ImportRun) -> String {
    let ImportRun { number, format, name, started_at, added, changed, .. } = run;
    let state = match (run.undone_at, run.finished_at) {
        (Some(at), _) => format!(", undone {}", date(at)),
        (None, Some(_)) => String::new(),
        (None, None) => ", not finished".to_owned(),
    };
    let began = date(*started_at);
    format!("{number:>4} {began} {format:<10} {name}: {added} added, {changed} changed{state}")
}

/// Prints what undoing an import removed, and what stayed.
pub fn undone_lines(report: &UndoReport) {
    line(&format!(
        "{}, {} and {} removed",
        counted(report.messages, "message", "messages"),
        counted(report.conversations, "conversation", "conversations"),
        counted(report.people, "person", "people")
    ));
    for (reason, count) in &report.kept {
        line(&format!("stayed: {count} {reason}"));
    }
}

/// Prints the report of an import or a dry run.
pub fn report_lines(report: &Report) {
    lines(report).iter().for_each(|text| line(text));
}

fn lines(report: &Report) -> Vec<String> {
    let mut lines = contents(report);
    lines.extend(if report.dry_run { needs(report) } else { additions(report) });
    lines.push(format!(
        "the export has {}, {} of an earlier import unchanged",
        counted(report.files_read, "file", "files"),
        report.unchanged
    ));
    if report.notices > 0 {
        lines.push(counted(
            report.notices,
            "join, leave or rename skipped",
            "joins, leaves and renames skipped",
        ));
    }
    if let Some(number) = report.number {
        lines.push(format!("to remove what it added: parlour-server imports undo {number}"));
    }
    for (reason, (count, examples)) in &report.odd {
        let more = if *count > examples.len() as u64 { ", …" } else { "" };
        lines.push(format!("{count} × {reason}: {}{more}", examples.join(", ")));
    }
    for (what, file) in
        [("the full report", &report.report_file), ("the map of people", &report.people_file)]
    {
        if let Some(file) = file {
            lines.push(format!("{what} is in {}", file.display()));
        }
    }
    lines
}

/// Describes what the export contains.
fn contents(report: &Report) -> Vec<String> {
    let name = report.format.map(|format| format.name()).unwrap_or_default();
    let mut lines = vec![
        format!(
            "{name}: {} ({} listed, {}, {} matched to users of this server)",
            counted(report.people, "person", "people"),
            report.people_listed,
            counted(report.bots, "bot", "bots"),
            report.people_matched
        ),
        format!(
            "{}, {}, {} with {}",
            counted(report.conversations, "conversation", "conversations"),
            counted(report.messages, "message", "messages"),
            counted(report.threads, "thread", "threads"),
            counted(report.replies, "reply", "replies")
        ),
        counted(report.reactions, "reaction", "reactions"),
    ];
    if report.attachments > 0 {
        lines.push(format!(
            "{}: {} found ({}), {} missing or not accepted",
            counted(report.attachments, "file", "files"),
            report.files_found,
            byte_size(report.files_found_bytes),
            report.files_missing
        ));
    }
    if let (Some(first), Some(last)) = (report.first, report.last) {
        lines.push(format!("from {} to {}", date(first), date(last)));
    }
    lines
}

/// Describes what an import would need.
fn needs(report: &Report) -> Vec<String> {
    vec![format!(
        "about {} of disk space needed by the database, and at most {} by files; nothing was stored",
        byte_size(report.bytes_needed),
        byte_size(report.file_bytes_needed)
    )]
}

/// Describes what the import added.
fn additions(report: &Report) -> Vec<String> {
    let changed = match report.changed {
        0 => String::new(),
        changed => format!(", {changed} changed"),
    };
    let mut lines = vec![format!(
        "{} added, {} already there{changed}",
        counted(report.added, "message", "messages"),
        report.known
    )];
    if report.files_found > 0 {
        lines.push(format!(
            "{} stored ({})",
            counted(report.files_added, "file", "files"),
            byte_size(report.files_added_bytes)
        ));
    }
    if report.reordered > 0 {
        lines.push(format!(
            "{} sorted by time",
            counted(report.reordered, "conversation", "conversations")
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;
    use parlour_server::import::Report;

    #[test]
    fn one_of_something_is_not_called_several() {
        let one = Report {
            people: 1,
            conversations: 1,
            messages: 1,
            threads: 1,
            replies: 1,
            reactions: 1,
            added: 1,
            files_read: 1,
            notices: 1,
            ..Report::default()
        };
        let text = lines(&one).join("\n");
        for expected in [
            "1 person (",
            "1 conversation, 1 message, 1 thread with 1 reply\n1 reaction\n",
            "1 message added, 0 already there\n",
            "the export has 1 file, 0 of an earlier import unchanged\n1 join, leave or rename skipped",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in {text}");
        }
        let many = Report { messages: 2, ..Report::default() };
        assert!(
            lines(&many)
                .join("\n")
                .contains("0 conversations, 2 messages, 0 threads with 0 replies")
        );
    }
}

//! Prints the results of imports, and of undoing them, for people.

use crate::units::{byte_size, date, line};
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
    let UndoReport { messages, conversations, people, .. } = report;
    line(&format!(
        "{messages} messages, {conversations} conversations and {people} people removed"
    ));
    for (reason, count) in &report.kept {
        line(&format!("stayed: {count} {reason}"));
    }
}

/// Prints the report of an import or a dry run.
pub fn report_lines(report: &Report) {
    let name = report.format.map(|format| format.name()).unwrap_or_default();
    let Report { people, people_listed, bots, people_matched, .. } = report;
    line(&format!(
        "{name}: {people} people ({people_listed} listed, {bots} bots, {people_matched} matched to users of this \
         server)"
    ));
    let Report { conversations, messages, threads, replies, .. } = report;
    line(&format!(
        "{conversations} conversations, {messages} messages, {threads} threads with {replies} replies"
    ));
    line(&format!("{} reactions", report.reactions));
    if report.attachments > 0 {
        line(&format!(
            "{} files: {} found ({}), {} missing or not accepted",
            report.attachments,
            report.files_found,
            byte_size(report.files_found_bytes),
            report.files_missing
        ));
    }
    if let (Some(first), Some(last)) = (report.first, report.last) {
        line(&format!("from {} to {}", date(first), date(last)));
    }
    if report.dry_run {
        line(&format!(
            "about {} of disk space needed by the database, and at most {} by files; nothing was stored",
            byte_size(report.bytes_needed),
            byte_size(report.file_bytes_needed)
        ));
    } else {
        let changed = match report.changed {
            0 => String::new(),
            changed => format!(", {changed} changed"),
        };
        line(&format!("{} messages added, {} already there{changed}", report.added, report.known));
        if report.files_found > 0 {
            line(&format!(
                "{} files stored ({})",
                report.files_added,
                byte_size(report.files_added_bytes)
            ));
        }
        if report.reordered > 0 {
            line(&format!("{} conversations sorted by time", report.reordered));
        }
    }
    line(&format!(
        "the export has {} files, {} of an earlier import unchanged",
        report.files_read, report.unchanged
    ));
    line(&format!("{} joins, leaves and renames skipped", report.notices));
    if let Some(number) = report.number {
        line(&format!("to remove what it added: parlour-server imports undo {number}"));
    }
    for (reason, (count, examples)) in &report.odd {
        let more = if *count > examples.len() as u64 { ", …" } else { "" };
        line(&format!("{count} × {reason}: {}{more}", examples.join(", ")));
    }
    for (what, file) in
        [("the full report", &report.report_file), ("the map of people", &report.people_file)]
    {
        if let Some(file) = file {
            line(&format!("{what} is in {}", file.display()));
        }
    }
}

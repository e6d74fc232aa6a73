//! Prints to standard output: lines for people, or JSON for programs.

use crate::failure::{Failure, Result};
use crate::init::PORT;
use crate::printed_imports::{import_line, report_lines, undone_lines};
use crate::units::{byte_size, counted, date, line};
use indicatif::{ProgressBar, ProgressStyle};
use parlour_protocol::{SessionInfo, invitation_link};
use parlour_server::admin::audit::Chain;
use parlour_server::backup::{BackupStatus, FileTotals, NewBackup};
use parlour_server::control::{
    CertificateStatus, Invited, Item, Person, Reply, Status, Table, VerifyReport,
};
use parlour_server::doctor::{Finding, PUT_FILES_BACK};
use parlour_server::export::ExportReport;
use serde::Serialize;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Prints the progress and the result of a request.
pub struct Printer {
    json: bool,
    /// The address that links begin with, if the command line or the settings contain one.
    server: Option<String>,
    /// The address at which the server listens when it runs, if the settings are known.
    listen: Option<SocketAddr>,
    bar: ProgressBar,
}

/// Prints, for programs, that a command without any other result has succeeded. Prints nothing for people.
pub fn print_done(json: bool) {
    if json {
        line(&json!({"done": true}).to_string());
    }
}

fn object(value: &impl Serialize) {
    line(&serde_json::to_string(value).expect("plain data"));
}

impl Printer {
    /// Creates a printer. Links begin with `server` if it is given, and otherwise with the address that the server
    /// reports.
    pub fn new(json: bool, server: Option<String>) -> Result<Self> {
        let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes} {eta} left")?;
        Ok(Self { json, server, listen: None, bar: ProgressBar::new(0).with_style(style) })
    }

    /// Sets where the server listens according to its settings, for links to a server that does not run.
    pub fn with_listen(self, listen: SocketAddr) -> Self {
        Self { listen: Some(listen), ..self }
    }

    /// Prints an item that precedes the reply.
    pub fn item(&self, item: Item) {
        match (item, self.json) {
            (Item::Progress { done, total }, false) => {
                self.bar.set_length(total);
                self.bar.set_position(done);
            }
            (Item::Progress { done, total }, true) => {
                object(&json!({"progress": {"done": done, "total": total}}));
            }
            (Item::Finding(finding), true) => object(&finding),
            (Item::Finding(finding), false) => line(&finding_lines(&finding)),
            (Item::Person(person), true) => object(&person),
            (Item::Person(person), false) => line(&person_line(&person)),
            (Item::Session(session), true) => object(&session),
            (Item::Session(session), false) => line(&session_line(&session)),
            (Item::Group(group), true) => object(&group),
            (Item::Group(group), false) => {
                line(&format!("{} {:>5} {}", group.id, group.member_count, group.title));
            }
            (Item::Ownerless(group), true) => object(&group),
            (Item::Ownerless(group), false) => {
                line(&format!("{} {:>5} {}", group.id, group.member_count, group.title));
            }
            (Item::Table(table), true) => object(&table),
            (Item::Table(Table { table, rows, digest }), false) => {
                line(&format!("{rows:>10} {table:<22} {digest}"));
            }
            (Item::Import(run), true) => object(&run),
            (Item::Import(run), false) => line(&import_line(&run)),
            (Item::Entry { entry, .. }, true) => object(&entry),
            (Item::Entry { line: text, .. }, false) => line(&text),
        }
    }

    /// Removes the progress bar.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Prints the reply.
    pub fn reply(&self, reply: Reply) -> Result {
        self.end();
        match (reply, self.json) {
            (Reply::Done, json) => print_done(json),
            (Reply::Listed, _) | (Reply::Person(_), false) => {}
            (Reply::Person(person), true) => object(&person),
            (Reply::Status(status), true) => object(&status),
            (Reply::Status(status), false) => status_lines(&status),
            (Reply::Invited(invited), json) => self.invited(invited, json),
            (Reply::Imported(report), true) => object(&report),
            (Reply::Imported(report), false) => report_lines(&report),
            (Reply::Undone(report), true) => object(&report),
            (Reply::Undone(report), false) => undone_lines(&report),
            (Reply::Exported(report), true) => object(&report),
            (Reply::Exported(report), false) => exported_lines(&report),
            (Reply::AuditLog(Chain::Whole { .. }), true) => {}
            (Reply::AuditLog(Chain::Whole { entries, hash }), false) => {
                line(&format!(
                    "{entries} entries, and the chain is intact. The newest hash: {hash}"
                ));
            }
            (Reply::AuditLog(Chain::Broken { number }), json) => {
                return Err(Failure::with_format(json)(tampered_message(number)));
            }
            (Reply::BackedUp(backup), true) => object(&backup),
            (Reply::BackedUp(backup), false) => backup_made_lines(&backup),
            (Reply::Checked(checked), json) => return checked_lines(&checked, json),
        }
        Ok(())
    }

    fn invited(&self, invited: Invited, json: bool) {
        let Invited { invitation, secret, address, pin } = invited;
        let server = self.server.clone().or(address);
        let pin = pin.and_then(|pin| pin.parse().ok());
        let server = server.unwrap_or_else(|| {
            let scheme = if pin.is_some() { "https" } else { "http" };
            let listen = self.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, PORT).into());
            format!("{scheme}://{}", local_address(listen))
        });
        let link = invitation_link(&server, &secret, pin);
        if !json {
            return line(&link);
        }
        let (id, role, uses) = (invitation.id, invitation.role, invitation.uses_left);
        let until = invitation.expires_at;
        object(&json!({"link": link, "id": id, "role": role, "uses": uses, "expiresAt": until}));
    }
}

/// Returns the address at which this computer reaches a server that listens at `listen`.
fn local_address(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        ip if !ip.is_unspecified() => listen,
        IpAddr::V4(_) => (Ipv4Addr::LOCALHOST, listen.port()).into(),
        IpAddr::V6(_) => (Ipv6Addr::LOCALHOST, listen.port()).into(),
    }
}

fn tampered_message(number: i64) -> String {
    format!("the audit log was tampered with: entry {number} does not continue the previous one")
}

/// Prints what a backup contains, and what it lacks.
fn backup_made_lines(backup: &NewBackup) {
    let encryption = if backup.is_encrypted { "encrypted" } else { "not encrypted" };
    let (from, to) = (byte_size(backup.database_bytes), byte_size(backup.bytes));
    let files = backup.files.map(|files| stored_totals(files, backup.missing_files));
    let files = files.map(|files| format!(" and {}", file_totals(files))).unwrap_or_default();
    line(&format!("{}: {from}{files} in {to}, {encryption}", backup.file.display()));
    if backup.missing_files.count > 0 {
        line(&format!(
            "{} of messages could not be included, because the server's store of files lacks what they contain: \
             `parlour-server verify` names them",
            file_totals(backup.missing_files)
        ));
    }
    if !backup.is_encrypted {
        line(
            "parlour.toml and tls.pem contain secrets, so only encrypted backups include them: keep copies of them",
        );
    }
}

fn exported_lines(report: &ExportReport) {
    line(&format!(
        "{}: {}, {}, {} in {}, not encrypted",
        report.folder.display(),
        counted(report.conversations, "conversation", "conversations"),
        counted(report.messages, "message", "messages"),
        counted(report.files, "file", "files"),
        byte_size(report.bytes)
    ));
    match (report.private, report.left_out) {
        (true, _) => line("private conversations are included"),
        (false, 0) => {}
        (false, left_out) => line(&format!(
            "{} left out, because export_private is not set in parlour.toml",
            counted(left_out, "private conversation was", "private conversations were")
        )),
    }
    if report.missing_files > 0 {
        line(&format!(
            "{} missing in it, because they are missing where the server stores files: `parlour-server verify` names \
             them",
            counted(report.missing_files, "file of a message is", "files of messages are")
        ));
    }
}

/// Prints that everything is intact, or fails with a description of the damage, and what to do about it.
fn checked_lines(checked: &VerifyReport, json: bool) -> Result {
    if let Some(reason) = damage(checked) {
        return Err(Failure::with_format(json)(reason));
    }
    if !json {
        line("the database is intact, and so is the audit log");
    }
    print_done(json);
    Ok(())
}

/// Describes what is damaged; `None` if everything is intact.
fn damage(checked: &VerifyReport) -> Option<String> {
    let mut damage = Vec::new();
    if !checked.faults.is_empty() {
        let faults = checked.faults.join("; ");
        damage.push(format!(
            "the database is damaged, and `parlour-server doctor` explains what to do: {faults}"
        ));
    }
    if let Chain::Broken { number } = checked.audit {
        damage.push(tampered_message(number));
    }
    if !checked.file_faults.is_empty() {
        let database = if damage.is_empty() { "the database is intact, but " } else { "" };
        let faults = checked.file_faults.join("; ");
        damage.push(format!(
            "{database}contents of files are missing or damaged: {faults}. To repair them: {PUT_FILES_BACK}"
        ));
    }
    (!damage.is_empty()).then(|| damage.join(". "))
}

/// Returns the totals of the files of which nothing is missing.
fn stored_totals(all: FileTotals, missing: FileTotals) -> FileTotals {
    FileTotals {
        count: all.count.saturating_sub(missing.count),
        bytes: all.bytes.saturating_sub(missing.bytes),
    }
}

/// Describes files: "1 file (3 KiB)".
pub fn file_totals(files: FileTotals) -> String {
    format!("{} ({})", counted(files.count, "file", "files"), byte_size(files.bytes))
}

/// Formats a finding, and what to do about it on a second line.
fn finding_lines(finding: &Finding) -> String {
    let (state, check) = (finding.state.as_str(), finding.check.as_str());
    let to_do = finding.to_do.as_ref().map(|to_do| format!("\n{:<8}{:<13}-> {to_do}", "", ""));
    format!("{state:<8}{check:<13}{}{}", finding.found, to_do.unwrap_or_default())
}

fn person_line(person: &Person) -> String {
    let state = match (person.erased_at, person.deactivated_at, person.can_sign_in) {
        (Some(at), ..) => format!("erased {}", date(at)),
        (None, Some(at), _) => format!("deactivated {}", date(at)),
        (None, None, true) => "active".to_owned(),
        (None, None, false) => "no-password".to_owned(),
    };
    format!("{:<24} {:<14} {state}", person.username, person.role.as_str())
}

fn session_line(session: &SessionInfo) -> String {
    let SessionInfo { id, device, address, created_at, last_used_at, .. } = session;
    let (began, used) = (date(*created_at), date(last_used_at.unwrap_or(*created_at)));
    format!("{id} {began} {used} {address} {device}")
}

fn status_lines(status: &Status) {
    let print_field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            line(&format!("{:<14} {value}", format!("{name}:")));
        }
    };
    print_field("running", Some(if status.running { "yes" } else { "no" }.to_owned()));
    print_field("name", status.name.clone());
    print_field("version", Some(status.version.clone()));
    print_field("address", status.address.clone());
    print_field("public address", status.public_url.clone());
    print_field("up for", status.uptime_ms.map(duration));
    print_field("registration", status.registration.map(|mode| mode.as_str().to_owned()));
    print_field("people", status.people.map(|count| count.to_string()));
    print_field("sessions", status.sessions.map(|count| count.to_string()));
    print_field("sockets", status.sockets.map(|count| count.to_string()));
    print_field("certificate", status.certificate.as_ref().map(certificate_line));
    print_field(
        "database",
        Some(format!("{}, {}", status.database.kind, byte_size(status.database.bytes))),
    );
    print_field("files", status.file_bytes.map(byte_size));
    backup_lines(&status.backups, print_field);
}

fn backup_lines(backups: &BackupStatus, print_field: impl Fn(&str, Option<String>)) {
    let planned = backups.folder.as_ref().zip(backups.every_hours);
    let plan =
        planned.map(|(folder, hours)| format!("every {hours} hours into {}", folder.display()));
    print_field("backups", Some(plan.unwrap_or_else(|| "not automatic".to_owned())));
    let last = backups.last.as_ref();
    let last = last.map(|last| {
        format!("{}, {}, {}", date(last.at), byte_size(last.bytes), last.file.display())
    });
    print_field("last backup", Some(last.unwrap_or_else(|| "none".to_owned())));
    let failed = backups.failed.as_ref();
    print_field(
        "failed backup",
        failed.map(|failed| format!("{}: {}", date(failed.at), failed.reason)),
    );
}

fn certificate_line(certificate: &CertificateStatus) -> String {
    let kind = &certificate.kind;
    let mut line = match (certificate.present, certificate.expires_at) {
        (false, _) => format!("{kind}, none yet: every connection is refused"),
        (true, Some(at)) => format!("{kind}, until {}", date(at)),
        (true, None) => kind.clone(),
    };
    if let Some(failure) = &certificate.failure {
        let again = certificate.retry_at.map(date).unwrap_or_default();
        line.push_str(&format!("; renewal failed: {failure}; next attempt at {again}"));
    }
    line
}

fn duration(ms: u64) -> String {
    let (minutes, seconds) = (ms / 60_000, ms / 1000 % 60);
    let (days, hours) = (minutes / (24 * 60), minutes / 60 % 24);
    format!("{days} d {hours} h {} min {seconds} s", minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_distinguishes_a_damaged_database_from_missing_files() {
        let texts = |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        let report = |faults: &[&str], file_faults: &[&str], audit| {
            let (faults, file_faults) = (texts(faults), texts(file_faults));
            damage(&VerifyReport { faults, file_faults, audit })
        };
        let whole = || Chain::Whole { entries: 1, hash: String::new() };
        assert_eq!(report(&[], &[], whole()), None);
        let files = report(&[], &["the file a: it is gone"], whole()).unwrap();
        assert!(files.starts_with("the database is intact, but contents of files are missing"));
        assert!(files.contains("a: it is gone") && files.ends_with(PUT_FILES_BACK), "{files}");
        let both = report(&["a page"], &["the file a: it is gone"], whole()).unwrap();
        assert!(both.starts_with("the database is damaged") && !both.contains("intact"), "{both}");
        let tampered = report(&[], &[], Chain::Broken { number: 7 }).unwrap();
        assert!(tampered.contains("entry 7") && !tampered.contains("database"), "{tampered}");
    }

    #[test]
    fn files_that_are_missing_in_a_backup_are_not_counted_as_its_contents() {
        let totals = |count, bytes| FileTotals { count, bytes };
        assert_eq!(stored_totals(totals(4, 32), totals(3, 24)), totals(1, 8));
        assert_eq!(file_totals(totals(1, 2048)), "1 file (2 KiB)");
    }
}

//! What is printed: lines for people, or JSON for programs.

use crate::failure::Result;
use indicatif::{ProgressBar, ProgressStyle};
use parlour_protocol::{Millis, SessionInfo, invitation_link};
use parlour_server::admin::audit::Chain;
use parlour_server::control::{CertificateStatus, Invited, Item, Person, Reply, Status};
use parlour_server::doctor::Finding;
use parlour_server::import::Report;
use serde::Serialize;
use serde_json::json;
use std::io::Write;

/// Prints what comes of a request.
pub struct Printer {
    json: bool,
    /// The address that links begin with, if the command line or the settings say it.
    server: Option<String>,
    bar: ProgressBar,
}

/// Tells a program that something is done of which there is nothing else to tell.
pub fn print_done(json: bool) {
    if json {
        line(&json!({"done": true}).to_string());
    }
}

/// Who asked may have read as much as they wanted.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn object(value: &impl Serialize) {
    line(&serde_json::to_string(value).expect("plain data"));
}

impl Printer {
    /// In JSON or in lines; links begin with this address, or else with what the server says that it has.
    pub fn new(json: bool, server: Option<String>) -> Result<Self> {
        let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes} {eta} left")?;
        Ok(Self { json, server, bar: ProgressBar::new(0).with_style(style) })
    }

    /// Prints what comes before the answer.
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
            (Item::Entry { entry, .. }, true) => object(&entry),
            (Item::Entry { line: text, .. }, false) => line(&text),
        }
    }

    /// Prints the answer.
    pub fn reply(&self, reply: Reply) -> Result {
        self.bar.finish_and_clear();
        match (reply, self.json) {
            (Reply::Done, json) => print_done(json),
            (Reply::Listed, _) | (Reply::Person(_), false) => {}
            (Reply::Person(person), true) => object(&person),
            (Reply::Status(status), true) => object(&status),
            (Reply::Status(status), false) => status_lines(&status),
            (Reply::Invited(invited), json) => self.invited(invited, json),
            (Reply::Imported(report), true) => object(&report),
            (Reply::Imported(report), false) => report_lines(&report),
            (Reply::Audited(Chain::Whole { .. }), true) => {}
            (Reply::Audited(Chain::Whole { entries, hash }), false) => {
                line(&format!(
                    "{entries} entries, and the chain is whole. The newest hash: {hash}"
                ));
            }
            (Reply::Audited(Chain::Broken { number }), json) => {
                let why = format!(
                    "the audit was tampered with: entry {number} does not continue the one before it"
                );
                return Err(crate::failure::Failure::of(json)(why));
            }
        }
        Ok(())
    }

    fn invited(&self, invited: Invited, json: bool) {
        let Invited { invitation, secret, address, pin } = invited;
        let server = self.server.clone().or(address);
        let pin = pin.and_then(|pin| pin.parse().ok());
        let usual = if pin.is_some() { "https://127.0.0.1:7700" } else { "http://127.0.0.1:7700" };
        let link = invitation_link(server.as_deref().unwrap_or(usual), &secret, pin);
        if !json {
            return line(&link);
        }
        let (id, role, uses) = (invitation.id, invitation.role, invitation.uses_left);
        let until = invitation.expires_at;
        object(&json!({"link": link, "id": id, "role": role, "uses": uses, "expiresAt": until}));
    }
}

fn date(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| format!("{at:.0}")).unwrap_or_default()
}

/// What was found, and below it what to do.
fn finding_lines(finding: &Finding) -> String {
    let (state, check) = (finding.state.as_str(), finding.check.as_str());
    let to_do = finding.to_do.as_ref().map(|to_do| format!("\n{:<8}{:<13}-> {to_do}", "", ""));
    format!("{state:<8}{check:<13}{}{}", finding.found, to_do.unwrap_or_default())
}

fn person_line(person: &Person) -> String {
    let state = match (person.erased_at, person.deactivated_at, person.signs_in) {
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
    let told = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            line(&format!("{:<14} {value}", format!("{name}:")));
        }
    };
    told("running", Some(if status.running { "yes" } else { "no" }.to_owned()));
    told("name", status.name.clone());
    told("version", Some(status.version.clone()));
    told("address", status.address.clone());
    told("public address", status.public_url.clone());
    told("up for", status.uptime_ms.map(duration));
    told("registration", status.registration.map(|mode| mode.as_str().to_owned()));
    told("people", status.people.map(|many| many.to_string()));
    told("sessions", status.sessions.map(|many| many.to_string()));
    told("sockets", status.sockets.map(|many| many.to_string()));
    told("certificate", status.certificate.as_ref().map(certificate_line));
    let mib = status.database.bytes as f64 / (1024.0 * 1024.0);
    told("database", Some(format!("{}, {mib:.1} MiB", status.database.kind)));
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
        line.push_str(&format!("; no new one: {failure}; trying again at {again}"));
    }
    line
}

fn duration(ms: u64) -> String {
    let (minutes, seconds) = (ms / 60_000, ms / 1000 % 60);
    let (days, hours) = (minutes / (24 * 60), minutes / 60 % 24);
    format!("{days} d {hours} h {} min {seconds} s", minutes % 60)
}

fn report_lines(report: &Report) {
    line(&format!("{} messages added, {} already there", report.added, report.known));
    line(&format!(
        "{} files read, {} of them unchanged since the last import",
        report.files, report.unchanged
    ));
    line(&format!("{} joins, leaves and renames are not messages", report.notices));
    for (why, (count, places)) in &report.odd {
        let more = if *count > 5 { ", …" } else { "" };
        line(&format!("{count} × {why}: {}{more}", places.join(", ")));
    }
}

//! Checks whether the certificate exists, matches its key, and will be valid for a while.

use super::finding::{Check, Finding, State};
use super::server::{ExaminedServer, day, now, seconds};
use crate::db::DatabaseAddress;
use crate::no_follow::is_foreign_link;
use crate::tls::{TlsMode, Validity, matches_settings, validity};
use parlour_protocol::periods::CERTIFICATE_WARNING_MS;

/// The remaining time below which somebody has to act, in seconds.
const WARNING_TIME: i64 = CERTIFICATE_WARNING_MS / 1000;

/// The advice if the server obtains its certificates itself.
const WAIT_FOR_ACME: &str = "run the server where the authority can connect to it on port 443: it obtains a new \
                             certificate automatically. Its log and `parlour-server status` show the authority's \
                             responses";
/// The advice if somebody else provides them.
const RENEW_FILES: &str = "renew it, or find out why the automatic renewal fails; the server reloads the files \
                           automatically";

/// Examines the certificate that the server presents.
pub fn check(server: &ExaminedServer) -> Finding {
    if server.tls == TlsMode::Off {
        let found = "the server does not encrypt, and expects a proxy that does";
        return Finding::ok(Check::Certificate, found);
    }
    if let TlsMode::Own(file) = &server.tls
        && !file.exists()
    {
        return missing(server);
    }
    if let TlsMode::Own(file) = &server.tls
        && is_foreign_link(file)
    {
        let found = "tls.pem is a link to a file of another user, and was not read";
        let to_do = "remove the link (rm), and restore tls.pem from a backup";
        return Finding::error(Check::Certificate, found, to_do);
    }
    let kind = CertificateOrigin::from_mode(&server.tls);
    match validity(&server.tls) {
        Err(error) => {
            let cause = std::error::Error::source(&error);
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            let found = format!("{error}{cause}");
            match kind {
                // The server will obtain a new one by itself.
                CertificateOrigin::Acme => {
                    Finding::warning(Check::Certificate, found, WAIT_FOR_ACME)
                }
                CertificateOrigin::Own => {
                    Finding::error(Check::Certificate, found, "restore tls.pem from a backup")
                }
                CertificateOrigin::Files => {
                    let to_do = "put a matching certificate and key into the files that parlour.toml specifies";
                    Finding::error(Check::Certificate, found, to_do)
                }
            }
        }
        Ok(None) if kind == CertificateOrigin::Acme => {
            not_renewed(server, "no certificate has been issued yet", State::Warning)
        }
        Ok(None) => {
            Finding::ok(Check::Certificate, "the certificate matches its key, and does not expire")
        }
        Ok(Some(_)) if !matches_settings(&server.tls) => {
            let found = "the certificate is for other names, or from another authority, than in the settings";
            not_renewed(server, found, State::Warning)
        }
        Ok(Some(validity)) => {
            let finding = check_validity(validity, now(), kind);
            // A wrong clock is reported by another check.
            if finding.to_do.as_deref() == Some(WAIT_FOR_ACME) {
                return not_renewed(server, &finding.found, finding.state);
            }
            finding
        }
    }
}

/// The origin of the certificate, which decides the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CertificateOrigin {
    Own,
    Files,
    Acme,
}

impl CertificateOrigin {
    fn from_mode(mode: &TlsMode) -> Self {
        match mode {
            TlsMode::Own(_) => Self::Own,
            TlsMode::Acme(_) => Self::Acme,
            TlsMode::Files { .. } | TlsMode::Off => Self::Files,
        }
    }
}

/// Returns the finding about a certificate by ACME that is missing or about to expire, with the authority's error if
/// it was requested.
fn not_renewed(server: &ExaminedServer, found: &str, state: State) -> Finding {
    let found = match &server.acme_failure {
        Some(failure) => format!(
            "{found}, and there is no new one: {}; next attempt at {}",
            failure.reason,
            day(seconds(failure.retry_at))
        ),
        None => found.to_owned(),
    };
    match state {
        State::Ok | State::Warning => Finding::warning(Check::Certificate, found, WAIT_FOR_ACME),
        State::Error => Finding::error(Check::Certificate, found, WAIT_FOR_ACME),
    }
}

/// Returns the finding about the server's own certificate, which is missing. It is created at the first start; if it
/// is missing later, it was lost.
fn missing(server: &ExaminedServer) -> Finding {
    let was_started = match &server.database {
        DatabaseAddress::Sqlite(path) => path.exists(),
        DatabaseAddress::Postgres(_) => false,
    };
    if !was_started {
        return Finding::ok(
            Check::Certificate,
            "the server creates its own certificate when it starts",
        );
    }
    let found = "tls.pem, the server's own certificate with its key, is missing";
    let to_do = "restore it from a backup before the server starts: it would create a new one, which no client \
                 accepts";
    Finding::error(Check::Certificate, found, to_do)
}

fn check_validity(validity: Validity, now: i64, kind: CertificateOrigin) -> Finding {
    let (from, until) = (seconds(validity.from), seconds(validity.until));
    let lifetime = i64::try_from(validity.lifetime().as_secs()).unwrap_or(i64::MAX);
    let (advice, warning_time) = match kind {
        // A certificate with a lifetime of less than six weeks is renewed when a third of it remains.
        CertificateOrigin::Acme => (WAIT_FOR_ACME, WARNING_TIME.min(lifetime / 4)),
        CertificateOrigin::Own | CertificateOrigin::Files => (RENEW_FILES, WARNING_TIME),
    };
    if until <= now {
        let found = format!("the certificate expired on {}", day(until));
        return Finding::error(Check::Certificate, found, advice);
    }
    if from > now {
        let found = format!("the certificate is not valid before {}", day(from));
        return Finding::error(Check::Certificate, found, "check the system's clock");
    }
    let found = format!("the certificate is valid until {}", day(until));
    if until - now < warning_time {
        return Finding::warning(Check::Certificate, found, advice);
    }
    Finding::ok(Check::Certificate, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    /// In seconds.
    const DAY: i64 = 24 * 3600;

    #[test]
    fn a_certificate_is_valid_until_its_last_second_with_a_warning_two_weeks_before() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let certificate = Validity { from: at(100), until: at(100 + 30 * 24 * 3600) };
        let state = |now: i64| check_validity(certificate, now, CertificateOrigin::Files).state;
        assert_eq!(state(99), State::Error);
        assert_eq!(state(100), State::Ok);
        assert_eq!(state(100 + 17 * DAY), State::Warning);
        assert_eq!(state(100 + 30 * DAY), State::Error);
        let short = Validity { from: at(0), until: at(6 * 24 * 3600) };
        let by_acme = |now: i64| check_validity(short, now, CertificateOrigin::Acme);
        assert_eq!(by_acme(DAY).state, State::Ok, "it is renewed when two days remain");
        let overdue = by_acme(5 * DAY);
        assert_eq!(
            (overdue.state, overdue.to_do.as_deref()),
            (State::Warning, Some(WAIT_FOR_ACME))
        );
        assert_eq!(by_acme(7 * DAY).to_do.as_deref(), Some(WAIT_FOR_ACME));
    }
}

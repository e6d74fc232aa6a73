//! Checks whether the certificate exists, matches its key, and will be valid for a while.

use super::finding::{Check, Finding, State};
use super::server::{ExaminedServer, day, now, seconds};
use crate::db::DatabaseAddress;
use crate::tls::{TlsMode, Validity, is_as_asked, validity};
use parlour_protocol::periods::CERTIFICATE_EXPIRES_SOON_MS;

/// The remaining time below which somebody has to act, in seconds.
const SOON: i64 = CERTIFICATE_EXPIRES_SOON_MS / 1000;

/// The advice if the server obtains its certificates itself.
const RENEWS: &str = "let the server run where the authority reaches it on port 443: it gets a new one by itself. Its log and \
    `parlour-server status` tell what the authority answers";
/// The advice if somebody else provides them.
const RENEW: &str =
    "renew it, or look why what renews it does not; the server reads the files again by itself";

/// Examines the certificate that the server presents.
pub fn check(server: &ExaminedServer) -> Finding {
    if server.tls == TlsMode::Off {
        let found = "the server does not encrypt, and listens for a proxy that does";
        return Finding::ok(Check::Certificate, found);
    }
    if let TlsMode::Own(file) = &server.tls
        && !file.exists()
    {
        return missing(server);
    }
    let kind = Kind::of(&server.tls);
    match validity(&server.tls) {
        Err(error) => {
            let cause = std::error::Error::source(&error);
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            let found = format!("{error}{cause}");
            match kind {
                // The server will obtain a new one by itself.
                Kind::Acme => Finding::warning(Check::Certificate, found, RENEWS),
                Kind::Own => {
                    Finding::error(Check::Certificate, found, "put tls.pem back from a backup")
                }
                Kind::Files => {
                    let to_do = "put certificate and key that belong together into the files that parlour.toml names";
                    Finding::error(Check::Certificate, found, to_do)
                }
            }
        }
        Ok(None) if kind == Kind::Acme => {
            not_renewed(server, "no certificate has been issued yet", State::Warning)
        }
        Ok(None) => Finding::ok(Check::Certificate, "the certificate fits its key, and has no end"),
        Ok(Some(_)) if !is_as_asked(&server.tls) => {
            let found = "the certificate is for other names, or of another authority, than the settings say";
            not_renewed(server, found, State::Warning)
        }
        Ok(Some(validity)) => {
            let judged = judge(validity, now(), kind);
            // A wrong clock is reported by another check.
            if judged.to_do.as_deref() == Some(RENEWS) {
                return not_renewed(server, &judged.found, judged.state);
            }
            judged
        }
    }
}

/// The origin of the certificate, which decides the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Own,
    Files,
    Acme,
}

impl Kind {
    fn of(mode: &TlsMode) -> Self {
        match mode {
            TlsMode::Own(_) => Self::Own,
            TlsMode::Acme(_) => Self::Acme,
            TlsMode::Files { .. } | TlsMode::Off => Self::Files,
        }
    }
}

/// Returns the finding about a certificate by ACME that is missing or about to expire, with the authority's error if it
/// was asked.
fn not_renewed(server: &ExaminedServer, found: &str, state: State) -> Finding {
    let found = match &server.acme_failure {
        Some(failure) => format!(
            "{found}, and there is no new one: {}; tried again at {}",
            failure.why,
            day(seconds(failure.retry_at))
        ),
        None => found.to_owned(),
    };
    match state {
        State::Ok | State::Warning => Finding::warning(Check::Certificate, found, RENEWS),
        State::Error => Finding::error(Check::Certificate, found, RENEWS),
    }
}

/// The server creates its own certificate at its first start; if it is missing later, it was lost.
fn missing(server: &ExaminedServer) -> Finding {
    let was_started = match &server.database {
        DatabaseAddress::Sqlite(path) => path.exists(),
        DatabaseAddress::Postgres(_) => false,
    };
    if !was_started {
        return Finding::ok(
            Check::Certificate,
            "the server makes its own certificate when it starts",
        );
    }
    let found = "tls.pem, the server's own certificate with its key, is missing";
    let to_do = "put it back from a backup before the server starts: it would make a new one, which no client knows";
    Finding::error(Check::Certificate, found, to_do)
}

fn judge(validity: Validity, now: i64, kind: Kind) -> Finding {
    let (from, until) = (seconds(validity.from), seconds(validity.until));
    let lifetime = i64::try_from(validity.lifetime().as_secs()).unwrap_or(i64::MAX);
    let (renew, soon) = match kind {
        // A certificate with a lifetime of less than six weeks is renewed when a third of it is left.
        Kind::Acme => (RENEWS, SOON.min(lifetime / 4)),
        Kind::Own | Kind::Files => (RENEW, SOON),
    };
    if until <= now {
        let found = format!("the certificate expired on {}", day(until));
        return Finding::error(Check::Certificate, found, renew);
    }
    if from > now {
        let found = format!("the certificate is not good before {}", day(from));
        return Finding::error(
            Check::Certificate,
            found,
            "compare the system's clock with another one",
        );
    }
    let found = format!("the certificate is good until {}", day(until));
    if until - now < soon {
        return Finding::warning(Check::Certificate, found, renew);
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
    fn a_certificate_is_good_from_its_first_to_its_last_second_and_told_two_weeks_before() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let certificate = Validity { from: at(100), until: at(100 + 30 * 24 * 3600) };
        let state = |now: i64| judge(certificate, now, Kind::Files).state;
        assert_eq!(state(99), State::Error);
        assert_eq!(state(100), State::Ok);
        assert_eq!(state(100 + 17 * DAY), State::Warning);
        assert_eq!(state(100 + 30 * DAY), State::Error);
        let short = Validity { from: at(0), until: at(6 * 24 * 3600) };
        let by_acme = |now: i64| judge(short, now, Kind::Acme);
        assert_eq!(by_acme(DAY).state, State::Ok, "it is renewed when two days are left");
        let overdue = by_acme(5 * DAY);
        assert_eq!((overdue.state, overdue.to_do.as_deref()), (State::Warning, Some(RENEWS)));
        assert_eq!(by_acme(7 * DAY).to_do.as_deref(), Some(RENEWS));
    }
}

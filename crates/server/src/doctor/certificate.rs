//! Whether the certificate is there, fits its key, and is good for a while.

use super::finding::{Check, Finding};
use super::patient::{Patient, day, now, seconds};
use crate::db::DatabaseAddress;
use crate::tls::{TlsMode, Validity, validity};

const DAY: i64 = 24 * 3600;
/// With fewer days left somebody has to do something.
const SOON: i64 = 14;

/// Looks at the certificate that is shown.
pub fn check(patient: &Patient) -> Finding {
    if patient.tls == TlsMode::Off {
        let found = "the server does not encrypt, and listens for a proxy that does";
        return Finding::ok(Check::Certificate, found);
    }
    if let TlsMode::Own(file) = &patient.tls
        && !file.exists()
    {
        return missing(patient);
    }
    match validity(&patient.tls) {
        Err(error) => {
            let cause = std::error::Error::source(&error);
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            let to_do = "put certificate and key that belong together into the files that parlour.toml names, or \
                tls.pem from a backup";
            Finding::error(Check::Certificate, format!("{error}{cause}"), to_do)
        }
        Ok(None) if matches!(patient.tls, TlsMode::Acme(_)) => Finding::warning(
            Check::Certificate,
            "no certificate has been issued yet",
            "let the server run where the authority reaches it, and read in its log what the authority answers",
        ),
        Ok(None) => Finding::ok(Check::Certificate, "the server's own certificate fits its key"),
        Ok(Some(validity)) => judge(validity, now()),
    }
}

/// The server's own certificate is made at the first start. Later it is lost.
fn missing(patient: &Patient) -> Finding {
    let was_started = match &patient.database {
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

fn judge(validity: Validity, now: i64) -> Finding {
    let (from, until) = (seconds(validity.from), seconds(validity.until));
    let renew =
        "renew it, or look why what renews it does not; the server reads the files again by itself";
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
    if until - now < SOON * DAY {
        return Finding::warning(Check::Certificate, found, renew);
    }
    Finding::ok(Check::Certificate, found)
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_certificate_is_good_from_its_first_to_its_last_second_and_told_two_weeks_before() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let certificate = Validity { from: at(100), until: at(100 + 30 * 24 * 3600) };
        let state = |now: i64| judge(certificate, now).state;
        assert_eq!(state(99), State::Error);
        assert_eq!(state(100), State::Ok);
        assert_eq!(state(100 + 17 * DAY), State::Warning);
        assert_eq!(state(100 + 30 * DAY), State::Error);
    }
}

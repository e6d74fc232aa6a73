//! Fuzzing of query strings.

use super::range::RequestedRange;
use super::{audit, conversations, invitations, ops, sessions, streams, uploads, users};
use axum::extract::Query;
use axum::http::Uri;
use serde::de::DeserializeOwned;

/// Checks that a query string is either read or refused, whichever route it is sent to.
pub fn query(text: &str) {
    if let RequestedRange::Part(range) = RequestedRange::parse(text, 1000) {
        assert!(range.start < range.end && range.end <= 1000, "{text}");
    }
    let Ok(uri) = format!("/?{text}").parse::<Uri>() else { return };
    parse::<audit::AuditQuery>(&uri);
    parse::<conversations::BootstrapQuery>(&uri);
    parse::<conversations::HistoryQuery>(&uri);
    parse::<conversations::DigestQuery>(&uri);
    parse::<invitations::ListQuery>(&uri);
    parse::<ops::OpQuery>(&uri);
    parse::<sessions::EndSessionsQuery>(&uri);
    parse::<streams::HeadsQuery>(&uri);
    parse::<streams::ChangesQuery>(&uri);
    parse::<streams::StateDigestQuery>(&uri);
    parse::<streams::StateQuery>(&uri);
    parse::<uploads::PartQuery>(&uri);
    parse::<users::PeopleQuery>(&uri);
}

fn parse<T: DeserializeOwned>(uri: &Uri) {
    let _ = Query::<T>::try_from_uri(uri);
}

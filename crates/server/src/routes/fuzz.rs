//! Fuzzing of query strings.

use super::range::Asked;
use super::{audit, conversations, invitations, ops, sessions, streams, uploads, users};
use axum::extract::Query;
use axum::http::Uri;
use serde::de::DeserializeOwned;

/// Checks that a query string is either read or refused, whichever route it is sent to.
pub fn query(text: &str) {
    if let Asked::Part(range) = Asked::read(text, 1000) {
        assert!(range.start < range.end && range.end <= 1000, "{text}");
    }
    let Ok(uri) = format!("/?{text}").parse::<Uri>() else { return };
    read::<audit::AuditQuery>(&uri);
    read::<conversations::BootstrapQuery>(&uri);
    read::<conversations::HistoryQuery>(&uri);
    read::<conversations::DigestQuery>(&uri);
    read::<invitations::ListQuery>(&uri);
    read::<ops::OpQuery>(&uri);
    read::<sessions::EndQuery>(&uri);
    read::<streams::HeadsQuery>(&uri);
    read::<streams::ChangesQuery>(&uri);
    read::<streams::PiecesQuery>(&uri);
    read::<streams::StateQuery>(&uri);
    read::<uploads::PartQuery>(&uri);
    read::<users::PeopleQuery>(&uri);
}

fn read<T: DeserializeOwned>(uri: &Uri) {
    let _ = Query::<T>::try_from_uri(uri);
}

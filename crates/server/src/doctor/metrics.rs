//! Checks whether the token for the metrics exists.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use crate::metrics::{MetricsMode, token_error};
use std::io::ErrorKind;
use std::path::Path;

/// Examines the token's file; returns nothing if the settings need none.
pub fn check(server: &ExaminedServer) -> Option<Finding> {
    let (file, is_own) = match &server.metrics {
        MetricsMode::Off | MetricsMode::Local => return None,
        MetricsMode::TokenIn(file) => (file, false),
        MetricsMode::OwnToken(file) => (file, true),
    };
    let Some(reason) = token_error(file) else {
        return Some(Finding::ok(Check::Metrics, "the token for /metrics exists"));
    };
    if is_own && reason.kind() == ErrorKind::NotFound {
        return Some(missing_own_token(file, server.was_started()));
    }
    let found = format!("the token for /metrics in {}: {reason}", file.display());
    let to_do = "write one of at least 16 letters and digits into it (`openssl rand -hex 32`), readable by the \
                 server's user; without it the server does not start";
    Some(Finding::error(Check::Metrics, found, to_do))
}

fn missing_own_token(file: &Path, was_started: bool) -> Finding {
    if !was_started {
        return Finding::ok(
            Check::Metrics,
            "the server creates the token for /metrics when it starts",
        );
    }
    let found = format!("{} is missing, the token for /metrics", file.display());
    let to_do = "restore it; otherwise the next start creates another one, which every reader of the metrics needs";
    Finding::warning(Check::Metrics, found, to_do)
}

//! Checks a configuration before a server starts with it: what the start would read, and what works only in part.

use crate::config::Config;
use crate::file_store::Store;
use crate::metrics::{MetricsMode, token_error};
use crate::start_error::StartError;
use crate::this_computer::is_this_computer;
use crate::tls::{TlsMode, presented_certificate};
use axum::http::Uri;

/// Checks that a server can start with a configuration, and use the files and credentials that it names. Creates and changes nothing.
/// Call it within a Tokio runtime.
///
/// # Errors
/// Fails with the error with which the server would not start. Files that it creates itself may be missing.
pub fn check_config(config: &Config) -> Result<(), StartError> {
    if config.lacks_postgres_for_bus() {
        return Err(StartError::BusNeedsPostgres);
    }
    match &config.tls {
        // An unusable certificate from ACME is replaced.
        TlsMode::Off | TlsMode::Acme(_) => {}
        TlsMode::Own(file) if !file.exists() => {}
        mode @ (TlsMode::Own(_) | TlsMode::Files { .. }) => {
            presented_certificate(mode)?;
        }
    }
    let token = match &config.metrics {
        MetricsMode::Off | MetricsMode::Local => None,
        MetricsMode::OwnToken(path) if !path.exists() => None,
        MetricsMode::OwnToken(path) | MetricsMode::TokenIn(path) => Some(path),
    };
    if let Some((path, source)) = token.and_then(|path| Some((path, token_error(path)?))) {
        return Err(StartError::MetricsToken { path: path.clone(), source });
    }
    Store::open(&config.file_settings()).map(drop).map_err(StartError::Files)
}

/// Returns descriptions of what works only in part with a configuration, although a server starts with it.
pub fn warnings(config: &Config) -> Vec<&'static str> {
    let url = config.public_url.as_ref().and_then(|url| url.parse::<Uri>().ok());
    let is_refused = url.is_some_and(|url| {
        url.scheme_str() == Some("http") && !url.host().is_some_and(is_this_computer)
    });
    let plain = "public_url begins with http://, and the app refuses links without encryption to another computer: \
                 use the https:// address of the proxy, or encrypt with tls";
    if is_refused { vec![plain] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_without_encryption_is_a_warning_unless_it_is_this_computer() {
        let config = |url: Option<&str>| {
            let folder = std::path::Path::new("/srv/chat");
            let config = Config::in_folder(folder, ([127, 0, 0, 1], 0).into());
            Config { public_url: url.map(str::to_owned), ..config }
        };
        for url in [None, Some("https://chat.example.org"), Some("http://127.0.0.1:7700")] {
            assert!(warnings(&config(url)).is_empty(), "{url:?}");
        }
        for url in ["http://chat.example.org", "HTTP://10.0.0.5:7700"] {
            assert_eq!(warnings(&config(Some(url))).len(), 1, "{url}");
        }
    }
}

//! Checks the settings of ACME.

use super::error::SettingsError;
use super::keys::Settings;
use crate::tls::{Acme, FIRST_RETRY_DELAY};
use axum::http::Uri;
use std::path::Path;

/// The largest number of names in a certificate that Let's Encrypt allows.
const MAX_DOMAINS: usize = 100;
/// The largest length of a name, and of one of its labels, in characters.
const MAX_DOMAIN_CHARS: usize = 253;
const MAX_LABEL_CHARS: usize = 63;

/// Returns the configuration of ACME, for a server that keeps its account and certificate in `folder`.
pub(super) fn acme(all: &Settings, folder: &Path) -> Result<Acme, SettingsError> {
    let (email, directory) = (all.acme_email.clone(), all.acme_directory.clone());
    if !email.as_deref().is_none_or(is_email) {
        return Err(SettingsError::value("acme_email", "use an address such as admin@example.org"));
    }
    let directory = directory.filter(|directory| is_https(directory)).ok_or_else(|| {
        SettingsError::value("acme_directory", "use an address that begins with https://")
    })?;
    Ok(Acme {
        domains: domains(all)?,
        directory,
        email,
        root_file: all.acme_root_file.clone(),
        folder: folder.to_owned(),
        first_retry_delay: FIRST_RETRY_DELAY,
    })
}

/// Returns the names for which the certificate is requested; the host of the public address must be one of them.
fn domains(all: &Settings) -> Result<Vec<String>, SettingsError> {
    let host = all.public_url.as_deref().and_then(host);
    let names = all.acme_domains.clone().or_else(|| host.clone()).ok_or_else(|| {
        let reason = "specify the names of the certificate, or public_url";
        SettingsError::value("acme_domains", reason)
    })?;
    let mut domains: Vec<String> = Vec::new();
    for name in names.split(',').map(|name| name.trim().to_lowercase()) {
        if !domains.contains(&name) {
            domains.push(name);
        }
    }
    if domains.len() > MAX_DOMAINS {
        let reason = format!("a certificate can have at most {MAX_DOMAINS} names");
        return Err(SettingsError::value("acme_domains", reason));
    }
    if let Some(name) = domains.iter().find(|name| !is_domain(name)) {
        let key = if all.acme_domains.is_some() { "acme_domains" } else { "public_url" };
        let reason = format!(
            "with ACME, certificates are for names such as chat.example.org; \u{201c}{name}\u{201d} is not valid"
        );
        return Err(SettingsError::value(key, reason));
    }
    if let Some(host) = host.filter(|host| !domains.contains(host)) {
        let reason = format!(
            "\u{201c}{host}\u{201d} is not among acme_domains, so clients would refuse the certificate"
        );
        return Err(SettingsError::value("public_url", reason));
    }
    Ok(domains)
}

fn host(url: &str) -> Option<String> {
    url.parse::<Uri>().ok()?.host().map(str::to_lowercase)
}

fn is_https(url: &str) -> bool {
    let parsed = url.parse::<Uri>().ok();
    parsed.is_some_and(|url| url.scheme_str() == Some("https") && url.host().is_some())
}

/// Returns whether this can be a domain name, and is not an IP address.
fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=MAX_LABEL_CHARS).contains(&label.len())
            && label.chars().all(is_plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= MAX_DOMAIN_CHARS
        && name.split('.').all(is_label)
        && !last.chars().all(|c| c.is_ascii_digit())
}

fn is_email(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".!#$*+-/=^_`{|}~".contains(c);
    text.len() <= MAX_DOMAIN_CHARS
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && name.chars().all(is_plain) && is_domain(&host.to_lowercase())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::TlsMode;

    fn resolved(domains: Option<&str>, url: Option<&str>) -> Result<Acme, SettingsError> {
        let (tls, acme_domains) = (Some(TlsMode::Acme), domains.map(Into::into));
        let settings =
            Settings { tls, acme_domains, public_url: url.map(Into::into), ..Settings::defaults() };
        acme(&settings, Path::new("/srv/chat"))
    }

    #[test]
    fn the_names_are_the_configured_ones_or_the_host_of_the_public_address() {
        let all =
            resolved(Some("Chat.example.org, www.example.org,chat.example.org"), None).unwrap();
        assert_eq!(all.domains, ["chat.example.org", "www.example.org"]);
        assert!(all.directory.contains("letsencrypt"));
        let host = resolved(None, Some("https://chat.example.org:8443/a")).unwrap();
        assert_eq!(host.domains, ["chat.example.org"]);
        assert!(resolved(Some("a.org,chat.example.org"), Some("https://Chat.example.org")).is_ok());
    }

    #[test]
    fn invalid_names_are_reported_with_their_key() {
        let long = format!("{}.org", "a".repeat(64));
        for (domains, url, key) in [
            (None, None, "acme_domains"),
            (None, Some("https://10.0.0.5"), "public_url"),
            (None, Some("https://[::1]"), "public_url"),
            (Some("a.org"), Some("https://chat.example.org"), "public_url"),
            (Some("10.0.0.5"), None, "acme_domains"),
            (Some("*.example.org"), None, "acme_domains"),
            (Some("a.org,"), None, "acme_domains"),
            (Some("-a.org"), None, "acme_domains"),
            (Some(long.as_str()), None, "acme_domains"),
            (Some("caf\u{e9}.org"), None, "acme_domains"),
        ] {
            let refused = resolved(domains, url).expect_err(key).to_string();
            assert!(refused.starts_with(key), "{domains:?} {url:?}: {refused}");
        }
        for email in ["a", "@a.org", "a@", "a?b=c@a.org", "a@a.org,b@a.org"] {
            let settings = Settings {
                acme_domains: Some("a.org".into()),
                acme_email: Some(email.into()),
                ..Settings::defaults()
            };
            let refused = acme(&settings, Path::new("x")).expect_err(email).to_string();
            assert!(refused.starts_with("acme_email"), "{refused}");
        }
    }
}

//! The settings for the files of messages.

use super::error::SettingsError;
use super::keys::Settings;
use crate::file_store::{BucketAddress, FileSettings};
use parlour_protocol::is_media_range;
use std::net::IpAddr;
use std::path::PathBuf;

const MIB: u64 = 1024 * 1024;

/// Returns the settings for files.
pub(super) fn files(all: &Settings, base: FileSettings) -> Result<FileSettings, SettingsError> {
    let bytes = |mib: Option<u64>, base: u64| mib.map_or(base, |mib| mib.saturating_mul(MIB));
    let types = all.file_types.as_deref().unwrap_or_default().split(',').map(str::trim);
    let media_types: Vec<String> =
        types.filter(|media_type| !media_type.is_empty()).map(str::to_owned).collect();
    if !media_types.iter().all(|media_type| is_media_range(media_type)) {
        let reason = "use media types in lower case, such as image/*,application/pdf";
        return Err(SettingsError::value("file_types", reason));
    }
    let bucket = bucket(all)?;
    Ok(FileSettings {
        folder: all.files.as_ref().filter(|_| bucket.is_none()).map(PathBuf::from),
        bucket,
        file_bytes: bytes(all.max_file_mib, base.file_bytes),
        account_bytes: bytes(all.file_mib_per_account, base.account_bytes),
        server_bytes: bytes(all.file_mib_in_all, base.server_bytes),
        media_types,
        ..base
    })
}

/// Returns the bucket for files, if the setting names one.
fn bucket(all: &Settings) -> Result<Option<BucketAddress>, SettingsError> {
    let Some(url) = all.files.as_deref().filter(|path| path.contains("://")) else {
        return Ok(None);
    };
    let invalid = || SettingsError::value("files", "use a folder, or s3://BUCKET/PREFIX");
    let address = BucketAddress::parse(url).ok_or_else(invalid)?;
    if let Some(endpoint) = &all.s3_endpoint {
        check_endpoint(endpoint).map_err(|reason| SettingsError::value("s3_endpoint", reason))?;
    }
    let (endpoint, region) = (all.s3_endpoint.clone(), all.s3_region.clone());
    Ok(Some(BucketAddress { endpoint, region, ..address }))
}

fn check_endpoint(endpoint: &str) -> Result<(), &'static str> {
    let url: reqwest::Url =
        endpoint.parse().map_err(|_| "use a URL, such as https://s3.example.org")?;
    let is_loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        None => return Err("use a URL, such as https://s3.example.org"),
    };
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => Err(
            "put the credentials into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
        ),
        "https" => Ok(()),
        "http" if is_loopback => Ok(()),
        "http" => Err("use https: without it, everybody on the way could read the files"),
        _ => Err("use a URL that begins with https://"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_settings_are_used_and_invalid_ones_are_reported() {
        let settings = Settings {
            files: Some("/srv/files".into()),
            max_file_mib: Some(2),
            file_types: Some("image/*, application/pdf".into()),
            ..Settings::default()
        };
        let found = files(&settings, FileSettings::default()).unwrap();
        assert_eq!(found.folder, Some("/srv/files".into()));
        assert_eq!(found.file_bytes, 2 * MIB);
        assert_eq!(found.media_types, ["image/*", "application/pdf"]);
        assert_eq!(found.account_bytes, FileSettings::default().account_bytes);
        let defaults = files(&Settings::defaults(), FileSettings::default()).unwrap();
        assert_eq!(defaults, FileSettings::default());
        let in_bucket = |endpoint: Option<&str>| Settings {
            files: Some("s3://chat/files".into()),
            s3_endpoint: endpoint.map(str::to_owned),
            ..Settings::default()
        };
        for endpoint in [None, Some("http://127.0.0.1:9000"), Some("http://[::1]:9000")] {
            let found = files(&in_bucket(endpoint), FileSettings::default()).unwrap();
            assert_eq!(found.folder, None);
            assert_eq!(found.bucket.unwrap().to_string(), "s3://chat/files");
        }
        for (key, settings) in [
            ("file_types", Settings { file_types: Some("images".into()), ..Settings::default() }),
            ("file_types", Settings { file_types: Some("*/*".into()), ..Settings::default() }),
            ("files", Settings { files: Some("ftp://bucket".into()), ..Settings::default() }),
            ("s3_endpoint", in_bucket(Some("http://s3.example.org"))),
            ("s3_endpoint", in_bucket(Some("https://key:secret@s3.example.org"))),
            ("s3_endpoint", in_bucket(Some("s3.example.org"))),
        ] {
            let refused = files(&settings, FileSettings::default()).unwrap_err().to_string();
            assert!(refused.starts_with(key), "{refused}");
        }
    }
}

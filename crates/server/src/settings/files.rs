//! The settings for the files of messages.

use super::error::SettingsError;
use super::keys::Settings;
use crate::file_store::FileSettings;
use parlour_protocol::is_media_range;
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
    if all.files.as_deref().is_some_and(|path| path.contains("://")) {
        return Err(SettingsError::value("files", "use a folder"));
    }
    Ok(FileSettings {
        folder: all.files.as_ref().map(PathBuf::from),
        file_bytes: bytes(all.max_file_mib, base.file_bytes),
        account_bytes: bytes(all.file_mib_per_account, base.account_bytes),
        server_bytes: bytes(all.file_mib_in_all, base.server_bytes),
        media_types,
        ..base
    })
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
        for (key, settings) in [
            ("file_types", Settings { file_types: Some("images".into()), ..Settings::default() }),
            ("file_types", Settings { file_types: Some("*/*".into()), ..Settings::default() }),
            ("files", Settings { files: Some("s3://bucket".into()), ..Settings::default() }),
        ] {
            let refused = files(&settings, FileSettings::default()).unwrap_err().to_string();
            assert!(refused.starts_with(key), "{refused}");
        }
    }
}

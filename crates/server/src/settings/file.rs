//! Reads the settings' file in the data folder.

use super::error::SettingsError;
use super::keys::Settings;
use super::ranges;
use super::values::keys;
use crate::data_names;
use crate::regular_file;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The file's name in the data folder.
pub const NAME: &str = data_names::SETTINGS;

impl Settings {
    /// Returns the settings in the data folder's `parlour.toml`; none if the file does not exist. Relative
    /// paths in it start from the folder.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is invalid; the error for an unknown key names the most similar
    /// known one.
    pub fn in_folder(folder: &Path) -> Result<Option<Self>, SettingsError> {
        let path = folder.join(NAME);
        let text = match regular_file::read_text(&path) {
            Ok(text) => text,
            // A broken link is reported: its target may exist again later.
            Err(error)
                if error.kind() == ErrorKind::NotFound && path.symlink_metadata().is_err() =>
            {
                return Ok(None);
            }
            Err(source) => return Err(SettingsError::File { path, source }),
        };
        let settings = parse(&text);
        let settings =
            settings.map_err(|(line, reason)| SettingsError::Line { path, line, reason })?;
        Ok(Some(settings.with_paths_in(folder)))
    }

    fn with_paths_in(mut self, folder: &Path) -> Self {
        let in_folder = |path: PathBuf| folder.join(path);
        self.certificate = self.certificate.map(in_folder);
        self.certificate_key = self.certificate_key.map(in_folder);
        self.metrics_token_file = self.metrics_token_file.map(in_folder);
        self.acme_root_file = self.acme_root_file.map(in_folder);
        self.backup_dir = self.backup_dir.map(in_folder);
        if let Some(path) = self.files.as_deref().filter(|path| !path.contains("://"))
            && let Some(path) = folder.join(path).to_str()
        {
            self.files = Some(path.to_owned());
        }
        if let Some(path) =
            self.database.as_deref().and_then(|address| address.strip_prefix("sqlite:"))
            && let Some(path) = folder.join(path).to_str()
        {
            self.database = Some(format!("sqlite:{path}"));
        }
        self
    }
}

/// Parses settings; returns the number of the invalid line and what is wrong. The error does not contain the line
/// itself, which may include a password.
fn parse(text: &str) -> Result<Settings, (usize, String)> {
    let to_error = |error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        (line_of(text, offset), error.message().to_owned())
    };
    let known = keys();
    let table = DeTable::parse(text).map_err(to_error)?;
    for key in table.get_ref().keys() {
        let name = key.get_ref().as_ref();
        if !known.iter().any(|known| known == name) {
            let nearest = nearest(name, &known);
            let reason =
                format!("there is no setting \u{201c}{name}\u{201d}; did you mean {nearest}");
            return Err((line_of(text, key.span().start), reason));
        }
    }
    for (key, value) in table.get_ref() {
        let number = match value.get_ref() {
            DeValue::Integer(integer) => {
                i128::from_str_radix(integer.as_str(), integer.radix()).ok()
            }
            _ => None,
        };
        if let Some(reason) = ranges::range_error(key.get_ref(), number) {
            return Err((line_of(text, value.span().start), reason));
        }
    }
    toml::from_str(text).map_err(to_error)
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

fn nearest<'a>(name: &str, known: &'a [String]) -> &'a str {
    let name = name.to_lowercase().replace('-', "_");
    let nearest = known
        .iter()
        .min_by_key(|known| (!known.contains(&name), strsim::damerau_levenshtein(&name, known)));
    nearest.expect("there are settings")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::RegistrationMode;

    fn parse_error(text: &str) -> (usize, String) {
        parse(text).err().expect("something is wrong")
    }

    #[test]
    fn an_unknown_key_is_reported_with_its_line_and_the_most_similar_key() {
        for (typed, meant) in [
            ("registation", "registration"),
            ("public-url", "public_url"),
            ("Listen", "listen"),
            ("trust_proxies", "trust_proxy"),
            ("certificate-key", "certificate_key"),
            ("key", "certificate_key"),
        ] {
            let (line, reason) = parse_error(&format!("# A server\n\n{typed} = \"open\"\n"));
            assert_eq!(line, 3);
            assert!(reason.contains(typed) && reason.ends_with(meant), "{reason}");
        }
        assert!(parse_error("[sessions]\nidle = 3").1.contains("sessions"));
    }

    #[test]
    fn an_invalid_value_is_reported_with_its_line_and_without_secrets() {
        let (line, reason) = parse_error("listen = \"127.0.0.1:7700\"\nregistration = \"opne\"");
        assert!(line == 2 && reason.contains("invitation"), "{line}: {reason}");
        assert_eq!(parse_error("listen = \"here\"").0, 1);
        assert_eq!(parse_error("session_idle_days = -3").0, 1);
        let (line, reason) = parse_error("\ndatabase = postgres://u:secret@h/n");
        assert!(line == 2 && !reason.contains("secret"), "{line}: {reason}");
    }

    #[test]
    fn settings_are_parsed_and_paths_are_relative_to_the_folder() {
        let text = "registration = \"closed\" # for now\ntrust_proxy = 2\n\
            database = \"sqlite:other.db\"\ncertificate = \"/etc/chat.pem\"\ncertificate_key = \"key.pem\"";
        let settings = parse(text).unwrap().with_paths_in(Path::new("/srv/chat"));
        assert_eq!(settings.registration, Some(RegistrationMode::Closed));
        assert_eq!(settings.trust_proxy, Some(2));
        assert_eq!(settings.database.as_deref(), Some("sqlite:/srv/chat/other.db"));
        assert_eq!(settings.certificate.as_deref(), Some(Path::new("/etc/chat.pem")));
        assert_eq!(settings.certificate_key.as_deref(), Some(Path::new("/srv/chat/key.pem")));
        assert!(parse("").unwrap() == Settings::default());
    }
}

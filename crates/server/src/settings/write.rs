//! Writes a new settings file, in which every setting is explained.

use super::error::SettingsError;
use super::file::NAME;
use super::keys::Settings;
use super::values::arguments;
use crate::no_follow::chown_to_folder_owner;
use parlour_sqlite::private;
use serde_json::Value;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "The settings of this Parlour server. Flags of the command line override variables of the \
                      environment, which override this file; the lines with a # show the defaults. `parlour-server \
                      check-config` checks all settings.";
/// The largest length of a comment line, in characters.
const MAX_LINE_CHARS: usize = 100;

impl Settings {
    /// Writes these settings to a new `parlour.toml` in a folder, which is created if it is missing; all other
    /// settings are in it as comments. The file belongs to the folder's owner, even if root writes it. Returns its
    /// path.
    ///
    /// # Errors
    /// Fails if the file exists, or on an I/O error.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, SettingsError> {
        let path = folder.join(NAME);
        let failed = |source: std::io::Error| match source.kind() {
            ErrorKind::AlreadyExists => SettingsError::Exists(path.clone()),
            _ => SettingsError::File { path: path.clone(), source },
        };
        if !folder.is_dir() {
            private::ensure_folder(folder).map_err(failed)?;
        }
        let mut file = private::options().create_new(true).open(&path).map_err(failed)?;
        let written = file.write_all(self.text().as_bytes()).and_then(|()| file.sync_all());
        written.and_then(|()| chown_to_folder_owner(&path)).map_err(failed)?;
        Ok(path)
    }

    fn text(&self) -> String {
        let (values, defaults) = (self.values(), Self::defaults().values());
        let mut text = as_comment(HEADER);
        for argument in arguments().get_arguments() {
            let key = argument.get_id().as_str();
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let choices = argument.get_possible_values();
            let choices: Vec<&str> = choices.iter().map(|word| word.get_name()).collect();
            let choices = if choices.is_empty() {
                String::new()
            } else {
                format!(" One of {}.", choices.join(", "))
            };
            let example = argument.get_value_names().and_then(|names| names.first());
            let example = Value::String(example.map(ToString::to_string).unwrap_or_default());
            let default = defaults.get(key).unwrap_or(&example);
            // Our values are written in the same way in JSON and in TOML.
            let line = match values.get(key) {
                Some(value) => format!("{key} = {value}\n"),
                None => format!("# {key} = {default}\n"),
            };
            text.push('\n');
            text.push_str(&as_comment(&format!("{}.{choices}", help.trim_end_matches('.'))));
            text.push_str(&line);
        }
        text
    }
}

/// Returns a text as comment lines.
fn as_comment(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is one");
        if last.len() + 1 + word.len() > MAX_LINE_CHARS {
            lines.push(format!("# {word}"));
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::TlsMode;
    use crate::settings::values::keys;

    #[test]
    fn a_new_file_contains_the_given_settings_and_all_others_as_comments() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new");
        let settings = Settings {
            name: Some("The \"Wren\" \\ house".into()),
            tls: Some(TlsMode::Off),
            mib_per_day: Some(3),
            ..Settings::default()
        };
        let path = settings.write(&folder).unwrap();
        assert!(Settings::in_folder(&folder).unwrap().unwrap() == settings);
        let text = std::fs::read_to_string(path).unwrap();
        for key in keys() {
            let is_line_of_key = |line: &str| {
                line.starts_with(&format!("{key} = ")) || line.starts_with(&format!("# {key} = "))
            };
            assert_eq!(text.lines().filter(|line| is_line_of_key(line)).count(), 1, "{key}");
        }
        assert!(text.lines().all(|line| line.len() <= MAX_LINE_CHARS), "{text}");
        assert!(matches!(settings.write(&folder), Err(SettingsError::Exists(_))));
    }

    #[test]
    fn every_commented_setting_is_valid() {
        let dir = tempfile::tempdir().unwrap();
        let path = Settings::default().write(dir.path()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let is_setting =
            |line: &&str| keys().iter().any(|key| line.starts_with(&format!("{key} = ")));
        let all: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("# ")).filter(is_setting).collect();
        assert_eq!(all.len(), keys().len());
        std::fs::write(&path, all.join("\n")).unwrap();
        let settings = Settings::in_folder(dir.path()).unwrap().unwrap();
        assert_eq!(settings.values().len(), keys().len());
    }
}

//! Writes a new settings' file, in which every setting is explained.

use super::error::SettingsError;
use super::file::NAME;
use super::keys::Settings;
use super::values::arguments;
use crate::no_follow::give_to_owner;
use parlour_sqlite::private;
use serde_json::Value;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const HEAD: &str = "What this Parlour server is told. A flag of the command line goes before a variable of the \
    environment, and that before this file; what nobody says is as the line behind the # has it. \
    `parlour-server check-config` says whether all of it makes sense.";
/// Maximum length of a line of an explanation.
const COLUMNS: usize = 100;

impl Settings {
    /// Writes these settings to a new `parlour.toml` in a folder, which is created if it is missing; all other
    /// settings are in it as comments. The file belongs to the folder's owner, even if root writes it. Returns
    /// its path.
    ///
    /// # Errors
    /// Fails if the file exists, or if the disk fails.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, SettingsError> {
        let path = folder.join(NAME);
        let failed = |source: std::io::Error| match source.kind() {
            ErrorKind::AlreadyExists => SettingsError::Exists(path.clone()),
            _ => SettingsError::File { path: path.clone(), source },
        };
        if !folder.is_dir() {
            private::make_folder(folder).map_err(failed)?;
        }
        let mut file = private::options().create_new(true).open(&path).map_err(failed)?;
        let written = file.write_all(self.text().as_bytes()).and_then(|()| file.sync_all());
        written.and_then(|()| give_to_owner(&path)).map_err(failed)?;
        Ok(path)
    }

    fn text(&self) -> String {
        let (values, defaults) = (self.values(), Self::defaults().values());
        let mut text = explained(HEAD);
        for argument in arguments().get_arguments() {
            let key = argument.get_id().as_str();
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let words = argument.get_possible_values();
            let words: Vec<&str> = words.iter().map(|word| word.get_name()).collect();
            let words = if words.is_empty() {
                String::new()
            } else {
                format!(" One of {}.", words.join(", "))
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
            text.push_str(&explained(&format!("{}.{words}", help.trim_end_matches('.'))));
            text.push_str(&line);
        }
        text
    }
}

/// Returns a text as comment lines.
fn explained(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is one");
        if last.len() + 1 + word.len() > COLUMNS {
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
    fn a_new_file_says_what_was_said_and_explains_the_rest() {
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
            let is_there = |line: &str| {
                line.starts_with(&format!("{key} = ")) || line.starts_with(&format!("# {key} = "))
            };
            assert_eq!(text.lines().filter(|line| is_there(line)).count(), 1, "{key}");
        }
        assert!(text.lines().all(|line| line.len() <= COLUMNS), "{text}");
        assert!(matches!(settings.write(&folder), Err(SettingsError::Exists(_))));
    }

    #[test]
    fn every_line_behind_a_number_sign_makes_sense_without_it() {
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

//! The options of an import.

use super::format::Format;
use super::ids::IdOrigin;
use super::people::Names;
use encoding_rs::{Encoding, WINDOWS_1252};
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// The options of an import.
#[derive(Debug, Clone)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// The path of the folder, file or archive.
    pub path: PathBuf,
    /// The paths of further exports, which are imported in the same run.
    pub more: Vec<PathBuf>,
    /// Where ids come from. If they are those of the export, the server must be empty, or have been made like this.
    pub ids: IdOrigin,
    /// A second folder in which the contents of attached files are looked for.
    pub files: Option<PathBuf>,
    /// Whether it is a dry run.
    pub is_dry_run: bool,
    /// The usernames of those who also become members of every group; the first of them becomes the owner of
    /// groups without one.
    pub members: Vec<String>,
    /// Whether a person in the export with the name of somebody here is taken to be that person, unless the map
    /// says otherwise.
    pub names: Names,
    /// The path of the map of people: read by an import, written by a dry run.
    pub people: Option<PathBuf>,
    /// The path of the file for what is left out.
    pub report: Option<PathBuf>,
    /// Distinguishes servers whose exports use the same keys.
    pub source: String,
    /// The name of the channel or chat, if the export does not contain it.
    pub channel: Option<String>,
    /// The time zone of times without one.
    pub time_zone: TimeZone,
    /// The encoding of lines that are not UTF-8.
    pub encoding: &'static Encoding,
}

/// The error of an invalid option.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// The time zone does not exist.
    #[error("unknown time zone {0}; use an IANA name such as Europe/Vienna")]
    TimeZone(String),
    /// The encoding does not exist.
    #[error("unknown encoding {0}; use a WHATWG name such as windows-1257")]
    Encoding(String),
}

impl Options {
    /// Returns the default options.
    pub fn new(format: Format, path: PathBuf) -> Self {
        Self {
            format,
            path,
            more: Vec::new(),
            ids: IdOrigin::Derived,
            files: None,
            is_dry_run: false,
            members: Vec::new(),
            names: Names::OtherPeople,
            people: None,
            report: None,
            source: String::new(),
            channel: None,
            time_zone: TimeZone::UTC,
            encoding: WINDOWS_1252,
        }
    }

    /// Returns the options with which a server is made again from exports of its members.
    pub fn to_rebuild(path: PathBuf, more: Vec<PathBuf>) -> Self {
        // The members may have reached the server at different addresses.
        let source = "rebuild".to_owned();
        let new = Self::new(Format::Parlour, path);
        Self { more, ids: IdOrigin::Exported, source, ..new }
    }

    /// Returns the options with this time zone and encoding, if they are given.
    ///
    /// # Errors
    /// Fails if a time zone or encoding of that name does not exist.
    pub fn with_encoding_and_zone(
        self,
        time_zone: Option<&str>,
        encoding: Option<&str>,
    ) -> Result<Self, OptionsError> {
        let zone =
            |name: &str| TimeZone::get(name).map_err(|_| OptionsError::TimeZone(name.into()));
        let encoded = |name: &str| {
            let found = Encoding::for_label(name.as_bytes());
            found.ok_or_else(|| OptionsError::Encoding(name.into()))
        };
        Ok(Self {
            time_zone: time_zone.map_or(Ok(self.time_zone), zone)?,
            encoding: encoding.map_or(Ok(self.encoding), encoded)?,
            ..self
        })
    }
}

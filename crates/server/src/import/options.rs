//! How an export is to be read.

use super::format::Format;
use super::people::Names;
use encoding_rs::{Encoding, WINDOWS_1252};
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// How an export is to be read.
#[derive(Debug, Clone)]
pub struct Options {
    /// What wrote it.
    pub format: Format,
    /// The folder, file or archive.
    pub path: PathBuf,
    /// Whether it is only looked at.
    pub is_dry: bool,
    /// Who also becomes a member of every group; the first of them looks after those that nobody does.
    pub members: Vec<String>,
    /// Whether somebody with a name that somebody here has is that person, where no map says so.
    pub names: Names,
    /// The map of people: read by an import, written by a dry run.
    pub people: Option<PathBuf>,
    /// Where what was left out is kept.
    pub report: Option<PathBuf>,
    /// What tells apart two servers whose exports have the same keys.
    pub source: String,
    /// The channel's or chat's name, where the export does not have it.
    pub channel: Option<String>,
    /// The time zone of times without one.
    pub time_zone: TimeZone,
    /// The encoding of lines that are not UTF-8.
    pub encoding: &'static Encoding,
}

/// What is wrong with an option.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// There is no such time zone.
    #[error("there is no time zone {0}: give the name of one of IANA's, such as Europe/Vienna")]
    TimeZone(String),
    /// There is no such encoding.
    #[error("there is no encoding {0}: give the name of one of the web's, such as windows-1257")]
    Encoding(String),
}

impl Options {
    /// Returns how an export is read where nothing is said.
    pub fn new(format: Format, path: PathBuf) -> Self {
        Self {
            format,
            path,
            is_dry: false,
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

    /// Returns the same with times in a zone and lines in an encoding, if they are named.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn reading(
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

//! The header at the beginning of a backup.

use super::objects::FileTotals;
use parlour_protocol::Millis;
use serde::{Deserialize, Serialize};

/// The newest version of the format. Later ones are refused.
pub const FORMAT: u32 = FORMAT_WITH_FILES;
/// The version of a backup without the contents of files.
pub const FORMAT_WITHOUT_FILES: u32 = 1;
/// The version of a backup that contains them.
pub const FORMAT_WITH_FILES: u32 = 2;

/// The name of the first entry, which contains the header.
pub const HEADER: &str = "backup.json";
/// The name of the last entry: SHA-256 of every other one, in the format of `sha256sum`.
pub const SUMS: &str = "SHA256SUMS";

/// The header of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The version of the format.
    pub format: u32,
    /// The version of the program that made the backup.
    pub version: String,
    /// The schema version of the database in it.
    pub schema: i64,
    /// The engine of the server that was backed up: `sqlite` or `postgres`.
    pub engine: String,
    /// The epoch of the server when it was backed up.
    pub epoch: String,
    /// The time of the state that the backup contains.
    pub made_at: Millis,
    /// Size of the database in it, in bytes.
    pub database_bytes: u64,
    /// The files whose contents are in it, unless one was missing or was removed meanwhile; `None` if the contents of
    /// files were not backed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FileTotals>,
    /// The pin of the server's own key, if clients recognize the server by it.
    #[serde(rename = "ownKey", default, skip_serializing_if = "Option::is_none")]
    pub own_key_pin: Option<String>,
}

/// The fields that the headers of all versions have.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Header {
    /// Returns the size of the database and the files in it, in bytes.
    pub fn total_bytes(&self) -> u64 {
        let files = self.files.map_or(0, |files| files.bytes);
        self.database_bytes.saturating_add(files)
    }

    /// Parses a header; returns why it cannot be used if it is newer or damaged.
    pub fn parse(text: &[u8]) -> Result<Self, HeaderError> {
        let Format { format } = serde_json::from_slice(text).map_err(|_| HeaderError::Damaged)?;
        if format > FORMAT {
            return Err(HeaderError::Newer(format!("format {format}, known here is {FORMAT}")));
        }
        let header: Self = serde_json::from_slice(text).map_err(|_| HeaderError::Damaged)?;
        let known = crate::db::schema_version();
        if header.schema > known {
            let (schema, version) = (header.schema, header.version);
            return Err(HeaderError::Newer(format!(
                "{version:?} with schema {schema}, known here is {known}"
            )));
        }
        Ok(header)
    }
}

/// The reason why a header cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// It has a newer version.
    Newer(String),
    /// It is not a header.
    Damaged,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_version_is_distinguished_from_damage() {
        let known = Header {
            format: FORMAT,
            version: "1.2.3".into(),
            schema: crate::db::schema_version(),
            engine: "sqlite".into(),
            epoch: "e".into(),
            made_at: Millis(1),
            database_bytes: 4096,
            files: Some(FileTotals { count: 1, bytes: 3 }),
            own_key_pin: None,
        };
        let text = serde_json::to_vec(&known).unwrap();
        assert_eq!(Header::parse(&text).unwrap(), known);
        let newer = Header { schema: known.schema + 1, ..known };
        let newer = Header::parse(&serde_json::to_vec(&newer).unwrap());
        assert!(matches!(newer, Err(HeaderError::Newer(what)) if what.contains("1.2.3")));
        let newer = Header::parse(br#"{"format":3,"what":"ever"}"#);
        assert!(matches!(newer, Err(HeaderError::Newer(what)) if what.contains("format 3")));
        for text in [&b""[..], b"{}", br#"{"format":1}"#, br#"{"format":-1}"#] {
            assert_eq!(Header::parse(text), Err(HeaderError::Damaged));
        }
    }
}

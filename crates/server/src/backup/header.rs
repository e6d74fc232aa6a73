//! What a backup says of itself at its beginning.

use parlour_protocol::Millis;
use serde::{Deserialize, Serialize};

/// The version of the format. A file of another one is not read.
pub const FORMAT: u32 = 1;

/// The first entry: what the backup is of.
pub const HEADER: &str = "backup.json";
/// The settings, as they are in the data folder.
pub const SETTINGS: &str = "parlour.toml";
/// The server's own key and certificate.
pub const OWN_KEY: &str = "tls.pem";
/// The database.
pub const DATABASE: &str = "parlour.db";
/// The last entry: SHA-256 of each other one, as `sha256sum` prints them.
pub const SUMS: &str = "SHA256SUMS";

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The version of the format.
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// The number of the schema of the database in it.
    pub schema: i64,
    /// The engine of the server that it was made of: `sqlite` or `postgres`.
    pub engine: String,
    /// The epoch that the server was in.
    pub epoch: String,
    /// The moment that it has.
    pub made_at: Millis,
    /// The bytes of the database in it.
    pub database_bytes: u64,
    /// The pin of the server's own key, if clients know the server by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_key: Option<String>,
}

/// The part of a header that every version has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Header {
    /// Returns the header in this text, or else what is wrong with it: a newer version or damage.
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

/// What is wrong with a header.
#[derive(Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// It is of a newer version.
    Newer(String),
    /// It is none.
    Damaged,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_version_is_told_from_damage_whatever_else_it_says() {
        let known = Header {
            format: FORMAT,
            version: "1.2.3".into(),
            schema: crate::db::schema_version(),
            engine: "sqlite".into(),
            epoch: "e".into(),
            made_at: Millis(1),
            database_bytes: 4096,
            own_key: None,
        };
        let text = serde_json::to_vec(&known).unwrap();
        assert_eq!(Header::parse(&text).unwrap(), known);
        let newer = Header { schema: known.schema + 1, ..known };
        let newer = Header::parse(&serde_json::to_vec(&newer).unwrap());
        assert!(matches!(newer, Err(HeaderError::Newer(what)) if what.contains("1.2.3")));
        let newer = Header::parse(br#"{"format":2,"what":"ever"}"#);
        assert!(matches!(newer, Err(HeaderError::Newer(what)) if what.contains("format 2")));
        for text in [&b""[..], b"{}", br#"{"format":1}"#, br#"{"format":-1}"#] {
            assert_eq!(Header::parse(text), Err(HeaderError::Damaged));
        }
    }
}

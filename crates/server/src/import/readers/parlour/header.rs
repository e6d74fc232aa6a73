//! The first line of a file.

use super::super::super::input::json::{Fields, parse};
use super::super::super::input::{Entry, Lines};
use super::super::super::records::StopReason;
use super::super::super::records::body::without_marks;
use super::ids::id;
use parlour_protocol::export_lines::{FORMAT, VERSION};
use serde_json::Value;
use uuid::Uuid;

/// Maximum length of a server's address, in characters.
const MAX_SERVER_CHARS: usize = 300;

/// What the first line of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The server, without the scheme of its address: the same for all of its members.
    pub server: String,
    /// The person who exported it.
    pub exported_by: Option<Uuid>,
    /// When, in milliseconds since 1970; 0 if that is unknown.
    pub exported_at: i64,
}

impl Header {
    /// Returns the header in a line; `None` if the line is none.
    ///
    /// # Errors
    /// Fails if the file was written in a newer version of the format.
    pub fn of(line: &Value) -> Result<Option<Self>, StopReason> {
        let is_header = line.text("type") == Some("header") && line.text("format") == Some(FORMAT);
        let Some(version) = line.int("version").filter(|version| is_header && *version > 0) else {
            return Ok(None);
        };
        if version > i64::from(VERSION) {
            return Err(StopReason::WrongFormat(format!(
                "this export has version {version} of Parlour's format, and this server reads versions up to \
                 {VERSION}: update the server, and import it then"
            )));
        }
        Ok(Some(Self {
            server: server(line.text("server").unwrap_or_default()),
            exported_by: id(line, "exportedBy"),
            exported_at: line.int("exportedAt").unwrap_or(0),
        }))
    }

    /// Returns the header of a file; `None` if it does not begin with one.
    ///
    /// # Errors
    /// As [`Self::of`]; also fails if the file cannot be read.
    pub fn of_file(entry: &Entry) -> Result<Option<Self>, StopReason> {
        let mut lines = Lines::open(entry)?;
        match lines.next()?.and_then(|line| parse(&line.bytes)) {
            Some(line) => Self::of(&line),
            None => Ok(None),
        }
    }
}

/// Returns whether the beginning of a file looks like such an export, even if its header is damaged.
pub fn looks_like_export(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    first.contains(&format!("\"{FORMAT}\"")) || (has("sentAt") && has("author") && has("position"))
}

/// Returns an address without its scheme, in lower case.
fn server(address: &str) -> String {
    let address = without_marks(address.trim()).to_lowercase();
    let name = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
    let name = name.trim_end_matches('/').chars().filter(|c| !c.is_control());
    name.take(MAX_SERVER_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_server_is_the_same_for_all_members_and_a_newer_version_is_refused() {
        let header = |version: i64, server: &str| {
            Header::of(&json!({"type": "header", "format": "parlour-export", "version": version,
                "server": server, "exportedAt": 5}))
        };
        let found = header(1, "HTTPS://Chat.Example.org/").unwrap().unwrap();
        assert_eq!((found.server.as_str(), found.exported_at), ("chat.example.org", 5));
        assert_eq!(header(1, "http://chat.example.org").unwrap().unwrap().server, found.server);
        let refused = header(2, "x").unwrap_err().to_string();
        assert!(
            refused.contains("version 2") && refused.contains("update the server"),
            "{refused}"
        );
        assert_eq!(header(0, "x").unwrap(), None);
        assert_eq!(Header::of(&json!({"type": "person"})).unwrap(), None);
    }
}

//! Where a database is: `sqlite:PATH` or `postgres://…`.

use super::error::DbError;
use super::{postgres, sqlite};
use crate::data_names::DATABASE;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The address of the database that a server uses.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseAddress {
    /// The path of a SQLite file.
    Sqlite(PathBuf),
    /// The URI of a PostgreSQL database, in the format of libpq. It may contain a password.
    Postgres(String),
}

impl DatabaseAddress {
    /// Returns the address of the SQLite file in a server's data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self::Sqlite(data.join(DATABASE))
    }

    /// Checks the address without opening the database. The error contains no password.
    ///
    /// # Errors
    /// Fails if no server could connect to it.
    pub fn check(&self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(url) => postgres::check_address(url),
        }
    }

    /// Returns the folder of the SQLite file; `None` for PostgreSQL.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => Some(parent),
                _ => Some(Path::new(".")),
            },
            Self::Postgres(_) => None,
        }
    }

    /// Returns the size of the SQLite file on the disk in bytes, without opening it; `None` for PostgreSQL.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Sqlite(path) => Some(sqlite::bytes(path)),
            Self::Postgres(_) => None,
        }
    }
}

impl FromStr for DatabaseAddress {
    type Err = DbError;

    fn from_str(text: &str) -> Result<Self, DbError> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(path.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.into()));
        }
        Err(DbError::Address("use sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME".into()))
    }
}

impl fmt::Debug for DatabaseAddress {
    /// Leaves out the address of PostgreSQL with its password, so that no log can contain it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_file_or_a_postgres_database_and_nothing_else() {
        let parse = |text: &str| text.parse::<DatabaseAddress>();
        assert_eq!(parse("sqlite:a/b.db").unwrap(), DatabaseAddress::Sqlite("a/b.db".into()));
        let url = "postgres://u:secret@h/n";
        let address = parse(url).unwrap();
        assert_eq!(address, DatabaseAddress::Postgres(url.into()));
        assert!(!format!("{address:?}").contains("secret"));
        for text in ["", "sqlite:", "mysql://h/n", "parlour.db"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

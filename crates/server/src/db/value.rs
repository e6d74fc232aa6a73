//! Parameters of statements and columns of rows, for both engines.

use super::error::DbError;
use parlour_protocol::{
    ConversationId, FileHash, InvitationId, MessageId, Millis, OpId, PictureId, Seq, SessionId,
    UserId,
};
use std::sync::Arc;
use uuid::Uuid;

/// A parameter of a statement or a column's value. Ids and times have variants of their own, because the engines
/// store them differently.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// A number.
    Int(i64),
    /// Text.
    Text(String),
    /// BYTEA on PostgreSQL, BLOB on SQLite.
    Bytes(Vec<u8>),
    /// UUID on PostgreSQL, TEXT on SQLite.
    Id(Uuid),
    /// TIMESTAMP WITH TIME ZONE on PostgreSQL, TEXT (RFC 3339, UTC) on SQLite.
    At(Millis),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Seq> for Value {
    fn from(seq: Seq) -> Self {
        Self::Int(seq.0)
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl FromValue for Uuid {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Id(id) => Some(*id),
            Value::Text(text) => Self::parse_str(text).ok(),
            _ => None,
        }
    }
}

impl From<FileHash> for Value {
    fn from(hash: FileHash) -> Self {
        Self::Text(hash.to_string())
    }
}

impl FromValue for FileHash {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { text.parse().ok() } else { None }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Millis> for Value {
    fn from(at: Millis) -> Self {
        Self::At(at)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A type that can be read from a column.
pub trait FromValue: Sized {
    /// Returns the value as this type, or `None` if it has another type.
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Int(number) = value { Some(*number) } else { None }
    }
}

impl FromValue for Seq {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(Seq)
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text.clone()) } else { None }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { Some(bytes.clone()) } else { None }
    }
}

impl FromValue for PictureId {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { text.parse().ok() } else { None }
    }
}

impl FromValue for Millis {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::At(at) => Some(*at),
            Value::Int(number) => Some(Millis(*number)),
            Value::Text(text) => {
                text.parse::<jiff::Timestamp>().ok().map(|at| Millis(at.as_millisecond()))
            }
            Value::Null | Value::Id(_) | Value::Bytes(_) => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        if *value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}

macro_rules! id {
    ($($name:ident),*) => {$(
        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Id(id.0)
            }
        }

        impl FromValue for $name {
            fn from_value(value: &Value) -> Option<Self> {
                Uuid::from_value(value).map(Self)
            }
        }
    )*};
}
id!(UserId, ConversationId, MessageId, OpId, SessionId, InvitationId);

/// A row of a result, whose columns are read by name.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) names: Arc<[String]>,
    pub(super) values: Vec<Value>,
}

impl Row {
    /// Returns the column as this type.
    pub fn get<T: FromValue>(&self, name: &'static str) -> Result<T, DbError> {
        let index = self.position(name);
        index.and_then(|index| T::from_value(&self.values[index])).ok_or(DbError::Column(name))
    }

    /// Returns the number of bytes in its texts and byte strings.
    pub(super) fn bytes(&self) -> usize {
        let bytes = |value: &Value| match value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Null | Value::Int(_) | Value::Id(_) | Value::At(_) => 0,
        };
        self.values.iter().map(bytes).sum()
    }

    /// Returns whether the column is NULL.
    pub fn is_null(&self, name: &str) -> bool {
        self.value(name) == Value::Null
    }

    /// Returns the column's text, borrowed from the row.
    pub fn text(&self, name: &'static str) -> Result<&str, DbError> {
        match self.position(name).map(|index| &self.values[index]) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(DbError::Column(name)),
        }
    }

    /// Moves the column's text out of the row.
    pub fn take(&mut self, name: &'static str) -> Result<String, DbError> {
        match self.position(name).map(|index| &mut self.values[index]) {
            Some(Value::Text(text)) => Ok(std::mem::take(text)),
            _ => Err(DbError::Column(name)),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// Returns the column as the engine returned it, and NULL if there is no such column.
    pub(super) fn value(&self, name: &str) -> Value {
        self.position(name).map_or(Value::Null, |index| self.values[index].clone())
    }
}

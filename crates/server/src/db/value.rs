//! What goes into a statement and comes out of a row, whichever the engine.

use super::error::DbError;
use parlour_protocol::{
    ConversationId, InvitationId, MessageId, Millis, OpId, Seq, SessionId, UserId,
};
use std::sync::Arc;
use uuid::Uuid;

/// A bound parameter or a column's value. Ids and the specified tables' times have kinds of their
/// own, because engines store them differently.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// Text.
    Text(String),
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

/// Reads a column.
pub trait FromValue: Sized {
    /// The value as this type, or nothing if it is of another kind.
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

impl FromValue for Millis {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::At(at) => Some(*at),
            Value::Int(number) => Some(Millis(*number)),
            Value::Text(text) => {
                text.parse::<jiff::Timestamp>().ok().map(|at| Millis(at.as_millisecond()))
            }
            Value::Null | Value::Id(_) => None,
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
                match value {
                    Value::Id(id) => Some(Self(*id)),
                    Value::Text(text) => Uuid::parse_str(text).ok().map(Self),
                    _ => None,
                }
            }
        }
    )*};
}
id!(UserId, ConversationId, MessageId, OpId, SessionId, InvitationId);

/// A row of a result, read by its columns' names.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) names: Arc<[String]>,
    pub(super) values: Vec<Value>,
}

impl Row {
    /// The column as this type.
    pub fn get<T: FromValue>(&self, name: &'static str) -> Result<T, DbError> {
        let at = self.position(name);
        at.and_then(|at| T::from_value(&self.values[at])).ok_or(DbError::Column(name))
    }

    /// Bytes of its texts.
    pub(super) fn bytes(&self) -> usize {
        let bytes = |value: &Value| if let Value::Text(text) = value { text.len() } else { 0 };
        self.values.iter().map(bytes).sum()
    }

    /// Whether the column holds nothing.
    pub fn is_null(&self, name: &str) -> bool {
        self.value(name) == Value::Null
    }

    /// The column's text, where it lies.
    pub fn text(&self, name: &'static str) -> Result<&str, DbError> {
        match self.position(name).map(|at| &self.values[at]) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(DbError::Column(name)),
        }
    }

    /// The column's text, taken out of the row.
    pub fn take(&mut self, name: &'static str) -> Result<String, DbError> {
        match self.position(name).map(|at| &mut self.values[at]) {
            Some(Value::Text(text)) => Ok(std::mem::take(text)),
            _ => Err(DbError::Column(name)),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The column as it came; nothing if there is none.
    pub(super) fn value(&self, name: &str) -> Value {
        self.position(name).map_or(Value::Null, |at| self.values[at].clone())
    }
}

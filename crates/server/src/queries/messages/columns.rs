//! The columns of a message as members see it, one per line. The code that lists, writes and reads them is generated
//! from this.

use crate::db::{BatchStatement, ColumnType, DbError, Row, Value};
use parlour_protocol::{
    ConversationId, MessageFile, MessageId, MessageRow, Millis, Reaction, Seq, UserId,
};

/// A message to store.
pub struct NewMessage {
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The message, with its position.
    pub row: MessageRow,
    /// The digest of the op that sent it.
    pub digest: String,
    /// The number of the import that adds it; 0 if it was sent here.
    pub import_run: i64,
}

/// Defines, for the columns of `messages`, each of which has the name of its field in [`MessageRow`]:
/// `message!(list)` and `message!(update)`, for `concat!`; `INSERT` and the parameters of both statements; [`emptied`]
/// and [`from_row`]. `sent` are the columns that are stored when a message is sent and never change; `edited` those that
/// are stored then and can change; `later` those that only change afterwards. Each column that can change has its
/// parameter in the update.
macro_rules! columns {
    (sent { $($sent:ident $sent_type:ident,)* }
     edited { $first:ident $first_type:ident $first_at:literal,
        $($edited:ident $edited_type:ident $edited_at:literal,)* }
     later { $($later:ident $later_at:literal,)* }
     id $id_at:literal) => {
        macro_rules! message {
            (list) => {
                concat!("id", $(", ", stringify!($sent),)* ", ", stringify!($first),
                    $(", ", stringify!($edited),)* $(", ", stringify!($later)),*)
            };
            (update) => {
                concat!("UPDATE messages SET ", stringify!($first), " = ", $first_at,
                    $(", ", stringify!($edited), " = ", $edited_at,)*
                    $(", ", stringify!($later), " = ", $later_at,)*
                    " WHERE id = ", $id_at)
            };
        }

        pub(super) const INSERT: BatchStatement = insert_into! { messages:
            conversation_id Id, id Id, $($sent $sent_type,)* $first $first_type,
            $($edited $edited_type,)* digest Text, import_run Int
        };

        /// Returns the values of `INSERT`'s columns.
        pub(super) fn inserted(new: &NewMessage) -> Vec<Value> {
            let row = &new.row;
            vec![new.conversation_id.into(), row.id.into(), $(row.$sent.write(),)*
                row.$first.write(), $(row.$edited.write(),)* new.digest.as_str().into(),
                new.import_run.into()]
        }

        /// Returns the parameters of the update.
        pub(super) fn updated(row: &MessageRow) -> Vec<Value> {
            vec![row.$first.write(), $(row.$edited.write(),)* $(row.$later.write(),)*
                row.id.into()]
        }

        /// Returns a message as it is once it is deleted: without anything but its id and what never changes.
        pub fn emptied(row: MessageRow) -> MessageRow {
            MessageRow { $($sent: row.$sent,)* ..MessageRow::new(row.id, row.sender_id, "", row.sent_at) }
        }

        /// Reads a row with the columns of the list.
        pub(super) fn from_row(mut row: Row) -> Result<MessageRow, DbError> {
            Ok(MessageRow {
                id: row.get("id")?,
                $($sent: Column::read(&mut row, stringify!($sent))?,)*
                $first: Column::read(&mut row, stringify!($first))?,
                $($edited: Column::read(&mut row, stringify!($edited))?,)*
                $($later: Column::read(&mut row, stringify!($later))?,)*
            })
        }
    };
}

/// Expands to the `BatchStatement` that inserts every row of `input` into a table, which has these columns
/// of these types.
macro_rules! insert_into {
    ($table:ident: $first:ident $first_type:ident $(, $column:ident $type:ident)* $(,)?) => {
        BatchStatement {
            columns: &[
                (stringify!($first), ColumnType::$first_type)
                $(, (stringify!($column), ColumnType::$type))*
            ],
            sql: concat!(
                "INSERT INTO ", stringify!($table),
                " (", stringify!($first) $(, ", ", stringify!($column))*, ")
                SELECT ", stringify!($first) $(, ", ", stringify!($column))*, " FROM input"
            ),
        }
    };
}

columns! {
    sent {
        seq Int,
        sender_id Id,
        reply_to Id,
        mentions_all Int,
        sent_at Int,
    }
    edited {
        body Text "$1",
        mentions Text "$2",
        files Text "$3",
        changed_seq Int "$4",
    }
    later {
        reactions "$5",
        edited_at "$6",
        deleted_at "$7",
        pinned_at "$8",
    }
    id "$9"
}

/// A field that is stored in a column of its name.
trait Column: Sized {
    /// Returns the value to store.
    fn write(&self) -> Value;

    /// Reads the field from the column.
    fn read(row: &mut Row, name: &'static str) -> Result<Self, DbError>;
}

/// Implements [`Column`] for types that are stored as `$write` of themselves.
macro_rules! stored {
    ($($type:ty: $write:expr;)*) => {$(
        impl Column for $type {
            fn write(&self) -> Value {
                let write: fn(&Self) -> Value = $write;
                write(self)
            }

            fn read(row: &mut Row, name: &'static str) -> Result<Self, DbError> {
                row.get(name)
            }
        }
    )*};
}
stored! {
    i64: |number| (*number).into();
    Seq: |seq| (*seq).into();
    UserId: |id| (*id).into();
    Option<MessageId>: |id| (*id).into();
    Millis: |at| at.0.into();
    Option<Millis>: |at| at.map(|at| at.0).into();
}

impl Column for bool {
    fn write(&self) -> Value {
        i64::from(*self).into()
    }

    fn read(row: &mut Row, name: &'static str) -> Result<Self, DbError> {
        Ok(row.get::<i64>(name)? != 0)
    }
}

impl Column for String {
    fn write(&self) -> Value {
        self.as_str().into()
    }

    fn read(row: &mut Row, name: &'static str) -> Result<Self, DbError> {
        row.take(name)
    }
}

/// Implements [`Column`] for lists, which are stored as JSON.
macro_rules! stored_as_json {
    ($($item:ty),*) => {$(
        impl Column for Vec<$item> {
            fn write(&self) -> Value {
                serde_json::to_string(self).expect("a list is plain data").into()
            }

            fn read(row: &mut Row, name: &'static str) -> Result<Self, DbError> {
                let text = row.text(name)?;
                // Nearly every message has an empty list, and this runs for every message of every page.
                if text == "[]" {
                    return Ok(Vec::new());
                }
                serde_json::from_str(text).map_err(|_| DbError::Column(name))
            }
        }
    )*};
}
stored_as_json!(UserId, MessageFile, Reaction);

//! One database interface over two engines. Everything outside this folder is written once, in SQL that both
//! SQLite and PostgreSQL understand; the engines are behind [`Tx`].

mod address;
mod batch_statement;
mod change;
pub(crate) mod clock;
mod commit;
mod copy;
mod database;
mod engine;
pub(crate) mod epochs;
mod error;
mod instance;
mod job;
mod lease;
mod open;
mod pages;
pub(crate) mod postgres;
pub(crate) mod proof;
mod removal_lock;
mod sqlite;
mod timings;
mod tx;
mod value;
mod witness;
mod writer;

pub use address::DatabaseAddress;
pub use batch_statement::{BatchStatement, ColumnType};
pub use change::Change;
pub use commit::commit;
pub use copy::{Copied, copy, digests, image, restore, table_with_rows};
pub use database::{Db, IdentityCheck};
pub use error::DbError;
pub use instance::random_name;
pub use job::{Job, job};
pub use lease::Lease;
pub use open::offline;
pub use pages::{ObjectRow, Pages, read_objects};
pub use postgres::{Messages, apply_settings, connect, connect_to_listen};
pub use removal_lock::RemovalLock;
pub use sqlite::{SCHEMA, schema_version};
pub use timings::Timings;
pub use tx::{Tx, in_memory};
pub use value::{Row, Value};
pub use witness::Witness;
pub use writer::Shutdown;

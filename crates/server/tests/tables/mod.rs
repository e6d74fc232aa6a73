//! The four required tables, which other programs may use, too, checked exactly, and that both databases
//! have the same tables.

mod mapper;
mod postgres;
mod sqlite;

use crate::common::{Database, connect};
use std::collections::BTreeMap;

/// Creates the tables of a new SQLite file, by running every migration.
fn new_sqlite() -> rusqlite::Connection {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    for file in files.collect::<std::collections::BTreeSet<_>>() {
        conn.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
    }
    conn
}

/// The tables and columns, each with whether it may be NULL.
type Columns = BTreeMap<(String, String), bool>;

fn sqlite_columns() -> Columns {
    let conn = new_sqlite();
    let sql = "SELECT t.name, c.name, NOT c.\"notnull\" FROM sqlite_schema AS t
        JOIN pragma_table_xinfo(t.name) AS c WHERE t.type = 'table'";
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let Some(database) = Database::postgres().await else { return };
    database.serve().await.running.stop().await.unwrap();
    let client = connect(database.url.as_ref().unwrap()).await;
    let rows = client
        .query(
            "SELECT table_name::text, column_name::text, is_nullable::text = 'YES'
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name <> 'schema_version'",
            &[],
        )
        .await
        .unwrap();
    let postgres_columns: Columns =
        rows.iter().map(|row| ((row.get(0), row.get(1)), row.get(2))).collect();
    assert_eq!(sqlite_columns(), postgres_columns);
}

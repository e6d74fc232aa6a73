//! The SQL, a file a table. Each function is one thing that the database can be asked or told.

pub mod account;
pub mod conversations;
pub mod edits;
pub mod invitations;
pub mod members;
pub mod messages;
pub mod ops;
pub mod reactions;
pub mod sends;
pub mod sessions;
pub mod streams;
pub mod users;

/// Every statement of the server with its name, for the tests that prepare and explain them.
#[cfg(test)]
pub(crate) fn all_statements() -> Vec<(&'static str, String)> {
    let alone = [
        account::ALL,
        conversations::ALL,
        edits::ALL,
        invitations::ALL,
        members::ALL,
        messages::ALL,
        ops::ALL,
        reactions::ALL,
        sessions::ALL,
        streams::ALL,
        users::ALL,
        crate::import::STATEMENTS,
    ]
    .concat();
    let each = [conversations::EACH, messages::EACH, sends::EACH, streams::EACH].concat();
    let alone = alone.into_iter().map(|(name, sql)| (name, sql.to_owned()));
    alone.chain(each.into_iter().map(|(name, each)| (name, each.of_one()))).collect()
}

#[cfg(test)]
mod tests {
    use crate::db::SCHEMA;

    /// `$1 … $n` are numbered by first appearance on SQLite and by value on PostgreSQL; they must
    /// agree. And no statement may read more rows the longer the history is.
    #[test]
    fn statements_number_their_parameters_in_order_and_scan_no_history() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let conn =
            parlour_sqlite::open(&path, &SCHEMA, parlour_sqlite::Durability::Normal, None).unwrap();
        for (name, sql) in super::all_statements() {
            let statement = conn.prepare(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
            for index in 1..=statement.parameter_count() {
                assert_eq!(statement.parameter_name(index), Some(&*format!("${index}")), "{name}");
            }
            for step in parlour_sqlite::explain(&conn, &sql).unwrap() {
                // `given` is one row here.
                let is_one = step.starts_with("SCAN CONSTANT") || step.starts_with("SCAN given");
                let grows = step.starts_with("SCAN") && !is_one;
                assert!(!grows && !step.contains("TEMP B-TREE"), "{name}: {step}");
            }
        }
    }
}

//! The SQL, one file per table. Each function is one query or one change.

pub mod account;
pub mod audit;
pub mod conversations;
pub mod edits;
pub mod file_uses;
pub mod files;
pub mod group_ids;
pub mod history;
pub mod import_runs;
pub mod imports;
pub mod invitations;
pub mod members;
pub mod messages;
pub mod name_keys;
pub mod ops;
pub mod people;
pub mod pictures;
pub mod presence;
pub mod profiles;
pub mod reactions;
pub mod send;
pub mod server_settings;
pub mod session_addresses;
pub mod sessions;
pub mod streams;
pub mod users;

#[cfg(test)]
use crate::db::BatchStatement;

/// Returns all statements of the server with their names, for the tests that prepare and explain them.
/// `sql` returns the SQL of a statement for many rows.
#[cfg(test)]
pub(crate) fn all_statements(sql: fn(&BatchStatement) -> String) -> Vec<(&'static str, String)> {
    let single = [
        account::ALL,
        audit::ALL,
        conversations::ALL,
        edits::ALL,
        files::ALL,
        file_uses::ALL,
        history::ALL,
        import_runs::ALL,
        imports::ALL,
        invitations::ALL,
        members::ALL,
        members::listed::ALL,
        messages::ALL,
        name_keys::ALL,
        ops::ALL,
        people::ALL,
        pictures::ALL,
        profiles::ALL,
        reactions::ALL,
        server_settings::ALL,
        session_addresses::ALL,
        sessions::ALL,
        streams::ALL,
        users::ALL,
        crate::db::clock::ALL,
        crate::db::epochs::ALL,
        crate::db::proof::ALL,
    ]
    .concat();
    let batches = [
        conversations::BATCH_STATEMENTS,
        history::BATCH_STATEMENTS,
        members::BATCH_STATEMENTS,
        members::join::BATCH_STATEMENTS,
        messages::BATCH_STATEMENTS,
        reactions::BATCH_STATEMENTS,
        send::BATCH_STATEMENTS,
        streams::BATCH_STATEMENTS,
        users::BATCH_STATEMENTS,
    ];
    let batches = batches.concat();
    let single = single.into_iter().map(|(name, sql)| (name, sql.to_owned()));
    single.chain(batches.into_iter().map(|(name, batch)| (name, sql(batch)))).collect()
}

#[cfg(test)]
mod tests {
    use crate::db::{BatchStatement, SCHEMA};

    /// SQLite numbers `$1 … $n` by first appearance, PostgreSQL by value: the two must agree. And no
    /// statement may read more rows as the history grows.
    #[test]
    fn statements_number_their_parameters_in_order_and_scan_no_history() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let conn =
            parlour_sqlite::open(&path, &SCHEMA, parlour_sqlite::Durability::Normal, None).unwrap();
        for (name, sql) in super::all_statements(BatchStatement::sql_for_one_row) {
            let statement = conn.prepare(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
            for index in 1..=statement.parameter_count() {
                assert_eq!(statement.parameter_name(index), Some(&*format!("${index}")), "{name}");
            }
            for step in parlour_sqlite::explain(&conn, &sql).unwrap() {
                // `input` is one row here.
                let is_one = step.starts_with("SCAN CONSTANT") || step.starts_with("SCAN input");
                let grows = step.starts_with("SCAN") && !is_one;
                assert!(!grows && !step.contains("TEMP B-TREE"), "{name}: {step}");
            }
        }
    }

    /// The same for PostgreSQL: whatever the parameters are, tables are read by a condition on an index.
    #[tokio::test]
    async fn no_plan_of_postgres_reads_a_whole_table() {
        let Ok(server) = std::env::var("PARLOUR_TEST_POSTGRES") else { return };
        let (client, running) = crate::db::postgres::connect(&server).await.unwrap();
        tokio::spawn(running);
        client.batch_execute(PLANNED).await.unwrap();
        for migration in crate::db::postgres::MIGRATIONS {
            client.batch_execute(migration).await.unwrap();
        }
        for (name, sql) in super::all_statements(BatchStatement::sql_for_arrays) {
            let plan = plan(&client, &sql).await;
            assert!(!plan.is_empty() && !has_full_scan(&plan), "{name}:\n{}", plan.join("\n"));
        }
        for bad in ["SELECT body FROM messages WHERE body = $1", "SELECT id FROM users ORDER BY id"]
        {
            assert!(has_full_scan(&plan(&client, bad).await), "{bad}");
        }
    }

    /// Uses temporary tables, which are dropped with the connection. Sequential scans and merge joins are disabled,
    /// because PostgreSQL would choose them for empty tables.
    const PLANNED: &str =
        "SET search_path = pg_temp; SET enable_seqscan = off; SET enable_bitmapscan = off;
        SET enable_mergejoin = off;
        SET plan_cache_mode = force_generic_plan";

    /// Returns PostgreSQL's plan for a statement, one line per step or detail.
    async fn plan(client: &tokio_postgres::Client, sql: &str) -> Vec<String> {
        let prepare = format!("PREPARE planned AS {sql}");
        let prepared = client.batch_execute(&prepare).await;
        prepared.unwrap_or_else(|error| panic!("{sql}: {:?}", error.as_db_error()));
        let count = "SELECT cardinality(parameter_types)::bigint FROM pg_prepared_statements
            WHERE name = 'planned'";
        let count: i64 = client.query_one(count, &[]).await.unwrap().get(0);
        let nulls = vec!["NULL"; usize::try_from(count).unwrap()].join(", ");
        let input = if count == 0 { String::new() } else { format!("({nulls})") };
        let explain = format!("EXPLAIN (COSTS OFF) EXECUTE planned{input}");
        let plan = client.simple_query(&explain).await.unwrap();
        client.batch_execute("DEALLOCATE planned").await.unwrap();
        plan.iter().filter_map(line).collect()
    }

    fn line(message: &tokio_postgres::SimpleQueryMessage) -> Option<String> {
        let tokio_postgres::SimpleQueryMessage::Row(row) = message else { return None };
        row.get(0).map(str::to_owned)
    }

    /// Returns whether a step of the plan reads a table without a condition on an index.
    fn has_full_scan(plan: &[String]) -> bool {
        plan.iter().enumerate().any(|(at, step)| {
            let is_by_index = step.contains("Index Scan") || step.contains("Index Only Scan");
            let has_condition = plan.get(at + 1).is_some_and(|next| next.contains("Index Cond"));
            step.contains("Seq Scan") || is_by_index && !has_condition
        })
    }
}

//! Tests of the query plan of every statement that is run often.

use crate::schema::{MIRROR, OUTBOX};
use crate::{
    activity, cleanup, compare, drafts, list, lost_messages, members, mentions, message_details,
    mirror, new_items, op_results, outbox, queue, register_search, search, settings, shared_files,
    stored_history, sync_state, timeline, unread, wipe,
};
use parlour_sqlite::Durability;
use tempfile::TempDir;

type Statements = Vec<(&'static str, &'static str)>;

fn mirror_statements() -> Statements {
    let lists = [
        compare::messages::ALL,
        compare::repairs::ALL,
        compare::state::ALL,
        drafts::ALL,
        members::ALL,
        mentions::ALL,
        mirror::synced_settings::ALL,
        mirror::conversations::ALL,
        mirror::drafts::ALL,
        mirror::files::ALL,
        mirror::members::ALL,
        mirror::messages::ALL,
        mirror::pictures::ALL,
        mirror::saved::ALL,
        mirror::sessions::ALL,
        mirror::streams::ALL,
        mirror::users::ALL,
        new_items::ALL,
        message_details::ALL,
        lost_messages::ALL,
        shared_files::ALL,
        stored_history::ALL,
        sync_state::ALL,
        unread::ALL,
    ];
    [
        lists.concat(),
        activity::statements(),
        list::statements(),
        search::statements(),
        timeline::statements(),
    ]
    .concat()
}

fn outbox_statements() -> Statements {
    let lists = [
        op_results::ALL,
        cleanup::ALL,
        outbox::account::ALL,
        outbox::drafts::ALL,
        outbox::files::ALL,
        outbox::ops::ALL,
        outbox::sent::ALL,
        queue::ALL,
        settings::ALL,
        wipe::ALL,
    ];
    lists.concat()
}

/// Every statement can be prepared, numbers its parameters in the order of their appearance, and
/// never reads a number of rows that grows with the history.
#[test]
fn no_statement_scans_or_sorts_a_growing_number_of_rows() {
    let folder = TempDir::new().unwrap();
    let files = [(MIRROR, mirror_statements()), (OUTBOX, outbox_statements())];
    for (index, (schema, statements)) in files.into_iter().enumerate() {
        let path = folder.path().join(format!("{index}.db"));
        let conn = parlour_sqlite::open(&path, &schema, Durability::Normal, None).unwrap();
        register_search(&conn).unwrap();
        for (name, sql) in statements {
            let statement = conn.prepare(sql).unwrap_or_else(|error| panic!("{name}: {error}"));
            for number in 1..=statement.parameter_count() {
                assert_eq!(
                    statement.parameter_name(number),
                    Some(&*format!("${number}")),
                    "{name}"
                );
            }
            for step in parlour_sqlite::explain(&conn, sql).unwrap() {
                // SQLite also calls it a scan to read an index in its order, or the full-text
                // index.
                let is_allowed = step.contains("USING INDEX")
                    || step.contains("USING COVERING INDEX")
                    || step.contains("VIRTUAL TABLE INDEX")
                    || step.contains("CONSTANT ROW");
                assert!(!step.starts_with("SCAN") || is_allowed, "{name}: {step}");
                assert!(!step.contains("TEMP B-TREE"), "{name}: {step}");
            }
        }
    }
}

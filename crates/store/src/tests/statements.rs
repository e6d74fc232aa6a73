//! Every statement that is run often.

use crate::schema::{MIRROR, OUTBOX};
use crate::{
    activity, answered, compare, drafts, forget, list, members, mentions, mirror, news, notable,
    offers, outbox, queue, register_search, search, settings, shared_files, sync_state, timeline,
    unread, wipe,
};
use parlour_sqlite::Durability;
use tempfile::TempDir;

type Statements = Vec<(&'static str, &'static str)>;

fn of_mirror() -> Statements {
    let lists = [
        compare::messages::ALL,
        compare::repairs::ALL,
        compare::state::ALL,
        drafts::ALL,
        members::ALL,
        mentions::ALL,
        mirror::choices::ALL,
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
        news::ALL,
        notable::ALL,
        offers::ALL,
        shared_files::ALL,
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

fn of_outbox() -> Statements {
    let lists = [
        answered::ALL,
        forget::ALL,
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
fn no_statement_scans_or_sorts_what_grows() {
    let folder = TempDir::new().unwrap();
    let files = [(MIRROR, of_mirror()), (OUTBOX, of_outbox())];
    for (index, (schema, statements)) in files.into_iter().enumerate() {
        let path = folder.path().join(format!("{index}.db"));
        let conn = parlour_sqlite::open(&path, &schema, Durability::Normal, None).unwrap();
        register_search(&conn).unwrap();
        for (name, sql) in statements {
            let statement = conn.prepare(sql).unwrap_or_else(|error| panic!("{name}: {error}"));
            for at in 1..=statement.parameter_count() {
                assert_eq!(statement.parameter_name(at), Some(&*format!("${at}")), "{name}");
            }
            for step in parlour_sqlite::explain(&conn, sql).unwrap() {
                // SQLite also calls it a scan to read an index in its order, or the full-text
                // index.
                let fine = step.contains("USING INDEX")
                    || step.contains("USING COVERING INDEX")
                    || step.contains("VIRTUAL TABLE INDEX")
                    || step.contains("CONSTANT ROW");
                assert!(!step.starts_with("SCAN") || fine, "{name}: {step}");
                assert!(!step.contains("TEMP B-TREE"), "{name}: {step}");
            }
        }
    }
}

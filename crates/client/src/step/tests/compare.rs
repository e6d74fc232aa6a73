//! Tests of comparing the mirror with the server.

use super::{GROUP, ME, OAK, STREAM, member, session};
use crate::stored_section::StoredSection;
use parlour_protocol::{ErrorCode, MessageId, MessageRow, Millis, Page, Row, Seq};
use parlour_store::{ServerUpdate, Store};
use parlour_sync::Section;
use uuid::Uuid;

fn message(body: &str) -> Row {
    let mut row = MessageRow::new(MessageId(Uuid::from_u128(11)), ME, body, Millis(0));
    (row.seq, row.changed_seq) = (Seq(1), 2);
    Row::Message(row)
}

fn apply_page(store: &Store, from: i64, rows: Vec<Row>) {
    let (epoch, to) = (String::new(), from + 1);
    let page = Page { epoch, stream: STREAM, term: 1, from, to, head: to, rows };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
}

#[test]
fn a_part_that_moves_while_it_is_fetched_is_compared_again() {
    let (_, store) = session();
    apply_page(&store, 1, vec![message("damaged")]);
    let parts = [Section::State(STREAM), Section::Messages(GROUP, None)]
        .map(|section| StoredSection::read(&store.mirror, section).unwrap().unwrap());
    // A change arrives before the answer that the damage is repaired from.
    apply_page(&store, 2, vec![member(OAK, 2, 3)]);
    for stored in parts {
        let repaired = stored.repair(&store, "", &[message("said")]);
        assert_eq!(repaired.unwrap_err().code, ErrorCode::Retry, "{stored:?}");
    }
    let stored =
        StoredSection::read(&store.mirror, Section::Messages(GROUP, None)).unwrap().unwrap();
    assert_eq!(stored.repair(&store, "", &[message("said")]).unwrap().0, 1);
}

//! Comparing the mirror with the server.

use super::{ME, OAK, ROOM, STREAM, member, session};
use crate::part::Part;
use parlour_protocol::{ErrorCode, MessageId, MessageRow, Millis, Page, Row, Seq};
use parlour_store::{Arrival, Store};
use parlour_sync::Section;
use uuid::Uuid;

fn message(body: &str) -> Row {
    let mut row = MessageRow::new(MessageId(Uuid::from_u128(11)), ME, body, Millis(0));
    (row.seq, row.changed_seq) = (Seq(1), 2);
    Row::Message(row)
}

fn arrive(store: &Store, from: i64, rows: Vec<Row>) {
    let (epoch, to) = (String::new(), from + 1);
    let page = Page { epoch, stream: STREAM, term: 1, from, to, head: to, rows };
    store.mirror.apply(&[Arrival::Page(&page)]).unwrap();
}

#[test]
fn a_part_that_moves_while_it_is_fetched_is_compared_again() {
    let (_, store) = session();
    arrive(&store, 1, vec![message("damaged")]);
    let parts = [Section::State(STREAM), Section::Messages(ROOM, None)]
        .map(|section| Part::at(&store.mirror, section).unwrap().unwrap());
    // A change arrives before the answer that the damage is repaired from.
    arrive(&store, 2, vec![member(OAK, 2, 3)]);
    for part in parts {
        let mended = part.mend(&store, "", &[message("said")]);
        assert_eq!(mended.unwrap_err().code, ErrorCode::Retry, "{part:?}");
    }
    let part = Part::at(&store.mirror, Section::Messages(ROOM, None)).unwrap().unwrap();
    assert_eq!(part.mend(&store, "", &[message("said")]).unwrap().0, 1);
}

//! Coalesces changes of a large conversation that can wait: joins and reactions go out with the next message, or
//! together a little later, instead of one by one to thousands of sockets.

use parlour_protocol::{Head, Page, Row, StreamId, UserId, limits, rows_fit};
use std::collections::{BTreeMap, BTreeSet};

/// The largest number of rows held for one stream. If there are more, or more than fit into a frame, the stream's
/// followers get only the head, and pull.
const MAX_ROWS: usize = 100;

/// A page to send.
#[derive(Debug, PartialEq)]
pub struct Outgoing {
    /// The page that most followers get.
    pub page: Page,
    /// The users for whom the page lacks something that concerns them: they get only the head, and pull.
    pub head_only: BTreeSet<UserId>,
}

impl Outgoing {
    /// Creates a page that is the same for everybody.
    pub fn to_everybody(page: Page) -> Self {
        Self { page, head_only: BTreeSet::new() }
    }
}

/// The pages that are held back, by stream.
#[derive(Default)]
pub struct Coalescer(BTreeMap<StreamId, Outgoing>);

/// Rows or a head to send.
#[derive(Debug, PartialEq)]
pub enum Release {
    /// The rows.
    Rows(Outgoing),
    /// Only the head, because there are too many rows.
    Moved(Head),
}

impl Coalescer {
    /// Holds a page, joined with the held page of its stream. If it does not continue that one (because another
    /// server wrote in between), returns the one held before, to be sent first.
    pub fn hold(&mut self, outgoing: Outgoing) -> Option<Release> {
        let stream = outgoing.page.stream;
        let joined = match self.0.remove(&stream) {
            Some(held) if held.page.to == outgoing.page.from => join(held, outgoing),
            Some(held) => {
                self.0.insert(stream, outgoing);
                return Some(release(held));
            }
            None => outgoing,
        };
        self.0.insert(stream, joined);
        None
    }

    /// Returns the page, joined with the held page of its stream, or after that one if the page does not continue it.
    pub fn release_with(&mut self, outgoing: Outgoing) -> [Option<Release>; 2] {
        match self.0.remove(&outgoing.page.stream) {
            None => [Some(release(outgoing)), None],
            Some(held) if held.page.to == outgoing.page.from => {
                [Some(release(join(held, outgoing))), None]
            }
            Some(held) => [Some(release(held)), Some(release(outgoing))],
        }
    }

    /// Returns everything that is held.
    pub fn release_all(&mut self) -> Vec<Release> {
        std::mem::take(&mut self.0).into_values().map(release).collect()
    }
}

fn is_too_large(rows: &[Row]) -> bool {
    rows.len() > MAX_ROWS || rows_fit(rows, limits::FRAME_BYTES) < rows.len()
}

fn release(outgoing: Outgoing) -> Release {
    let page = &outgoing.page;
    if !is_too_large(&page.rows) {
        return Release::Rows(outgoing);
    }
    Release::Moved(Head { stream: page.stream, term: page.term, head: page.head })
}

/// Joins two pages, of which the second continues the first. The result has the newest state of each row.
fn join(first: Outgoing, second: Outgoing) -> Outgoing {
    let (mut page, mut head_only) = (first.page, first.head_only);
    let second_page = second.page;
    // If the first page is too large already, no rows have to be added: only its head will be sent.
    if !is_too_large(&page.rows) {
        page.rows.retain(|row| !second_page.rows.iter().any(|newer| is_same_row(row, newer)));
        page.rows.extend(second_page.rows);
        head_only.extend(second.head_only);
    }
    Outgoing { page: Page { to: second_page.to, head: second_page.head, ..page }, head_only }
}

fn is_same_row(a: &Row, b: &Row) -> bool {
    match (a, b) {
        (Row::Message(a), Row::Message(b)) => a.id == b.id,
        (Row::Member(a), Row::Member(b)) => a.user_id == b.user_id,
        (Row::Conversation(a), Row::Conversation(b)) => a.id == b.id,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{MessageId, MessageRow, Millis, UserId};
    use uuid::Uuid;

    fn outgoing(to: i64, message: u128) -> Outgoing {
        Outgoing::to_everybody(page(to, message))
    }

    fn page(to: i64, message: u128) -> Page {
        let id = MessageId(Uuid::from_u128(message));
        let mut row = MessageRow::new(id, UserId(Uuid::nil()), "", Millis(0));
        row.changed_seq = to;
        let rows = vec![Row::Message(row)];
        let stream = StreamId::Directory;
        Page { epoch: "e".into(), stream, term: 0, from: to - 1, to, head: to, rows }
    }

    #[test]
    fn held_pages_are_sent_as_one_interval_with_the_newest_row_of_each_message() {
        let mut coalescer = Coalescer::default();
        assert_eq!(coalescer.hold(outgoing(1, 1)), None);
        assert_eq!(coalescer.hold(outgoing(2, 2)), None);
        assert_eq!(coalescer.hold(outgoing(3, 1)), None);
        let [Some(Release::Rows(all)), None] = coalescer.release_with(outgoing(4, 3)) else {
            panic!()
        };
        let all = all.page;
        assert_eq!((all.from, all.to, all.head), (0, 4, 4));
        let changes: Vec<i64> = all.rows.iter().map(Row::changed_seq).collect();
        assert_eq!(changes, [2, 3, 4]);
        assert!(coalescer.release_all().is_empty());
    }

    #[test]
    fn a_user_who_gets_only_the_head_of_a_page_gets_only_the_head_of_the_joined_page() {
        let mut coalescer = Coalescer::default();
        let [wren, oak] = [1, 2].map(|id| UserId(Uuid::from_u128(id)));
        coalescer.hold(Outgoing { page: page(1, 1), head_only: [wren].into() });
        coalescer.hold(Outgoing { page: page(2, 1), head_only: [oak].into() });
        let [Some(Release::Rows(all)), None] = coalescer.release_with(outgoing(3, 2)) else {
            panic!()
        };
        assert_eq!(all.head_only, [wren, oak].into());
        coalescer.hold(Outgoing { page: page(4, 1), head_only: [wren].into() });
        // This page does not continue the held one.
        assert!(coalescer.hold(outgoing(9, 1)).is_some());
        let [Some(Release::Rows(all)), None] = coalescer.release_with(outgoing(10, 1)) else {
            panic!()
        };
        assert!(all.head_only.is_empty());
    }

    #[test]
    fn pages_with_a_gap_between_them_are_not_joined() {
        let mut coalescer = Coalescer::default();
        coalescer.hold(outgoing(1, 1));
        assert_eq!(coalescer.hold(outgoing(3, 1)), Some(Release::Rows(outgoing(1, 1))));
        let both = coalescer.release_with(outgoing(9, 1));
        assert_eq!(
            both,
            [Some(Release::Rows(outgoing(3, 1))), Some(Release::Rows(outgoing(9, 1)))]
        );
    }

    #[test]
    fn too_many_rows_are_replaced_by_the_head() {
        let mut coalescer = Coalescer::default();
        for to in 1..=500 {
            coalescer.hold(outgoing(to, u128::try_from(to).unwrap()));
        }
        let head = Head { stream: StreamId::Directory, term: 0, head: 500 };
        assert_eq!(coalescer.release_all(), [Release::Moved(head)]);
        for to in 1..=10 {
            let mut page = page(to, u128::try_from(to).unwrap());
            let Row::Message(row) = &mut page.rows[0] else { unreachable!() };
            row.body = "\u{1}".repeat(limits::BODY_BYTES);
            coalescer.hold(Outgoing::to_everybody(page));
        }
        assert_eq!(coalescer.release_all(), [Release::Moved(Head { head: 10, ..head })]);
    }
}

//! What a large conversation can wait for: joins and reactions go out with the next message, or
//! together a little later, and not one by one to thousands.

use parlour_protocol::{Head, Page, Row, StreamId, UserId, limits, rows_fit};
use std::collections::{BTreeMap, BTreeSet};

/// Rows held of one stream; with more than that, or more than a frame holds, its followers are given the
/// head, and pull.
const ROWS: usize = 100;

/// A page that goes out.
#[derive(Debug, PartialEq)]
pub struct News {
    /// What most followers are given.
    pub page: Page,
    /// For whom it leaves out something of their own: they are given the head, and pull.
    pub apart: BTreeSet<UserId>,
}

impl News {
    /// The same for everybody.
    pub fn of(page: Page) -> Self {
        Self { page, apart: BTreeSet::new() }
    }
}

/// What is held, by stream.
#[derive(Default)]
pub struct Held(BTreeMap<StreamId, News>);

/// What goes out.
#[derive(Debug, PartialEq)]
pub enum Release {
    /// The rows.
    Rows(News),
    /// Too many of them: the head alone.
    Moved(Head),
}

impl Held {
    /// Holds a page of a stream, together with what is held of it already. What does not continue
    /// that (another server wrote in between) is answered, to go out first.
    pub fn hold(&mut self, news: News) -> Option<Release> {
        let stream = news.page.stream;
        let joined = match self.0.remove(&stream) {
            Some(held) if held.page.to == news.page.from => join(held, news),
            Some(held) => {
                self.0.insert(stream, news);
                return Some(release(held));
            }
            None => news,
        };
        self.0.insert(stream, joined);
        None
    }

    /// The page of a stream with what is held before it.
    pub fn release_with(&mut self, news: News) -> [Option<Release>; 2] {
        match self.0.remove(&news.page.stream) {
            None => [Some(release(news)), None],
            Some(held) if held.page.to == news.page.from => [Some(release(join(held, news))), None],
            Some(held) => [Some(release(held)), Some(release(news))],
        }
    }

    /// Everything that is held.
    pub fn release_all(&mut self) -> Vec<Release> {
        std::mem::take(&mut self.0).into_values().map(release).collect()
    }
}

fn is_too_much(rows: &[Row]) -> bool {
    rows.len() > ROWS || rows_fit(rows, limits::FRAME_BYTES) < rows.len()
}

fn release(news: News) -> Release {
    let page = &news.page;
    if !is_too_much(&page.rows) {
        return Release::Rows(news);
    }
    Release::Moved(Head { stream: page.stream, term: page.term, head: page.head })
}

/// Two pages, of which the second continues the first, as one: of each thing its newest state.
fn join(first: News, second: News) -> News {
    let (mut page, mut apart) = (first.page, first.apart);
    let second_page = second.page;
    // What is too much already only has to stay so.
    if !is_too_much(&page.rows) {
        page.rows.retain(|row| !second_page.rows.iter().any(|newer| is_same(row, newer)));
        page.rows.extend(second_page.rows);
        apart.extend(second.apart);
    }
    News { page: Page { to: second_page.to, head: second_page.head, ..page }, apart }
}

fn is_same(one: &Row, other: &Row) -> bool {
    match (one, other) {
        (Row::Message(one), Row::Message(other)) => one.id == other.id,
        (Row::Member(one), Row::Member(other)) => one.user_id == other.user_id,
        (Row::Conversation(one), Row::Conversation(other)) => one.id == other.id,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{MessageId, MessageRow, Millis, UserId};
    use uuid::Uuid;

    fn news(to: i64, message: u128) -> News {
        News::of(page(to, message))
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
    fn what_is_held_goes_out_as_one_interval_with_the_newest_of_each() {
        let mut held = Held::default();
        assert_eq!(held.hold(news(1, 1)), None);
        assert_eq!(held.hold(news(2, 2)), None);
        assert_eq!(held.hold(news(3, 1)), None);
        let [Some(Release::Rows(all)), None] = held.release_with(news(4, 3)) else { panic!() };
        let all = all.page;
        assert_eq!((all.from, all.to, all.head), (0, 4, 4));
        let changes: Vec<i64> = all.rows.iter().map(Row::changed_seq).collect();
        assert_eq!(changes, [2, 3, 4]);
        assert!(held.release_all().is_empty());
    }

    #[test]
    fn for_whom_a_page_leaves_something_out_what_it_is_joined_with_does_too() {
        let mut held = Held::default();
        let [wren, oak] = [1, 2].map(|id| UserId(Uuid::from_u128(id)));
        held.hold(News { page: page(1, 1), apart: [wren].into() });
        held.hold(News { page: page(2, 1), apart: [oak].into() });
        let [Some(Release::Rows(all)), None] = held.release_with(news(3, 2)) else { panic!() };
        assert_eq!(all.apart, [wren, oak].into());
        held.hold(News { page: page(4, 1), apart: [wren].into() });
        // The next one is of others only.
        assert!(held.hold(news(9, 1)).is_some());
        let [Some(Release::Rows(all)), None] = held.release_with(news(10, 1)) else { panic!() };
        assert!(all.apart.is_empty());
    }

    #[test]
    fn a_hole_is_never_covered() {
        let mut held = Held::default();
        held.hold(news(1, 1));
        assert_eq!(held.hold(news(3, 1)), Some(Release::Rows(news(1, 1))));
        let both = held.release_with(news(9, 1));
        assert_eq!(both, [Some(Release::Rows(news(3, 1))), Some(Release::Rows(news(9, 1)))]);
    }

    #[test]
    fn too_many_rows_become_the_head() {
        let mut held = Held::default();
        for to in 1..=500 {
            held.hold(news(to, u128::try_from(to).unwrap()));
        }
        let head = Head { stream: StreamId::Directory, term: 0, head: 500 };
        assert_eq!(held.release_all(), [Release::Moved(head)]);
        for to in 1..=10 {
            let mut page = page(to, u128::try_from(to).unwrap());
            let Row::Message(row) = &mut page.rows[0] else { unreachable!() };
            row.body = "\u{1}".repeat(limits::BODY_BYTES);
            held.hold(News::of(page));
        }
        assert_eq!(held.release_all(), [Release::Moved(Head { head: 10, ..head })]);
    }
}

//! Reads a page of a stream: rows in the order of their changes, split only between two changes.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{account, conversations, members, messages, reactions, sessions, users};
use parlour_protocol::{ConversationId, Row, StreamId, UserId, limits, rows_fit};

/// The largest size of one response. A single change that is larger is still returned, alone, so that the
/// client always makes progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// The number of rows.
    pub rows: i64,
    /// The number of bytes of the rows as JSON.
    pub bytes: usize,
}

impl PageLimits {
    /// The limits of a state, whose rows are small except for drafts.
    pub const STATE: Self = Self { rows: 16_384, bytes: limits::PAGE_BYTES };

    /// Returns limits of `rows` rows and of `bytes` bytes as a client requested them, within what the
    /// protocol allows.
    pub fn requested(rows: i64, bytes: Option<usize>) -> Self {
        let bytes = bytes.unwrap_or(limits::PAGE_BYTES);
        Self { rows, bytes: bytes.clamp(limits::MIN_PAGE_BYTES, limits::PAGE_BYTES) }
    }
}

/// The kinds of rows to read from a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// All rows.
    All,
    /// All rows except messages.
    State,
}

/// Returns the rows of the changes in (`from`, `to`] as the caller sees them, and `to`: the head, or less if
/// not all rows fit.
pub async fn read(
    tx: &Tx,
    caller: UserId,
    (stream, kinds): (StreamId, Kinds),
    (from, head): (i64, i64),
    page_limits: PageLimits,
) -> Result<(Vec<Row>, i64), ApiError> {
    // One more row than fits shows whether anything is left out.
    let mut requested = PageLimits { rows: page_limits.rows.max(1) + 1, ..page_limits };
    loop {
        let mut builder = PageBuilder { rows: Vec::new(), complete_to: head };
        match stream {
            StreamId::Conversation(id) => {
                let selection = (id, caller, kinds);
                add_conversation(tx, selection, from, requested, &mut builder).await?;
            }
            StreamId::Account(user) => add_account(tx, user, from, requested, &mut builder).await?,
            StreamId::Directory => {
                let users = users::changed(tx, from, requested.rows).await?;
                builder.add(users.into_iter().map(Row::User), requested.rows);
            }
        }
        let (rows, to) = builder.take_complete(page_limits);
        // The page is empty, because the first change is larger than everything that was read: read more, until it is
        // complete.
        if to > from || head <= from {
            return Ok((rows, to));
        }
        requested =
            PageLimits { rows: requested.rows * 4, bytes: requested.bytes.saturating_mul(4) };
    }
}

/// Rows of several kinds, some of which were read only in part.
struct PageBuilder {
    rows: Vec<Row>,
    /// The last change up to which all rows are in `rows`.
    complete_to: i64,
}

impl PageBuilder {
    /// Adds rows of one kind, in the order of their changes, of which `requested` were requested.
    fn add(&mut self, rows: impl Iterator<Item = Row>, requested: i64) {
        let before = self.rows.len();
        self.rows.extend(rows);
        let count = self.rows.len() - before;
        self.limit_complete(count, i64::try_from(count).is_ok_and(|count| count >= requested));
    }

    /// Adds rows of one kind; `has_more` says whether there are more.
    fn add_partial(&mut self, rows: impl Iterator<Item = Row>, has_more: bool) {
        let before = self.rows.len();
        self.rows.extend(rows);
        self.limit_complete(self.rows.len() - before, has_more);
    }

    fn limit_complete(&mut self, count: usize, has_more: bool) {
        // The last change that was read may have more rows.
        if has_more
            && count > 0
            && let Some(last) = self.rows.last()
        {
            self.complete_to = self.complete_to.min(last.changed_seq() - 1);
        }
    }

    /// Returns the rows that fit, never part of a change, and the change up to which they reach.
    fn take_complete(mut self, page_limits: PageLimits) -> (Vec<Row>, i64) {
        self.rows.sort_by_key(Row::changed_seq);
        let complete = self.rows.partition_point(|row| row.changed_seq() <= self.complete_to);
        self.rows.truncate(complete);
        let rows = usize::try_from(page_limits.rows).unwrap_or(usize::MAX).min(self.rows.len());
        let fit = rows_fit(&self.rows[..rows], page_limits.bytes);
        let Some(first_omitted) = self.rows.get(fit).map(Row::changed_seq) else {
            return (self.rows, self.complete_to);
        };
        let before = self.rows.partition_point(|row| row.changed_seq() < first_omitted);
        if before > 0 {
            self.rows.truncate(before);
            return (self.rows, first_omitted - 1);
        }
        // The first change is larger than the limits: it is returned alone.
        let single = self.rows.partition_point(|row| row.changed_seq() <= first_omitted);
        self.rows.truncate(single);
        (self.rows, first_omitted)
    }
}

async fn add_account(
    tx: &Tx,
    user: UserId,
    from: i64,
    requested: PageLimits,
    builder: &mut PageBuilder,
) -> Result<(), ApiError> {
    let rows = requested.rows;
    let memberships = members::changed_of_account(tx, user, from, rows).await?;
    builder.add(memberships.into_iter().map(Row::Membership), rows);
    let sessions = sessions::changed(tx, user, from, rows).await?;
    builder.add(sessions.into_iter().map(Row::Session), rows);
    let saved = account::saved_changed(tx, user, from, rows).await?;
    builder.add(saved.into_iter().map(Row::Saved), rows);
    let settings = account::settings_changed(tx, user, from, rows).await?;
    builder.add(settings.into_iter().map(Row::Setting), rows);
    let (drafts, has_more) =
        account::drafts_changed(tx, user, from, (rows, requested.bytes)).await?;
    builder.add_partial(drafts.into_iter().map(Row::Draft), has_more);
    Ok(())
}

async fn add_conversation(
    tx: &Tx,
    (id, caller, kinds): (ConversationId, UserId, Kinds),
    from: i64,
    requested: PageLimits,
    builder: &mut PageBuilder,
) -> Result<(), ApiError> {
    if kinds == Kinds::All {
        let page_limits = (requested.rows, requested.bytes);
        let (mut rows, has_more) = messages::changed(tx, id, from, page_limits).await?;
        reactions::mark_own(tx, caller, rows.iter_mut().collect()).await?;
        builder.add_partial(rows.into_iter().map(Row::Message), has_more);
    }
    let conversation = conversations::find(tx, id).await?;
    let with_reads =
        conversation.as_ref().is_some_and(conversations::StoredConversation::shows_reads);
    let newer = conversation.filter(|conversation| conversation.row.changed_seq > from);
    builder.rows.extend(newer.map(|conversation| Row::Conversation(conversation.row)));
    let members = members::changed(tx, id, (from, requested.rows), with_reads).await?;
    builder.add(members.into_iter().map(Row::Member), requested.rows);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::in_memory;
    use futures_util::FutureExt;
    use parlour_protocol::{UserRole, UserRow};
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    fn rows(changes: &[i64]) -> Vec<Row> {
        let row = |seq| UserRow::new(UserId(Uuid::nil()), "", UserRole::Member, seq);
        changes.iter().map(|seq| Row::User(row(*seq))).collect()
    }

    fn take_complete(changes: &[i64], complete_to: i64, max_rows: i64) -> (Vec<Row>, i64) {
        let page_limits = PageLimits { rows: max_rows, bytes: limits::PAGE_BYTES };
        PageBuilder { rows: rows(changes), complete_to }.take_complete(page_limits)
    }

    #[test]
    fn a_page_never_ends_in_the_middle_of_a_change() {
        assert_eq!(take_complete(&[1, 2, 3, 3, 3, 4], 9, 4), (rows(&[1, 2]), 2));
        assert_eq!(take_complete(&[1, 2], 9, 4), (rows(&[1, 2]), 9));
        assert_eq!(take_complete(&[1, 2, 3], 2, 4), (rows(&[1, 2]), 2));
    }

    #[test]
    fn a_change_that_is_larger_than_a_page_is_returned_alone_and_complete() {
        assert_eq!(take_complete(&[3, 3, 3, 3, 3, 4], 9, 2), (rows(&[3, 3, 3, 3, 3]), 3));
        let page_limits = PageLimits { rows: 100, bytes: 10 };
        let builder = PageBuilder { rows: rows(&[2, 2, 3]), complete_to: 9 };
        assert_eq!(builder.take_complete(page_limits), (rows(&[2, 2]), 2));
    }

    const WREN: Uuid = Uuid::from_u128(1);

    /// Creates an account with these sessions and settings: for each whether it is a session, its change, and
    /// its length.
    fn account_with(rows: &[(bool, i64, usize)]) -> Tx {
        let tx = in_memory("e", None).unwrap();
        let run = |sql: String| tx.execute(&sql, &[]).now_or_never().unwrap().unwrap();
        let user = format!("'{WREN}'");
        run(format!(
            "INSERT INTO users (id, username, password_hash) VALUES ({user}, 'wren', '!')"
        ));
        for (n, (is_session, at, length)) in rows.iter().enumerate() {
            run(if *is_session {
                format!(
                    "INSERT INTO sessions (user_id, token, expires_at, changed_seq)
                     VALUES ({user}, 'token{n}', '2030-01-01T00:00:00.000Z', {at})"
                )
            } else {
                let value = "\"".repeat(*length);
                format!(
                    "INSERT INTO settings (user_id, name, value, changed_seq)
                     VALUES ({user}, 'name{n}', '{value}', {at})"
                )
            });
        }
        tx
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Holds for streams of earlier servers, too, which may have any number of rows in one change: every
        /// page makes progress, all pages together are the stream, each change is in one page, and a page is
        /// within its limits unless it is a single change.
        #[test]
        fn pages_make_progress_and_contain_each_change_once(
            rows in prop::collection::vec((any::<bool>(), 1i64..20, 0usize..900), 0..80),
            head in 20i64..25,
            max_rows in 1i64..12,
            bytes in 0usize..6000,
        ) {
            let (tx, page_limits) = (account_with(&rows), PageLimits { rows: max_rows, bytes });
            let stream = (StreamId::Account(UserId(WREN)), Kinds::All);
            let (mut from, mut received) = (0, Vec::new());
            while from < head {
                let page = read(&tx, UserId(WREN), stream, (from, head), page_limits).now_or_never();
                let page = page.unwrap();
                let (page, to) = page.unwrap();
                prop_assert!(from < to && to <= head);
                let changes: BTreeSet<i64> = page.iter().map(Row::changed_seq).collect();
                prop_assert!(changes.iter().all(|change| (from + 1..=to).contains(change)));
                let fits = page.len() as i64 <= page_limits.rows && rows_fit(&page, bytes) == page.len();
                prop_assert!(fits || changes.len() == 1);
                received.extend(page);
                from = to;
            }
            prop_assert_eq!(received.len(), rows.len());
        }
    }
}

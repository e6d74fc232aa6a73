//! Activity: messages that concern the user, newest first, according to the mirror and the settings when it is read.
//! Causes and levels are those of notifications: a message whose level is off is not in Activity either.

mod entry;

pub(crate) use entry::seen;
pub use entry::{ActivityCause, ActivityEntry};

use super::DeviceState;
use super::notifier::rule::Rule;
use crate::error::Result;
use entry::activity_entry;
use parlour_protocol::{ConversationId, Count, Seq};
use parlour_store::{ActivityKind, ActivityPosition, SearchContext, Store};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Maximum number of entries of a page, and of candidates that are checked for it.
const ENTRIES: usize = 40;
const MAX_CANDIDATES: usize = 400;
/// Number of candidates that are read at once.
const BATCH: i64 = 80;
/// Number of the newest candidates among which new ones are counted.
const COUNTED: i64 = 1000;

/// A page of Activity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ActivityPage {
    /// The entries, newest first.
    pub entries: Vec<ActivityEntry>,
    /// Where the next page begins; `None` at the end. A page may be short although there are more.
    pub next: Option<ActivityPosition>,
}

/// Returns a page of Activity, of one kind or of all.
///
/// # Errors
/// Fails if a file cannot be read or written.
pub(crate) fn page(
    store: &Store,
    device_state: &DeviceState,
    kind: Option<ActivityKind>,
    before: Option<ActivityPosition>,
) -> Result<ActivityPage> {
    apply_keywords(store, device_state)?;
    let mut rule = Rule::new(store, device_state)?;
    let (mut page, mut checked) = (ActivityPage { next: before, ..ActivityPage::default() }, 0);
    loop {
        let candidates = store.activity(kind, page.next, BATCH)?;
        let is_last = i64::try_from(candidates.len()).is_ok_and(|count| count < BATCH);
        for candidate in candidates {
            checked += 1;
            page.next = Some(candidate.position);
            let is_known = |known: &ActivityEntry| known.message_id == candidate.message;
            if !page.entries.last().is_some_and(is_known) {
                page.entries.extend(activity_entry(&mut rule, &candidate, kind)?);
            }
            if page.entries.len() >= ENTRIES || checked >= MAX_CANDIDATES {
                return Ok(page);
            }
        }
        if is_last {
            return Ok(ActivityPage { next: None, ..page });
        }
    }
}

/// Returns the number of new entries among the newest.
///
/// # Errors
/// Fails if a file cannot be read or written.
pub(crate) fn count_new(store: &Store, device_state: &DeviceState) -> Result<Count> {
    apply_keywords(store, device_state)?;
    let mut rule = Rule::new(store, device_state)?;
    let (mut before, mut counted) = (None, 0);
    for candidate in store.activity_maybe_new(COUNTED)? {
        if before != Some(candidate.message)
            && activity_entry(&mut rule, &candidate, None)?.is_some_and(|entry| entry.is_new)
        {
            counted += 1;
        }
        before = Some(candidate.message);
    }
    Ok(Count(counted))
}

fn apply_keywords(store: &Store, device_state: &DeviceState) -> Result<()> {
    let context = SearchContext { zone: device_state.zone.clone(), now: device_state.wall.0 };
    Ok(store.apply_keywords(&context)?)
}

/// The new entries of Activity: the conversations with new messages, and those with new reactions.
#[derive(Debug, Default)]
pub(crate) struct NewActivity {
    /// The conversations with new messages, each with the newest of them.
    pub messages: BTreeMap<ConversationId, Seq>,
    /// The conversations with new reactions.
    pub reactions: BTreeSet<ConversationId>,
}

/// Returns the new entries among the newest candidates.
///
/// # Errors
/// Fails if a file cannot be read.
pub(crate) fn find_new(store: &Store, device_state: &DeviceState) -> Result<NewActivity> {
    let mut rule = Rule::new(store, device_state)?;
    let mut new = NewActivity::default();
    for candidate in store.activity_maybe_new(COUNTED)? {
        let found = activity_entry(&mut rule, &candidate, None)?;
        let Some(found) = found.filter(|found| found.is_new) else { continue };
        let ActivityPosition { conversation_id, seq, .. } = found.position;
        if found.cause == ActivityCause::Reaction {
            new.reactions.insert(conversation_id);
        } else {
            let newest = new.messages.entry(conversation_id).or_insert(seq);
            *newest = (*newest).max(seq);
        }
    }
    Ok(new)
}

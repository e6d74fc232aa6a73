//! The earlier texts of a message of which there are several copies.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::edits;
use parlour_protocol::{Count, MessageId, Millis};
use std::collections::{HashMap, HashSet};

/// A text, and the time at which it was replaced.
type Earlier = (String, Millis);

/// Unites the stored earlier texts of a message with those of a copy. Returns whether that changed the stored ones. Of
/// a message with more than [`edits::EXPORTED`], the older ones stay as they are.
pub async fn unite(tx: &Tx, id: MessageId, mut copy: Vec<Earlier>) -> Result<bool, ApiError> {
    if copy.is_empty() {
        return Ok(false);
    }
    let (number, bytes) = edits::EXPORTED;
    let listed = edits::list(tx, id, number, bytes).await?;
    let first = listed.first().map_or(Count(1), |oldest| oldest.number);
    let stored: Vec<Earlier> =
        listed.into_iter().map(|earlier| (earlier.body, earlier.replaced_at)).collect();
    if let Some((_, oldest)) = stored.first().filter(|_| first.0 > 1) {
        // Those that are not listed may be among these.
        copy.retain(|(_, at)| at >= oldest);
    }
    let all = united(&stored, &copy);
    if all == stored {
        return Ok(false);
    }
    edits::replace(tx, id, first, &all).await?;
    Ok(true)
}

/// Returns the union of two lists, oldest first. Each text occurs as often as in the list in which it occurs more
/// often, with the times of that list. If it occurs equally often, the earlier times are taken: one that was inferred
/// from a later edit is too late.
fn united(stored: &[Earlier], copy: &[Earlier]) -> Vec<Earlier> {
    let (in_stored, in_copy) = (times(stored), times(copy));
    let is_fuller = |(text, new): &(&&str, &Vec<Millis>)| match in_stored.get(**text) {
        Some(old) => new.len() > old.len() || (new.len() == old.len() && *new < old),
        None => true,
    };
    let of_copy: HashSet<&str> = in_copy.iter().filter(is_fuller).map(|(text, _)| *text).collect();
    let kept = stored.iter().filter(|(text, _)| !of_copy.contains(text.as_str()));
    let added = copy.iter().filter(|(text, _)| of_copy.contains(text.as_str()));
    let mut all: Vec<Earlier> = kept.chain(added).cloned().collect();
    all.sort_by_key(|(_, at)| *at);
    all
}

/// Returns the times of each text in ascending order.
fn times(list: &[Earlier]) -> HashMap<&str, Vec<Millis>> {
    let mut times: HashMap<&str, Vec<Millis>> = HashMap::new();
    for (text, at) in list {
        times.entry(text.as_str()).or_default().push(*at);
    }
    times.values_mut().for_each(|times| times.sort_unstable());
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[(&str, i64)]) -> Vec<Earlier> {
        texts.iter().map(|(text, at)| ((*text).to_owned(), Millis(*at))).collect()
    }

    #[test]
    fn lists_are_united_by_time_whichever_comes_first_and_only_once() {
        let complete = list(&[("a", 2), ("b", 3), ("a", 5), ("c", 9)]);
        // The time of the last edit stands for those that an export without earlier texts does not have.
        for other in [list(&[]), list(&[("a", 2)]), list(&[("b", 9)]), list(&[("a", 9), ("c", 12)])]
        {
            assert_eq!(united(&complete, &other), complete, "{other:?}");
            assert_eq!(united(&other, &complete), complete, "{other:?}");
        }
        let (old, new) = (list(&[("a", 2), ("x", 4)]), list(&[("y", 3), ("z", 7)]));
        let all = list(&[("a", 2), ("y", 3), ("x", 4), ("z", 7)]);
        assert_eq!((united(&old, &new), united(&new, &old)), (all.clone(), all.clone()));
        assert_eq!(united(&all, &new), all);
    }
}

//! Ranges of message keys in which to search.

/// First and last key, both inclusive.
pub(super) type Range = (i64, i64);

/// Returns the ranges sorted and without duplicates.
pub(super) fn sorted_unique(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}

/// Returns the intersection of two lists of ranges; each list must be sorted and disjoint.
pub(super) fn intersection(a: &[Range], b: &[Range]) -> Vec<Range> {
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        let (low, high) = (a[i].0.max(b[j].0), a[i].1.min(b[j].1));
        if low <= high {
            out.push((low, high));
        }
        if a[i].1 < b[j].1 { i += 1 } else { j += 1 }
    }
    out
}

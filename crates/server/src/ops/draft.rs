//! Merging of drafts that were written on several devices.

/// Merges texts that two devices wrote independently, so that nothing of either is lost.
pub fn merge(known: &str, new: &str) -> String {
    if new.contains(known) {
        new.into()
    } else if known.contains(new) {
        known.into()
    } else {
        format!("{known}\n\n{new}")
    }
}

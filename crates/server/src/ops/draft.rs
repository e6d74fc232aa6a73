//! Drafts that were written on several devices.

/// What two devices wrote without knowing of each other: nothing of either is lost.
pub fn merge(known: &str, new: &str) -> String {
    if new.contains(known) {
        new.into()
    } else if known.contains(new) {
        known.into()
    } else {
        format!("{known}\n\n{new}")
    }
}

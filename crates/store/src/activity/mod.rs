//! Activity: the messages that concern the user. `fill.rs` writes the mirror's table `activity` together with the
//! messages, `page.rs` reads it, `keywords.rs` looks for keywords that were chosen later. The rows are candidates:
//! whether one concerns the user as things are now is decided by whoever reads them.

pub(crate) mod fill;
mod keywords;
pub(crate) mod kind;
pub(crate) mod page;

/// Every statement of Activity.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [fill::ALL, keywords::ALL, page::ALL].concat()
}

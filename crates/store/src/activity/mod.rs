//! Activity: the messages that concern the user. `fill.rs` writes the mirror's table `activity` together with the
//! messages, `page.rs` reads it, `keywords.rs` finds earlier messages with new keywords. The rows are candidates:
//! the reader decides whether they concern the user according to the current settings.

pub(crate) mod fill;
mod keywords;
pub(crate) mod kind;
pub(crate) mod page;

/// Every statement of Activity.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [fill::ALL, keywords::ALL, page::ALL].concat()
}

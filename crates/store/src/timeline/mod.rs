//! A conversation's messages as they are shown.

mod find;
pub(crate) mod item;
mod marked;
mod overlay;
pub(crate) mod page;
mod place;
mod rows;
mod stretch;

/// Every statement of the timeline.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [find::ALL, marked::ALL, place::ALL, rows::ALL, stretch::ALL].concat()
}

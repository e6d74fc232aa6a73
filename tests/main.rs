//! End-to-end tests, in one binary that links once.

mod conversations;
mod desktop;
mod disk;
mod hostile;
mod import;
mod offline;

//! How the bytes of files arrive and are read, and when they are removed. What was written but never added to a file is
//! removed by `sweep.rs`, as is what no message refers to.

mod read;
mod sweep;
mod upload;
mod verify;

pub use read::{FileToRead, stream};
pub use sweep::run as keep_clean;
pub use upload::{add_part, begin, cancel, limits, state};
pub use verify::faults;

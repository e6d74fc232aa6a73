//! Receives, reads and removes the bytes of files. `sweep.rs` removes objects that were never added to a file, and
//! files that no message refers to; `lost.rs` finds uploads whose bytes are gone.

mod add;
mod lost;
mod read;
mod sweep;
mod upload;
mod verify;

pub use add::{AddError, Added, add};
pub use read::{FileToRead, stream};
pub use sweep::run as run_cleanup;
pub use upload::{add_part, begin, cancel, limits, state};
pub use verify::find_faults;

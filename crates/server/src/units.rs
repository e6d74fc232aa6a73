//! Lines of text, and how numbers and times are written in them.

use parlour_protocol::Millis;
use std::io::{Error, ErrorKind, Write};
use std::sync::OnceLock;

/// The first error of printing.
static OUTPUT_ERROR: OnceLock<Error> = OnceLock::new();

/// Prints a line. The reader may have closed the pipe after it has read enough; other errors are kept for
/// [`output_error`].
pub fn line(text: &str) {
    let printed = writeln!(std::io::stdout(), "{text}");
    if let Err(error) = printed.and_then(|()| std::io::stdout().flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = OUTPUT_ERROR.set(error);
    }
}

/// Returns why something could not be printed, for example because the disk is full.
pub fn output_error() -> Option<&'static Error> {
    OUTPUT_ERROR.get()
}

/// Formats a number of bytes for people.
pub fn byte_size(bytes: u64) -> String {
    let kib = bytes as f64 / 1024.0;
    if kib < 1000.0 { format!("{kib:.0} KiB") } else { format!("{:.1} MiB", kib / 1024.0) }
}

/// Formats a time for people.
pub fn date(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| format!("{at:.0}")).unwrap_or_default()
}

/// Returns a number with its noun: "1 file", "2 files".
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

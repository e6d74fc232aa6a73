//! What all pages have in common.

use super::escape::{escaped, isolated_plain};
use crate::texts::ExportTexts;
use data_encoding::BASE64;
use parlour_protocol::FileHash;

/// The style, which is in every page, so that a page can be read without any other file.
const STYLE: &str = include_str!("style.css");

/// Returns the start of a page, up to its contents.
///
/// The policy admits only this style, and pictures, audio and video next to the page; no scripts, forms or frames.
pub(super) fn start(texts: &ExportTexts, title: &str) -> String {
    // A source that was checked out with other line endings must not change the hash that browsers compute.
    let style = STYLE.replace('\r', "");
    let hash = BASE64.encode(FileHash::of(style.as_bytes()).as_bytes());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self' file: data:; \
         media-src 'self' file:; base-uri 'none'; form-action 'none'"
    );
    let direction = if texts.direction == "rtl" { "rtl" } else { "ltr" };
    let (language, title) = (escaped(&texts.language), isolated_plain(title));
    format!(
        "<!doctype html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )
}

/// The end of a page.
pub(super) const END: &str = "</body>\n</html>\n";

/// Returns the size of a file as it is shown, such as `12 KB`.
pub(super) fn size(bytes: i64) -> String {
    let bytes = bytes.max(0);
    let decimal = |unit: i64, name: &str| {
        let tenths = bytes / (unit / 10);
        match tenths {
            ..100 => format!("{}.{} {name}", tenths / 10, tenths % 10),
            _ => format!("{} {name}", bytes / unit),
        }
    };
    match bytes {
        ..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} KB", bytes / 1000),
        1_000_000..1_000_000_000 => decimal(1_000_000, "MB"),
        _ => decimal(1_000_000_000, "GB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_cannot_end_its_element() {
        assert!(!STYLE.contains('<'));
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        let sizes = [-1, 999, 1000, 999_999, 1_250_000, 12_500_000, 2_000_000_000].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1 KB", "999 KB", "1.2 MB", "12 MB", "2.0 GB"]);
    }
}

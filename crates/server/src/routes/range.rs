//! The range of a file that a request contains (RFC 9110, section 14).

use std::ops::Range;

/// The requested bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedRange {
    /// The whole file.
    All,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Only bytes after its end.
    OutOfRange,
}

impl RequestedRange {
    /// Parses the header `Range` of a request for a file of `size` bytes. Several ranges, other units and invalid
    /// values are ignored, as the RFC allows: then the whole file is requested.
    pub fn parse(header: &str, size: u64) -> Self {
        let Some(range) = header.strip_prefix("bytes=").map(str::trim) else { return Self::All };
        let Some((first, last)) = range.split_once('-') else { return Self::All };
        let range = match (number(first), number(last)) {
            (Some(Ok(first)), None) => first..size,
            (Some(Ok(first)), Some(Ok(last))) if first <= last => {
                first..size.min(last.saturating_add(1))
            }
            (None, Some(Ok(count))) => size.saturating_sub(count)..size,
            _ => return Self::All,
        };
        if range.is_empty() { Self::OutOfRange } else { Self::Part(range) }
    }
}

/// Parses a number; `None` if the text is empty. One that is too large becomes the largest.
fn number(text: &str) -> Option<Result<u64, ()>> {
    if text.is_empty() {
        return None;
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Err(()));
    }
    Some(Ok(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_parsed_and_everything_else_requests_the_whole_file() {
        let huge = "bytes=0-99999999999999999999999";
        for (header, requested) in [
            ("bytes=0-0", RequestedRange::Part(0..1)),
            ("bytes=2-", RequestedRange::Part(2..10)),
            ("bytes=2-4", RequestedRange::Part(2..5)),
            ("bytes=9-100", RequestedRange::Part(9..10)),
            ("bytes=-3", RequestedRange::Part(7..10)),
            ("bytes=-30", RequestedRange::Part(0..10)),
            (huge, RequestedRange::Part(0..10)),
            ("bytes=10-", RequestedRange::OutOfRange),
            ("bytes=99999999999999999999999-", RequestedRange::OutOfRange),
            ("bytes=-0", RequestedRange::OutOfRange),
            ("bytes=4-2", RequestedRange::All),
            ("bytes=0-1,3-4", RequestedRange::All),
            ("bytes=", RequestedRange::All),
            ("bytes=-", RequestedRange::All),
            ("bytes=+1-2", RequestedRange::All),
            ("items=0-1", RequestedRange::All),
            ("", RequestedRange::All),
        ] {
            assert_eq!(RequestedRange::parse(header, 10), requested, "{header}");
        }
        assert_eq!(RequestedRange::parse("bytes=0-", 0), RequestedRange::OutOfRange);
    }
}

//! The range of a file that a request asks for (RFC 9110, section 14).

use std::ops::Range;

/// What of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// All of it.
    All,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes behind its end.
    Nothing,
}

impl Asked {
    /// Reads the header `Range` of a request for a file of `bytes` bytes. Several ranges, another unit and what makes no
    /// sense are ignored, as the RFC allows: then all of it is asked for.
    pub fn read(header: &str, bytes: u64) -> Self {
        let Some(range) = header.strip_prefix("bytes=").map(str::trim) else { return Self::All };
        let Some((first, last)) = range.split_once('-') else { return Self::All };
        let range = match (number(first), number(last)) {
            (Some(Ok(first)), None) => first..bytes,
            (Some(Ok(first)), Some(Ok(last))) if first <= last => {
                first..bytes.min(last.saturating_add(1))
            }
            (None, Some(Ok(many))) => bytes.saturating_sub(many)..bytes,
            _ => return Self::All,
        };
        if range.is_empty() { Self::Nothing } else { Self::Part(range) }
    }
}

/// Reads a number; `None` if there is nothing. One that is too large is the largest.
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
    fn one_range_is_read_and_everything_else_asks_for_all() {
        let huge = "bytes=0-99999999999999999999999";
        for (header, asked) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=2-", Asked::Part(2..10)),
            ("bytes=2-4", Asked::Part(2..5)),
            ("bytes=9-100", Asked::Part(9..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-30", Asked::Part(0..10)),
            (huge, Asked::Part(0..10)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=99999999999999999999999-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=4-2", Asked::All),
            ("bytes=0-1,3-4", Asked::All),
            ("bytes=", Asked::All),
            ("bytes=-", Asked::All),
            ("bytes=+1-2", Asked::All),
            ("items=0-1", Asked::All),
            ("", Asked::All),
        ] {
            assert_eq!(Asked::read(header, 10), asked, "{header}");
        }
        assert_eq!(Asked::read("bytes=0-", 0), Asked::Nothing);
    }
}

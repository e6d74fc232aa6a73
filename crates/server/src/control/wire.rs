//! What goes through the socket: a request, a line; items and an answer, a line each.

use super::request::{Item, Reply};
use parlour_protocol::ErrorBody;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest line of a request.
pub const REQUEST_BYTES: u64 = 64 * 1024;
/// Longest line of an answer.
pub const ANSWER_BYTES: u64 = 1024 * 1024;

/// A line that the server says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Line {
    /// Something before the answer.
    Item(Item),
    /// The answer.
    Reply(Reply),
    /// A refusal, in the place of the answer.
    Refused(ErrorBody),
}

/// The next line; nothing at the end.
///
/// # Errors
/// The connection's, and a line that is too long, cut off, or something else.
pub async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncBufRead + Unpin),
    most: u64,
) -> Result<Option<T>> {
    let mut line = Vec::new();
    from.take(most).read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(Error::new(ErrorKind::UnexpectedEof, "a line without an end"));
    }
    // What was in it, a password maybe, is not told.
    let read = serde_json::from_slice(&line);
    read.map(Some).map_err(|_| Error::new(ErrorKind::InvalidData, "a line that is not known"))
}

/// Writes a line.
///
/// # Errors
/// The connection's.
pub async fn write<T: Serialize>(to: &mut (impl AsyncWrite + Unpin), line: &T) -> Result<()> {
    let mut line = serde_json::to_vec(line)?;
    line.push(b'\n');
    to.write_all(&line).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(bytes: &[u8], most: u64) -> Result<Option<Vec<u8>>> {
        read(&mut &*bytes, most).await
    }

    #[tokio::test]
    async fn a_line_is_whole_known_and_not_too_long() {
        assert_eq!(read_all(b"[1,2]\n[3]\n", 100).await.unwrap(), Some(vec![1, 2]));
        assert_eq!(read_all(b"", 100).await.unwrap(), None);
        for (bytes, most) in [(&b"[1,2]"[..], 100), (b"[1,2]\n", 5), (b"secret\n", 100), (b"\n", 9)]
        {
            let error = read_all(bytes, most).await.unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        let mut line = Vec::new();
        write(&mut line, &["a\nb"]).await.unwrap();
        assert_eq!(line, b"[\"a\\nb\"]\n");
    }
}

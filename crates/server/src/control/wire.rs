//! The protocol of the socket: a request is one line; items and the response are one line each.

use super::request::{Item, Reply};
use parlour_protocol::ErrorBody;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest length of a request's line, in bytes.
pub const REQUEST_BYTES: u64 = 64 * 1024;
/// The largest length of a line of the response, in bytes.
pub const RESPONSE_BYTES: u64 = 1024 * 1024;

/// A line that the server sends.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Line {
    /// An item before the response.
    Item(Item),
    /// The response.
    Reply(Reply),
    /// A refusal instead of a response.
    Refused(ErrorBody),
}

/// Reads the next line; returns `None` at the end.
///
/// # Errors
/// Fails if the connection does, or if the line is too long, incomplete or not valid.
pub async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncBufRead + Unpin),
    max_bytes: u64,
) -> Result<Option<T>> {
    let mut line = Vec::new();
    from.take(max_bytes).read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(Error::new(ErrorKind::UnexpectedEof, "a line without an end"));
    }
    // The error does not contain the line, which may include a password.
    let read = serde_json::from_slice(&line);
    read.map(Some).map_err(|_| Error::new(ErrorKind::InvalidData, "an unknown kind of line"))
}

/// Writes a line.
///
/// # Errors
/// Fails if the connection does.
pub async fn write<T: Serialize>(to: &mut (impl AsyncWrite + Unpin), line: &T) -> Result<()> {
    let mut line = serde_json::to_vec(line)?;
    line.push(b'\n');
    to.write_all(&line).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(bytes: &[u8], max_bytes: u64) -> Result<Option<Vec<u8>>> {
        read(&mut &*bytes, max_bytes).await
    }

    #[tokio::test]
    async fn a_line_must_be_complete_valid_and_not_too_long() {
        assert_eq!(read_all(b"[1,2]\n[3]\n", 100).await.unwrap(), Some(vec![1, 2]));
        assert_eq!(read_all(b"", 100).await.unwrap(), None);
        for (bytes, max_bytes) in
            [(&b"[1,2]"[..], 100), (b"[1,2]\n", 5), (b"secret\n", 100), (b"\n", 9)]
        {
            let error = read_all(bytes, max_bytes).await.unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        let mut line = Vec::new();
        write(&mut line, &["a\nb"]).await.unwrap();
        assert_eq!(line, b"[\"a\\nb\"]\n");
    }
}

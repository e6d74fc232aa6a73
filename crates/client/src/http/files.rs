//! Uploads the files of messages, and fetches them.

use super::client::Http;
use super::response::{ServerResult, envelope};
use crate::step::server::PartResult;
use parlour_protocol::{ErrorBody, ErrorCode, FileHash, FileLimits, MessageId, NewUpload, Upload};
use reqwest::header::{CONTENT_TYPE, RANGE};
use reqwest::{Method, StatusCode};
use std::ops::Range;

impl Http {
    /// Returns the server's limits for the user's files.
    pub async fn file_limits(&self) -> ServerResult<FileLimits> {
        self.get("uploads", &()).await
    }

    /// Begins the upload of a file, or returns its state.
    pub(super) async fn put_upload(&self, hash: FileHash, new: &NewUpload) -> ServerResult<Upload> {
        self.call(self.request(Method::PUT, &format!("uploads/{hash}"))?.json(new)).await
    }

    /// Adds a part to a file.
    pub(super) async fn post_part(
        &self,
        hash: FileHash,
        offset: i64,
        part: Vec<u8>,
    ) -> ServerResult<PartResult> {
        let request = self.request(Method::POST, &format!("uploads/{hash}"))?;
        let request = request.query(&[("offset", offset)]).header(CONTENT_TYPE, BYTE_STREAM);
        let response = self.exchange(request.body(part)).await?;
        // A proxy before the server accepts only smaller requests.
        let is_refused = response.status == StatusCode::PAYLOAD_TOO_LARGE
            && envelope(response.status.as_u16(), &response.bytes).is_none();
        if is_refused {
            return Ok(PartResult::TooLarge);
        }
        self.parse(response).map(PartResult::Accepted)
    }

    /// Returns a range of a file's bytes, unverified.
    pub async fn file_part(
        &self,
        message: MessageId,
        index: usize,
        range: Range<i64>,
    ) -> ServerResult<Vec<u8>> {
        let request = self.request(Method::GET, &format!("messages/{message}/files/{index}"))?;
        let range_header = format!("bytes={}-{}", range.start, range.end - 1);
        let bytes = self.call_bytes(request.header(RANGE, range_header)).await?;
        if i64::try_from(bytes.len()) == Ok(range.end - range.start) {
            return Ok(bytes);
        }
        Err(ErrorBody::new(ErrorCode::Retry, "the server sent another range of the file"))
    }

    /// Returns the thumbnail of a file of a message, unverified.
    pub async fn thumbnail(&self, message: MessageId, index: usize) -> ServerResult<Vec<u8>> {
        let path = format!("messages/{message}/files/{index}/thumbnail");
        self.call_bytes(self.request(Method::GET, &path)?).await
    }
}

const BYTE_STREAM: &str = "application/octet-stream";

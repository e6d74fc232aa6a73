//! The HTTPS client for ACME: limits the time and size of each response, and uses the system's proxy.

use super::error::AcmeError;
use super::settings::Acme;
use crate::tls::error::TlsError;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use bytes::Bytes;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use std::pin::Pin;
use std::time::Duration;

/// The longest time until a response is complete.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest body of a request or a response, in bytes.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The HTTPS client for ACME.
pub struct Http(Client);

impl Http {
    /// Creates a client that trusts the root certificates in the settings, or those of the system.
    ///
    /// # Errors
    /// Fails if the file with the root certificates cannot be read, or has invalid content.
    pub fn new(acme: &Acme) -> Result<Self, AcmeError> {
        let mut builder =
            Client::builder().https_only(true).redirect(Policy::none()).timeout(TIMEOUT);
        if let Some(path) = &acme.root_file {
            let pem = std::fs::read(path);
            let pem = pem.map_err(|source| TlsError::File { path: path.clone(), source })?;
            builder = builder.tls_certs_only(Certificate::from_pem_bundle(&pem)?);
        }
        Ok(Self(builder.build()?))
    }
}

type ResponseResult = Result<BytesResponse, Error>;

impl HttpClient for Http {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = ResponseResult> + Send>> {
        let response = send_request(self.0.clone(), request);
        Box::pin(async move { response.await.map_err(Error::Other) })
    }
}

async fn send_request(
    client: Client,
    request: Request<BodyWrapper<Bytes>>,
) -> Result<BytesResponse, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let body = to_bytes(Body::new(body), MAX_BODY_BYTES).await?;
    let request = reqwest::Request::try_from(Request::from_parts(head, body))?;
    let response: Response<reqwest::Body> = client.execute(request).await?.into();
    let (head, body) = response.into_parts();
    let body = to_bytes(Body::new(body), MAX_BODY_BYTES).await?;
    Ok(Response::from_parts(head, Body::from(body)).into())
}

//! Talks to an authority over HTTPS: with a limit to each answer's time and size, through the system's proxy.

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

/// Longest time until an answer is complete.
const ANSWER: Duration = Duration::from_secs(30);
/// Largest body of a request and of an answer.
const BYTES: usize = 1024 * 1024;

/// What talks to an authority.
pub struct Http(Client);

impl Http {
    /// Trusts the roots that the settings name, or those of the system.
    ///
    /// # Errors
    /// The file of the roots cannot be read, or makes no sense.
    pub fn new(acme: &Acme) -> Result<Self, AcmeError> {
        let mut builder =
            Client::builder().https_only(true).redirect(Policy::none()).timeout(ANSWER);
        if let Some(path) = &acme.root_file {
            let pem = std::fs::read(path);
            let pem = pem.map_err(|source| TlsError::File { path: path.clone(), source })?;
            builder = builder.tls_certs_only(Certificate::from_pem_bundle(&pem)?);
        }
        Ok(Self(builder.build()?))
    }
}

type Answer = Result<BytesResponse, Error>;

impl HttpClient for Http {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let asked = ask(self.0.clone(), request);
        Box::pin(async move { asked.await.map_err(Error::Other) })
    }
}

async fn ask(
    client: Client,
    request: Request<BodyWrapper<Bytes>>,
) -> Result<BytesResponse, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let body = to_bytes(Body::new(body), BYTES).await?;
    let request = reqwest::Request::try_from(Request::from_parts(head, body))?;
    let answer: Response<reqwest::Body> = client.execute(request).await?.into();
    let (head, body) = answer.into_parts();
    let body = to_bytes(Body::new(body), BYTES).await?;
    Ok(Response::from_parts(head, Body::from(body)).into())
}

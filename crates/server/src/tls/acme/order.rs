//! Orders a certificate, and proves to the authority that the names belong to this server.

use super::challenges::{ActiveChallenges, Challenges};
use super::error::AcmeError;
use super::files;
use super::http::Http;
use super::settings::Acme;
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rustls::crypto::CryptoProvider;
use std::time::Duration;

/// How long the authority may take to validate the names, and to issue the certificate.
const TIMEOUT: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));
/// The error type of an authority that does not know the account.
const UNKNOWN_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// Obtains a certificate and stores it.
pub async fn obtain(
    acme: &Acme,
    challenges: &Challenges,
    provider: &CryptoProvider,
) -> Result<(), AcmeError> {
    let account = account(acme).await?;
    let domains: Vec<_> = acme.domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = match account.new_order(&NewOrder::new(&domains)).await {
        Ok(order) => order,
        Err(error) => {
            if is_unknown_account(&error) {
                files::forget_credentials(acme)?;
            }
            return Err(error.into());
        }
    };
    let active = challenges.start();
    prepare_challenges(&mut order, &active, provider).await?;
    let ready = order.poll_ready(&TIMEOUT).await;
    if !matches!(ready, Ok(OrderStatus::Ready | OrderStatus::Valid)) {
        return Err(refusal(&mut order, ready.err()).await);
    }
    drop(active);
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&TIMEOUT).await?;
    files::store(acme, &key, &chain, provider)
}

/// Returns the existing account, or creates one. This accepts the authority's terms of service.
async fn account(acme: &Acme) -> Result<Account, AcmeError> {
    let builder = Account::builder_with_http(Box::new(Http::new(acme)?));
    if let Some(credentials) = files::credentials(acme)? {
        return Ok(builder.from_credentials(credentials).await?);
    }
    let contact = acme.email.as_ref().map(|email| format!("mailto:{email}"));
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let new = NewAccount {
        contact: &contact,
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let (account, credentials) = builder.create(&new, acme.directory.clone(), None).await?;
    files::store_credentials(acme, credentials)?;
    Ok(account)
}

fn is_unknown_account(error: &Error) -> bool {
    matches!(error, Error::Api(problem) if problem.r#type.as_deref() == Some(UNKNOWN_ACCOUNT))
}

/// Prepares the challenge for each name, and requests the authority to validate it.
async fn prepare_challenges(
    order: &mut Order,
    active: &ActiveChallenges<'_>,
    provider: &CryptoProvider,
) -> Result<(), AcmeError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
        let mut challenge = challenge.ok_or_else(|| AcmeError::NoChallenge(name.clone()))?;
        active.present(&name, challenge.key_authorization().digest().as_ref(), provider)?;
        challenge.set_ready().await?;
    }
    Ok(())
}

/// Returns why the order failed: the problem that the authority reports for a name, if there is one.
async fn refusal(order: &mut Order, error: Option<Error>) -> AcmeError {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let domain = authorization.identifier().to_string();
        let Ok(now) = authorization.refresh().await else { continue };
        let mut problems = now.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = problems.next() {
            return AcmeError::Refused { domain, reason: problem.to_string() };
        }
    }
    error.map_or(AcmeError::OrderFailed, Into::into)
}

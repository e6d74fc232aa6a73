//! The state that all parts of an account share.

pub(crate) mod inputs;
pub(crate) mod local;
pub(crate) mod shared;

use crate::attachments::queue::FetchQueue;
use crate::clock::Clock;
use crate::http::client::Http;
use crate::notice::Notices;
use crate::pictures::queue::PictureQueue;
use crate::token::TokenCell;
use inputs::Inputs;
use local::LocalContext;
use parlour_store::Store;
use shared::DriverState;
use std::sync::Arc;

/// An account's files, its server, and the channels between its parts; clones share them.
#[derive(Clone)]
pub struct Context {
    pub store: Arc<Store>,
    pub http: Http,
    /// The session's token, which `http` reads.
    pub token: TokenCell,
    pub notices: Notices,
    pub shared: Arc<DriverState>,
    pub clock: Arc<dyn Clock>,
    /// The pictures to fetch.
    pub pictures: Arc<PictureQueue>,
    /// The files to fetch.
    pub fetches: Arc<FetchQueue>,
    pub inputs: Inputs,
}

impl Context {
    /// Returns the parts that a step of the sync uses.
    pub fn local(&self) -> LocalContext {
        LocalContext {
            store: self.store.clone(),
            notices: self.notices.clone(),
            shared: self.shared.clone(),
            clock: self.clock.clone(),
            inputs: self.inputs.clone(),
        }
    }
}

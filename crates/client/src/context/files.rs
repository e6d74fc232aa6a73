//! What a step works with: everything of an account but its network.

use super::inputs::Inputs;
use super::shared::Shared;
use crate::clock::Clock;
use crate::notice::Notices;
use parlour_store::Store;
use std::sync::Arc;

/// An account's files, and those who hear of what changes in them; clones share them.
#[derive(Clone)]
pub struct Files {
    pub store: Arc<Store>,
    pub notices: Notices,
    pub shared: Arc<Shared>,
    pub clock: Arc<dyn Clock>,
    pub inputs: Inputs,
}

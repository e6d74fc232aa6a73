//! The parts of an account that a step of the sync uses: all except the network.

use super::inputs::Inputs;
use super::shared::DriverState;
use crate::clock::Clock;
use crate::notice::Notices;
use parlour_store::Store;
use std::sync::Arc;

/// An account's files, and the receivers of changes to them; clones share them.
#[derive(Clone)]
pub struct LocalContext {
    pub store: Arc<Store>,
    pub notices: Notices,
    pub shared: Arc<DriverState>,
    pub clock: Arc<dyn Clock>,
    pub inputs: Inputs,
}

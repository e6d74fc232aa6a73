//! The server's settings: from flags, the environment, and `parlour.toml` in its data folder, in this order of
//! precedence. The keys of all three are the fields of one struct, [`Settings`].

mod acme;
mod defaults;
mod error;
mod file;
mod files;
mod keys;
mod ranges;
mod reload;
mod resolve;
mod values;
mod write;

pub use defaults::with_defaults;
pub use error::SettingsError;
pub use file::NAME;
pub use keys::{Header, LogFormat, MetricsAccess, RegistrationMode, Settings, TlsMode};
pub use reload::{Reload, ReloadablePart};
pub use values::Values;
#[cfg(test)]
pub(crate) use values::keys;

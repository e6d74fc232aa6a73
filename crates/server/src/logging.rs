//! The log, on standard error: how much of what goes there, and how it is written.

use parlour_server::settings::LogFormat;
use std::io::IsTerminal;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// What commands log that are no server.
pub const USUAL: &str = "info";

/// The log of this program.
pub struct Log(reload::Handle<EnvFilter, Registry>);

impl Log {
    /// Begins to log; to be called once.
    pub fn begin(level: &str, format: LogFormat) -> Self {
        let (level, handle) = reload::Layer::new(EnvFilter::new(level));
        let is_colored = std::io::stderr().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(is_colored);
        let lines: Box<dyn Layer<_> + Send + Sync> = match format {
            LogFormat::Text => lines.boxed(),
            LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        };
        tracing_subscriber::registry().with(level).with(filter_fn(is_told)).with(lines).init();
        Self(handle)
    }

    /// Logs what this says from now on.
    pub fn set(&self, level: &str) {
        if let Err(error) = self.0.reload(EnvFilter::new(level)) {
            tracing::error!(%error, "the log stays as it is");
        }
    }
}

/// What libraries say of their details may hold anything, a request's body among it: whatever level is set, it is
/// not logged.
fn is_told(about: &Metadata<'_>) -> bool {
    about.target().starts_with("parlour") || *about.level() <= Level::INFO
}

//! The log on standard error: its level and its format.

use parlour_server::settings::LogFormat;
use std::io::IsTerminal;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// The level for all commands except `serve`.
pub const DEFAULT_LEVEL: &str = "info";

/// The log of this program.
pub struct Log(reload::Handle<EnvFilter, Registry>);

impl Log {
    /// Starts logging. Call it once.
    pub fn begin(level: &str, format: LogFormat) -> Self {
        let (level, handle) = reload::Layer::new(EnvFilter::new(level));
        let is_colored = std::io::stderr().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(is_colored);
        let lines: Box<dyn Layer<_> + Send + Sync> = match format {
            LogFormat::Text => lines.boxed(),
            LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        };
        tracing_subscriber::registry().with(level).with(filter_fn(is_logged)).with(lines).init();
        Self(handle)
    }

    /// Sets the level from now on.
    pub fn set(&self, level: &str) {
        if let Err(error) = self.0.reload(EnvFilter::new(level)) {
            tracing::error!(%error, "cannot change the log's level");
        }
    }
}

/// Returns whether an event is logged at all. Debug and trace events of libraries never are, because they may contain
/// anything, including the body of a request.
fn is_logged(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("parlour") || *metadata.level() <= Level::INFO
}

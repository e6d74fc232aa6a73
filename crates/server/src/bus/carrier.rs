//! What carries notes between servers.

/// Why a note did not get through.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Carries notes to every server that listens, its own included.
pub trait Carrier: Send + Sync + 'static {
    /// A connection to speak on.
    type Speaker: Send;
    /// A connection that hears every note from here on.
    type Listener: Send;

    /// Connects to speak.
    fn speaker(&self) -> impl Future<Output = Result<Self::Speaker, Failure>> + Send;
    /// Says a note of at most 8000 bytes; it is with the carrier when this returns.
    fn say(
        speaker: &Self::Speaker,
        note: String,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Connects to listen.
    fn listener(&self) -> impl Future<Output = Result<Self::Listener, Failure>> + Send;
    /// The next note. An error means that some may have been missed.
    fn hear(listener: &mut Self::Listener) -> impl Future<Output = Result<String, Failure>> + Send;
}

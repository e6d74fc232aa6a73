//! The carrier of notes between servers.

/// The reason why a note could not be sent or received.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Carries notes to every server that listens, including the one that sends them.
pub trait Carrier: Send + Sync + 'static {
    /// A connection for sending.
    type Speaker: Send;
    /// A connection that receives every note from now on.
    type Listener: Send;

    /// Connects for sending.
    fn speaker(&self) -> impl Future<Output = Result<Self::Speaker, Failure>> + Send;
    /// Sends a note of at most 8000 bytes; the carrier has it when this returns.
    fn say(
        speaker: &Self::Speaker,
        note: String,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Connects for listening.
    fn listener(&self) -> impl Future<Output = Result<Self::Listener, Failure>> + Send;
    /// Receives the next note. An error means that some notes may have been missed.
    fn hear(listener: &mut Self::Listener) -> impl Future<Output = Result<String, Failure>> + Send;
}

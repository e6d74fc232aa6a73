//! The transport of hint batches between servers.

/// The reason why a batch could not be sent or received.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Carries hint batches to every server that listens, including the one that sends them.
pub trait Transport: Send + Sync + 'static {
    /// A connection for sending.
    type Sender: Send;
    /// A connection that receives every batch from now on.
    type Receiver: Send;

    /// Connects for sending.
    fn sender(&self) -> impl Future<Output = Result<Self::Sender, Failure>> + Send;
    /// Sends a batch of at most 8000 bytes; the transport has it when this returns.
    fn send(
        sender: &Self::Sender,
        batch: String,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Connects for listening.
    fn receiver(&self) -> impl Future<Output = Result<Self::Receiver, Failure>> + Send;
    /// Receives the next batch. An error means that some hint batches may have been missed.
    fn receive(
        receiver: &mut Self::Receiver,
    ) -> impl Future<Output = Result<String, Failure>> + Send;
}

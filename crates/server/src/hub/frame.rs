//! Frames in the form in which they are sent.

use parlour_protocol::Frame;

/// A frame as JSON, shared by the sockets that send it.
pub type Json = axum::extract::ws::Utf8Bytes;

/// Serializes a frame.
pub fn to_json(frame: &Frame) -> Json {
    serde_json::to_string(frame).expect("a frame is plain data").into()
}

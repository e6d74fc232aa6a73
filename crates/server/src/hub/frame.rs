//! Frames as they go over the wire.

use parlour_protocol::Frame;

/// A frame as it goes over the wire; the sockets that send it share it.
pub type Json = axum::extract::ws::Utf8Bytes;

/// Writes a frame.
pub fn to_json(frame: &Frame) -> Json {
    serde_json::to_string(frame).expect("a frame is plain data").into()
}

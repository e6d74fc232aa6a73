//! Free ports.

use std::io;

/// Returns a port of this machine that no program listens at.
pub(crate) fn unused_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

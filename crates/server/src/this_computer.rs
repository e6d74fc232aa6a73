//! Names and addresses of this computer.

use std::net::IpAddr;

/// Returns whether a host, as in an address, is this computer: by name, or as an address of the loopback range, which
/// may be in brackets. A full stop at the end, for the DNS root, does not count.
pub fn is_this_computer(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_is_recognized_by_its_name_and_its_addresses() {
        for host in ["localhost", "LOCALHOST.", "127.0.0.1", "127.1.2.3", "[::1]", "::1"] {
            assert!(is_this_computer(host), "{host}");
        }
        for host in ["", "chat.example.org", "localhost.example.org", "10.0.0.5", "[::]"] {
            assert!(!is_this_computer(host), "{host}");
        }
    }
}

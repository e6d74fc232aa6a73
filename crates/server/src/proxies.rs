//! The address of a request's client, according to the proxies in front of the server.
//!
//! Each proxy appends the address of its own client to what the header already contains. Therefore the last entries,
//! one per proxy, are from the proxies, and everything before them is unverified input of a client.

use axum::http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr};

/// The header in which the proxies pass on the address of their client. Only one header is read, because a
/// header that no proxy writes comes from the client itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProxyHeader {
    /// X-Forwarded-For, with X-Forwarded-Proto.
    #[default]
    XForwardedFor,
    /// Forwarded (RFC 7239).
    Forwarded,
}

/// The trusted proxies in front of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proxies {
    /// The number of proxies that a request passes, one after the other; 0 for none.
    pub count: usize,
    /// The header that they write.
    pub header: ProxyHeader,
}

impl Proxies {
    /// No proxies: the address of the connection is the client's.
    pub const NONE: Self = Self { count: 0, header: ProxyHeader::XForwardedFor };
    /// One proxy, with X-Forwarded-For.
    pub const ONE: Self = Self { count: 1, header: ProxyHeader::XForwardedFor };

    /// Returns whether there are any.
    pub fn any(self) -> bool {
        self.count > 0
    }

    /// Returns the address of the client of the first proxy, or `None` if the header contains no valid address.
    pub fn client(self, headers: &HeaderMap) -> Option<IpAddr> {
        match self.header {
            ProxyHeader::XForwardedFor => address(&self.entry(headers, "x-forwarded-for")?),
            ProxyHeader::Forwarded => address(&self.parameter(headers, "for")?),
        }
    }

    /// Returns whether the request to the first proxy was over TLS.
    pub fn is_over_tls(self, headers: &HeaderMap) -> bool {
        let proto = match self.header {
            ProxyHeader::XForwardedFor => self.entry(headers, "x-forwarded-proto"),
            ProxyHeader::Forwarded => self.parameter(headers, "proto"),
        };
        proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https"))
    }

    /// Returns the entry that the first proxy wrote. If the request passed fewer proxies, there
    /// are fewer entries, and the first of them is returned. Empty entries do not count (RFC 9110, 5.6.1).
    fn entry(self, headers: &HeaderMap, name: &str) -> Option<String> {
        let index_from_end = self.count.checked_sub(1)?;
        let mut entries = Vec::new();
        for header in headers.get_all(name).iter().rev() {
            let line = String::from_utf8_lossy(header.as_bytes());
            let parts: Vec<&str> = match self.header {
                ProxyHeader::XForwardedFor => line.rsplit(',').collect(),
                ProxyHeader::Forwarded => rsplit(&line, ','),
            };
            let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
            entries.extend(parts.map(str::to_owned));
        }
        let index = index_from_end.min(entries.len().checked_sub(1)?);
        Some(entries.swap_remove(index))
    }

    /// Returns the value of one parameter of RFC 7239 in the first proxy's entry.
    fn parameter(self, headers: &HeaderMap, name: &str) -> Option<String> {
        let entry = self.entry(headers, "forwarded")?;
        let pairs = rsplit(&entry, ';').into_iter().filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        Some(unquoted(named.next()?.1.trim()))
    }
}

/// Splits a text at separators outside of quotes, and returns the parts in reverse order. The text is read from its
/// end, where the proxies wrote, so that a quote that a client left open cannot hide any of their entries.
fn rsplit(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut end, mut is_quoted) = (Vec::new(), text.len(), false);
    for (at, c) in text.char_indices().rev() {
        is_quoted ^= c == '"';
        if c == separator && !is_quoted {
            parts.push(&text[at + c.len_utf8()..end]);
            end = at;
        }
    }
    parts.push(&text[..end]);
    parts
}

fn unquoted(text: &str) -> String {
    let Some(quoted) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.into();
    };
    let mut is_escaped = false;
    let is_literal = |c: &char| {
        is_escaped = *c == '\\' && !is_escaped;
        !is_escaped
    };
    quoted.chars().filter(is_literal).collect()
}

/// Parses an address as proxies write it: plain, in brackets, in quotes, with a port, or with the zone of an IPv6
/// address, which is left out. The port is not parsed (RFC 7239, section 6, allows names).
fn address(text: &str) -> Option<IpAddr> {
    let mut text = unquoted(text);
    if let Some(zone) = text.find('%') {
        let end = text[zone..].find(']').map_or(text.len(), |bracket| zone + bracket);
        text.replace_range(zone..end, "");
        // Only IPv6 addresses have zones.
        if !text.contains("::") && text.matches(':').count() < 7 {
            return None;
        }
    }
    let in_brackets = |text: &str| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let parse_host =
        |host: &str| host.parse::<Ipv4Addr>().map(IpAddr::V4).ok().or(in_brackets(host));
    let with_port = || text.rsplit_once(':').and_then(|(host, _)| parse_host(host));
    text.parse().ok().or_else(|| in_brackets(&text)).or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &str, lines: &[&str]) -> HeaderMap {
        let line = |text: &&str| (name.parse().unwrap(), text.parse().unwrap());
        lines.iter().map(line).collect()
    }

    fn client(proxies: Proxies, name: &str, lines: &[&str]) -> Option<String> {
        proxies.client(&headers(name, lines)).map(|address| address.to_string())
    }

    #[test]
    fn the_last_address_is_trusted_because_the_proxy_appended_it() {
        for (lines, address) in [
            (&["192.0.2.7"][..], Some("192.0.2.7")),
            (&["203.0.113.1, 192.0.2.7"], Some("192.0.2.7")),
            (&["203.0.113.1", "192.0.2.7"], Some("192.0.2.7")),
            (&[" 192.0.2.7:4711 "], Some("192.0.2.7")),
            (&["192.0.2.7:"], Some("192.0.2.7")),
            (&["192.0.2.7:99999"], Some("192.0.2.7")),
            (&["192.0.2.7:_hidden"], Some("192.0.2.7")),
            (&["[2001:db8::1]:"], Some("2001:db8::1")),
            (&["unknown:80"], None),
            (&["[2001:db8::1]:4711"], Some("2001:db8::1")),
            (&["[2001:db8::1]"], Some("2001:db8::1")),
            (&["192.0.2.7,"], Some("192.0.2.7")),
            (&["203.0.113.1,, 192.0.2.7 , ,"], Some("192.0.2.7")),
            (&["192.0.2.7", "", " , "], Some("192.0.2.7")),
            (&["\"192.0.2.7\""], Some("192.0.2.7")),
            (&["\"192.0.2.7:80\""], Some("192.0.2.7")),
            (&["\"[2001:db8::1]:4711\""], Some("2001:db8::1")),
            (&["fe80::1%eth0"], Some("fe80::1")),
            (&["[fe80::1%25eth0]:80"], Some("fe80::1")),
            (&["[fe80::1%eth0]"], Some("fe80::1")),
            (&["192.0.2.7%eth0"], None),
            (&["[fe80::1%eth0"], None),
            (&["192.0.2.7, unknown"], None),
            (&["192.0.2.7", "999.0.0.1"], None),
            (&["192.0.2.7, ä"], None),
            (&["\"203.0.113.1, 192.0.2.7"], Some("192.0.2.7")),
            (&["", ","], None),
            (&[], None),
        ] {
            let found = client(Proxies::ONE, "x-forwarded-for", lines);
            assert_eq!(found.as_deref(), address, "{lines:?}");
            assert_eq!(client(Proxies::NONE, "x-forwarded-for", lines), None);
        }
    }

    #[test]
    fn behind_several_proxies_the_entry_of_the_first_is_trusted() {
        let two = Proxies { count: 2, ..Proxies::ONE };
        for (lines, address) in [
            (&["192.0.2.7, 10.0.0.1"][..], Some("192.0.2.7")),
            (&["203.0.113.1, 192.0.2.7", "10.0.0.1"], Some("192.0.2.7")),
            (&["203.0.113.1", "192.0.2.7", "10.0.0.1"], Some("192.0.2.7")),
            (&["192.0.2.7,, 10.0.0.1"], Some("192.0.2.7")),
            (&["192.0.2.7, 10.0.0.1,", ""], Some("192.0.2.7")),
            // A request to the second proxy that did not pass the first.
            (&["10.0.0.9"], Some("10.0.0.9")),
            (&["unknown, 10.0.0.1"], None),
            (&[], None),
        ] {
            let found = client(two, "x-forwarded-for", lines);
            assert_eq!(found.as_deref(), address, "{lines:?}");
        }
        let is = |lines: &[&str]| two.is_over_tls(&headers("x-forwarded-proto", lines));
        assert!(is(&["https, http"]) && is(&["https"]) && is(&["http, https", "http"]));
        assert!(!is(&["http, https"]) && !is(&["https, http, http"]) && !is(&[]));
    }

    #[test]
    fn only_the_entry_of_the_proxy_decides_whether_a_request_came_over_tls() {
        let is = |lines: &[&str]| Proxies::ONE.is_over_tls(&headers("x-forwarded-proto", lines));
        assert!(is(&["https"]) && is(&["http, HTTPS "]) && is(&["http", "https"]));
        assert!(!is(&["https, http"]) && !is(&[""]) && !is(&["httpsx"]) && !is(&[]));
    }

    #[test]
    fn the_header_forwarded_is_parsed_if_it_is_configured() {
        let one = Proxies { header: ProxyHeader::Forwarded, ..Proxies::ONE };
        let two = Proxies { count: 2, ..one };
        for (lines, for_one, for_two) in [
            (&["for=192.0.2.7;proto=https;by=203.0.113.43"][..], "192.0.2.7", "192.0.2.7"),
            (&["For=\"[2001:db8::1]:4711\" ; Proto=https"], "2001:db8::1", "2001:db8::1"),
            (&["for=192.0.2.7, proto=https; for=10.0.0.1"], "10.0.0.1", "192.0.2.7"),
            (&["for=192.0.2.7", "for=10.0.0.1;proto=\"https\""], "10.0.0.1", "192.0.2.7"),
            // A comma in quotes is not a separator, no matter who wrote it.
            (&["for=\"1.1.1.1, for=2.2.2.2\", for=10.0.0.1;proto=https"], "10.0.0.1", ""),
            (&["for=\"192\\.0.2.7\";proto=https"], "192.0.2.7", "192.0.2.7"),
            (&["for=\"1.1.1.1, for=10.0.0.1;proto=https"], "10.0.0.1", ""),
            (&["for=unknown;proto=https"], "", ""),
            (&["for=_hidden;proto=https"], "", ""),
        ] {
            assert_eq!(client(one, "forwarded", lines).unwrap_or_default(), for_one, "{lines:?}");
            assert_eq!(client(two, "forwarded", lines).unwrap_or_default(), for_two, "{lines:?}");
            assert!(one.is_over_tls(&headers("forwarded", lines)), "{lines:?}");
        }
        // A header that the proxy does not write comes from the client.
        assert_eq!(client(one, "x-forwarded-for", &["192.0.2.7"]), None);
        assert_eq!(client(Proxies::ONE, "forwarded", &["for=192.0.2.7"]), None);
        assert!(!one.is_over_tls(&headers("forwarded", &["for=192.0.2.7;proto=http"])));
    }
}

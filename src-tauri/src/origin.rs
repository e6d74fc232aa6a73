//! The window shows only its own page; links open in the system's browser.

use tauri::Url;

/// Returns whether an address is the window's own page: exactly the origin that Tauri gives it, and none
/// that only looks similar. In a development build, that is the UI's development server.
pub fn is_own(url: &Url) -> bool {
    if tauri::is_dev() {
        return is(url, "http", "localhost", Some(DEV_PORT));
    }
    match cfg!(windows) {
        true => is(url, "http", "tauri.localhost", None),
        false => is(url, "tauri", "localhost", None),
    }
}

/// The port in tauri.conf.json and ui/vite.config.ts.
const DEV_PORT: u16 = 1420;

fn is(url: &Url, scheme: &str, host: &str, port: Option<u16>) -> bool {
    let is_plain = url.username().is_empty() && url.password().is_none();
    url.scheme() == scheme && url.host_str() == Some(host) && url.port() == port && is_plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_origin_is_ours() {
        let own = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };
        let is = |address: &str| is_own(&Url::parse(address).unwrap());
        if tauri::is_dev() {
            assert!(is("http://localhost:1420/") && !is(own));
            return;
        }
        for address in [own.to_owned(), format!("{own}/"), format!("{own}/index.html?x#y")] {
            assert!(is(&address), "{address}");
        }
        for address in [
            "http://localhost/",
            "http://localhost:8080/",
            "http://localhost:1420/",
            "https://tauri.localhost/",
            "http://tauri.localhost:8080/",
            "https://localhost/",
            "tauri://localhost:1/",
            "tauri://evil/",
            "tauri://localhost.evil/",
            "tauri://x@localhost/",
            "picture://localhost/x",
            "http://picture.localhost/x",
            "about:blank",
            "data:text/html,x",
            "blob:tauri://localhost/1",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://chat.example.org/",
        ] {
            assert!(!is(address), "{address}");
        }
    }
}

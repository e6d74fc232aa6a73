//! The window shows only its own page; links open in the system's browser.

use tauri::Url;

/// Returns whether a URL has exactly the origin of the app's page. In a development build, that is the UI's development
/// server.
pub fn is_own(url: &Url) -> bool {
    if tauri::is_dev() {
        return has_origin(url, "http", "localhost", Some(DEV_PORT));
    }
    match cfg!(windows) {
        true => has_origin(url, "http", "tauri.localhost", None),
        false => has_origin(url, "tauri", "localhost", None),
    }
}

/// The port in tauri.conf.json and ui/vite.config.ts.
const DEV_PORT: u16 = 1420;

fn has_origin(url: &Url, scheme: &str, host: &str, port: Option<u16>) -> bool {
    let is_plain = url.username().is_empty() && url.password().is_none();
    url.scheme() == scheme && url.host_str() == Some(host) && url.port() == port && is_plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_origin_is_allowed() {
        let origin = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };
        let is_allowed = |address: &str| is_own(&Url::parse(address).unwrap());
        if tauri::is_dev() {
            assert!(is_allowed("http://localhost:1420/") && !is_allowed(origin));
            return;
        }
        for address in [origin.to_owned(), format!("{origin}/"), format!("{origin}/index.html?x#y")]
        {
            assert!(is_allowed(&address), "{address}");
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
            assert!(!is_allowed(address), "{address}");
        }
    }
}

//! Checks that the configuration files and the generated bindings match the program.

use parlour_client::{APP_ICON, APP_ID, APP_NAME};
use parlour_protocol::APP_SCHEME;
use specta_typescript::Typescript;

#[test]
fn the_capability_allows_exactly_the_commands() {
    let text = include_str!("../capabilities/main.json");
    let capability: serde_json::Value = serde_json::from_str(text).unwrap();
    let permissions = capability["permissions"].as_array().unwrap();
    let mut allowed: Vec<String> =
        permissions.iter().map(|permission| permission.as_str().unwrap().to_owned()).collect();
    allowed.sort();
    let bindings = include_str!("../../ui/src/ipc/bindings.gen.ts");
    let calls = bindings.split("__TAURI_INVOKE(\"").skip(1);
    let mut commands: Vec<String> = calls
        .filter_map(|call| call.split('"').next())
        .map(|name| format!("allow-{}", name.replace('_', "-")))
        .chain(["core:event:allow-listen".into(), "core:event:allow-unlisten".into()])
        .collect();
    commands.sort();
    assert_eq!(allowed, commands);
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    assert!(capability.get("remote").is_none(), "no remote page is allowed");
}

#[test]
fn the_packages_and_the_program_use_the_same_names() {
    let text = include_str!("../../tauri.conf.json");
    let config: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(config["identifier"], APP_ID);
    assert_eq!(config["productName"], APP_NAME);
    let schemes = &config["plugins"]["deep-link"]["desktop"]["schemes"];
    assert_eq!(*schemes, serde_json::json!([APP_SCHEME]));
    let entry = include_str!("../../packaging/parlour.desktop");
    assert!(entry.contains(&format!("MimeType=x-scheme-handler/{APP_SCHEME};\n")));
    assert_eq!(env!("CARGO_PKG_NAME"), APP_ICON);
}

#[test]
fn the_csp_allows_only_the_listed_sources() {
    let text = include_str!("../../tauri.conf.json");
    let config: serde_json::Value = serde_json::from_str(text).unwrap();
    let app = &config["app"];
    let csp = app["security"]["csp"].as_str().unwrap();
    assert!(csp.starts_with("default-src 'none'; "), "{csp}");
    for loose in ["unsafe-inline", "unsafe-eval", "*", "data:", "https:", "blob:"] {
        assert!(!csp.contains(loose), "{loose} in {csp}");
    }
    // Pictures come from the page and from the app's URL schemes, which have another form on Windows; audio and
    // video come from one of these.
    let source = |scheme: &str| format!("{scheme}: http://{scheme}.localhost");
    let files = source(super::attachments::SCHEME);
    let pictures = format!("img-src 'self' {} {files}; ", source(super::pictures::SCHEME));
    assert!(csp.contains(&pictures), "{csp}");
    assert!(csp.contains(&format!("media-src {files}; ")), "{csp}");
    for option in ["withGlobalTauri", "assetProtocol", "devtools"] {
        assert!(!text.contains(option), "{option} is disabled by default");
    }
}

/// Regenerates the bindings; fails if they differ from the committed ones.
#[test]
fn bindings_are_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/ipc/bindings.gen.ts");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    super::builder().export(Typescript::default(), path).expect("export");
    let current = std::fs::read_to_string(path).expect("just written");
    assert!(committed == current, "ui/src/ipc/bindings.gen.ts was outdated; it was regenerated");
}

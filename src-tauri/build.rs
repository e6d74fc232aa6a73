//! The configuration is one folder up, so the capabilities need a pattern. The app's commands are those that the
//! capability allows: without this list, the window could call every command.

use std::path::Path;

const CAPABILITY: &str = "src-tauri/capabilities/main.json";

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let commands: Vec<&'static str> = allowed().into_iter().map(|name| &*name.leak()).collect();
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(tauri_build::AppManifest::new().commands(commands.leak())),
    )
    .expect("tauri.conf.json and the capabilities are valid");
}

/// Returns the names of the commands that the capability allows.
fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(CAPABILITY)).expect("the capability");
    let names = text.split('"').filter_map(|name| name.strip_prefix("allow-"));
    names.map(|name| name.replace('-', "_")).collect()
}

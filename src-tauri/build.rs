//! The configuration lies one level up, so the capabilities need a pattern. The app's own commands
//! are those that the capability allows. Without this list, the window could call every command.

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
    .expect("tauri.conf.json and the capabilities are good");
}

/// Returns the names of the commands that the capability allows.
fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(CAPABILITY)).expect("the capability");
    let words = text.split('"').filter_map(|word| word.strip_prefix("allow-"));
    words.map(|name| name.replace('-', "_")).collect()
}

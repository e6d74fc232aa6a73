//! The names of the app on a desktop. `tauri.conf.json` and the packages have the same ones.

/// The app's identifier: used for its data folder, its entries in the keychain and its services on the desktop.
pub const APP_ID: &str = "chat.parlour.app";
/// The app's name as it is shown, and the name of its desktop file.
pub const APP_NAME: &str = "Parlour";
/// The name of the app's icon: that of the program.
pub const APP_ICON: &str = "parlour";

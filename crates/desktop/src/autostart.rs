//! The start at login: a file in the desktop's autostart folder (Desktop Application Autostart Specification,
//! freedesktop.org).

use parlour_client::{APP_ICON, APP_ID, APP_NAME};
use std::ffi::OsStr;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The argument with which the program starts minimised.
pub const MINIMISED: &str = "--minimised";

/// The app's autostart file.
#[derive(Debug)]
pub struct Autostart {
    file: PathBuf,
}

impl Autostart {
    /// Returns the autostart file in a user's configuration folder.
    pub fn of(config: &Path) -> Self {
        Self { file: config.join("autostart").join(format!("{APP_ID}.desktop")) }
    }

    /// Returns whether the app starts at login. The user may have disabled it in the desktop's own settings.
    pub fn is_on(&self) -> bool {
        let entry = std::fs::read_to_string(&self.file).unwrap_or_default();
        let has_line = |line: &str| entry.lines().any(|known| known.trim() == line);
        has_line("[Desktop Entry]")
            && !has_line("Hidden=true")
            && !has_line("X-GNOME-Autostart-enabled=false")
    }

    /// Makes `program` start at login, minimised with `is_minimised`.
    ///
    /// # Errors
    /// Fails if the file cannot be written, or if the program's path cannot be written in it.
    pub fn enable(&self, program: &Path, is_minimised: bool) -> Result<()> {
        let command =
            quoted(program.as_os_str()).ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        let minimised = if is_minimised { format!(" {MINIMISED}") } else { String::new() };
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName={APP_NAME}\nIcon={APP_ICON}\nExec={command}{minimised}\n\
             StartupNotify=true\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
        );
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&self.file, entry)
    }

    /// Removes the app from the programs that start at login.
    ///
    /// # Errors
    /// Fails if the file cannot be removed.
    pub fn disable(&self) -> Result<()> {
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

/// Returns an argument quoted for `Exec`; `None` if it contains control characters or is not UTF-8.
fn quoted(argument: &OsStr) -> Option<String> {
    let argument = argument.to_str().filter(|text| !text.chars().any(char::is_control))?;
    let mut quoted = String::from('"');
    for c in argument.chars() {
        match c {
            // Escaped twice: within the quotes, and in a value of a desktop entry.
            '\\' => quoted.push_str("\\\\\\\\"),
            '"' | '`' | '$' => quoted.extend(["\\\\", c.encode_utf8(&mut [0; 4])]),
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    Some(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_starts_at_login_while_this_is_enabled() {
        let config = tempfile::tempdir().unwrap();
        let login = Autostart::of(config.path());
        assert!(!login.is_on());
        login.disable().unwrap();
        login.enable(Path::new("/opt/My $apps/100%/parlour"), true).unwrap();
        assert!(login.is_on());
        let file = config.path().join("autostart").join(format!("{APP_ID}.desktop"));
        let entry = std::fs::read_to_string(&file).unwrap();
        let command = entry.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
        assert_eq!(command, r#""/opt/My \\$apps/100%%/parlour" --minimised"#);
        login.enable(Path::new("/usr/bin/parlour"), false).unwrap();
        assert!(std::fs::read_to_string(&file).unwrap().contains("Exec=\"/usr/bin/parlour\"\n"));
        // Desktops disable it with this key.
        std::fs::write(&file, entry.replace("enabled=true", "enabled=false")).unwrap();
        assert!(!login.is_on());
        login.disable().unwrap();
        assert!(!file.exists());
        assert!(login.enable(Path::new("/a\nb"), false).is_err());
    }
}

//! Saves files of messages outside of the account's files.

use super::read::OpenedFile;
use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{LocalReason, MessageId, saved_file_name};
use parlour_store::{Error, private};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The extensions of files that an operating system may run, or that run something when they are opened.
const PROGRAM_EXTENSIONS: [&str; 52] = [
    "app", "appimage", "apk", "bat", "bin", "cmd", "com", "command", "cpl", "deb", "desktop",
    "dmg", "docm", "dll", "exe", "gadget", "hta", "htm", "html", "inf", "ins", "iso", "jar", "js",
    "jse", "lnk", "mjs", "msc", "msi", "msp", "pif", "pkg", "pl", "ps1", "py", "pyw", "rb", "reg",
    "rpm", "run", "scr", "sh", "svg", "url", "vb", "vbe", "vbs", "wsf", "wsh", "xhtml", "xlsm",
    "xpi",
];

impl Session {
    /// Returns the name under which a file of a message can be saved on any system.
    pub fn name_to_save(&self, message: MessageId, index: usize) -> Result<String> {
        Ok(saved_file_name(&self.file_of(message, index)?.name))
    }

    /// Writes a file of a message to a path that the user chose.
    ///
    /// # Errors
    /// Fails if its bytes are not on this computer, or if they cannot be written; then the partial file is deleted.
    pub fn save_file(&self, message: MessageId, index: usize, path: &Path) -> Result<()> {
        let (_, mut opened) = self.local_file(message, index)?;
        Ok(write(&mut opened, path)?)
    }

    /// Writes a file of a message into a new folder below `parent`, to be opened from there; returns its path.
    ///
    /// # Errors
    /// Fails if its bytes are not on this computer, if they cannot be written, or with [`LocalReason::FileIsProgram`] if
    /// opening it could run it and that was not `confirmed`.
    pub fn copy_to_open(
        &self,
        message: MessageId,
        index: usize,
        parent: &Path,
        confirmed: bool,
    ) -> Result<PathBuf> {
        let (file, mut opened) = self.local_file(message, index)?;
        let name = saved_file_name(&file.name);
        if may_run(&name) && !confirmed {
            return Err(LocalReason::FileIsProgram.into());
        }
        let folder = parent.join(self.context.clock.id().to_string());
        let failed = |source| Error::Folder { path: folder.clone(), source };
        private::create_folder(&folder).map_err(failed)?;
        let path = folder.join(name);
        write(&mut opened, &path)?;
        Ok(path)
    }
}

/// Returns whether opening a file with this name may run it.
fn may_run(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| PROGRAM_EXTENSIONS.contains(&&*extension))
}

fn write(opened: &mut OpenedFile, path: &Path) -> Result<(), Error> {
    let written = (|| {
        let mut file = File::create(path)?;
        opened.copy_to(&mut file)?;
        file.sync_all()?;
        mark_origin(path)
    })();
    written.map_err(|source| {
        let _ = std::fs::remove_file(path);
        Error::Folder { path: path.to_owned(), source }
    })
}

/// Marks a file as downloaded, so that Windows warns before running it.
#[cfg(windows)]
fn mark_origin(path: &Path) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(":Zone.Identifier");
    std::fs::write(name, "[ZoneTransfer]\r\nZoneId=3\r\n")
}

/// Does nothing: on Linux and macOS a new file is not executable.
#[cfg(not(windows))]
fn mark_origin(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_a_program_must_be_confirmed() {
        for name in ["setup.exe", "Setup.EXE", "a.pdf.lnk", "page.html", "x.desktop", "x.svg"] {
            assert!(may_run(name), "{name}");
        }
        for name in ["plan.pdf", "exe", "photo.jpg", "notes.txt", "archive.tar.gz"] {
            assert!(!may_run(name), "{name}");
        }
        assert!(PROGRAM_EXTENSIONS.is_sorted_by_key(|extension| extension.chars().next()));
    }
}

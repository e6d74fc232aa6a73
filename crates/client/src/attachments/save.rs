//! Saves files of messages outside of the account's files.

use super::read::OpenedFile;
use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{LocalReason, MessageId, may_run, saved_file_name};
use parlour_store::{Error, mark_origin, private};
use std::fs::File;
use std::path::{Path, PathBuf};

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

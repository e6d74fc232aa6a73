//! Exports messages as files that other programs can read. Works without a network.

use crate::error::{Error, Result};
use crate::session::Session;
use parlour_export::{
    ExportContext, ExportRequest, ExportTexts, Exported, Progress, export, free_folder,
};
use parlour_protocol::{Count, LocalReason};
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ExportSummary {
    /// The name of the new folder.
    pub name: String,
    /// Number of conversations.
    pub conversations: Count,
    /// Number of messages.
    pub messages: Count,
    /// Number of files that were copied.
    pub files: Count,
    /// Number of files that were not on this computer.
    pub missing_files: Count,
}

impl Session {
    /// Writes messages into a new folder in `parent`, with a name from the title in `texts` and the day. Returns its
    /// path and what was exported. `report` receives the progress, and may cancel by breaking. This takes long: call it
    /// outside of the async runtime.
    ///
    /// # Errors
    /// Fails with [`LocalReason::ExportCancelled`], [`LocalReason::ExportDiskFull`] or [`LocalReason::ExportFails`], or
    /// if the account's files cannot be read. Nothing of the export is left then.
    pub fn export(
        &self,
        request: &ExportRequest,
        texts: ExportTexts,
        parent: &Path,
        report: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<(PathBuf, ExportSummary)> {
        let context = ExportContext { now: self.now(), zone: jiff::tz::TimeZone::system(), texts };
        let path = free_folder(parent, &context.texts.title, context.now, &context.zone)?;
        let exported = export(&self.context.store, request, &context, &path, report)?;
        let summary = summary(&path, exported);
        Ok((path, summary))
    }
}

fn summary(path: &Path, exported: Exported) -> ExportSummary {
    let count = |number: u64| Count(i64::try_from(number).unwrap_or(i64::MAX));
    ExportSummary {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        conversations: count(exported.conversations),
        messages: count(exported.messages),
        files: count(exported.files),
        missing_files: count(exported.missing_files),
    }
}

impl From<parlour_export::Error> for Error {
    fn from(error: parlour_export::Error) -> Self {
        match error {
            parlour_export::Error::Store(error) => error.into(),
            other => {
                let fails = || LocalReason::ExportFails { cause: other.to_string() };
                other.reason().unwrap_or_else(fails).into()
            }
        }
    }
}

//! Finds the contents of attached files: first in the export, then in the second folder. Only files that were found in
//! these folders are ever opened, so no path in an export leads out of them.

use super::super::records::{AttachedFile, FileContent, FoundFile, Location, Sink, StopReason};
use super::entry::Entry;
use super::files::{Files, Use};
use super::index::composed;
use super::media::{BEGINNING_BYTES, media_type};
use parlour_protocol::{FileHash, FileKind, Refusal, is_media_range, limits};
use std::io::Read;

/// The longest path that is looked up, in bytes: no system has longer ones.
const MAX_PATH_BYTES: usize = 4096;
/// The largest number of folders that a path in an export may have more than the second folder.
const MAX_OUTER_FOLDERS: usize = 16;

/// What an export says about an attached file.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The paths, relative to the export, at which its content may be, the most likely first.
    pub paths: Vec<String>,
    /// The product's id of it, if files are named after it.
    pub id: Option<String>,
    /// Its size in bytes, if the export states it.
    pub bytes: Option<u64>,
}

impl Files {
    /// Records which files are parts of the export that are read. They cannot be attached to messages.
    pub fn set_read(&self, is_read: impl Fn(&Entry) -> bool) {
        let use_of = |entry| if is_read(entry) { Use::Read } else { Use::None };
        *self.uses.borrow_mut() = self.entries.iter().map(use_of).collect();
    }

    /// Reports the files that are neither read nor attached to a message.
    pub fn report_unused(&self, sink: &mut Sink<'_>) -> Result<(), StopReason> {
        for (at, entry) in self.entries.iter().enumerate() {
            if self.use_of(at) == Use::None {
                let reason = "a file to which no message refers, left out";
                sink.warn(reason, entry.name.clone())?;
            }
        }
        Ok(())
    }

    /// Records that a file was reported as a part of the export. Returns false if it is attached to a message.
    pub fn claim(&self, entry: &Entry) -> bool {
        let mut found = self.indexes().0.with_path(&entry.name);
        let at = found.find(|at| has_path(&self.entries[*at], &entry.name));
        let mut uses = self.uses.borrow_mut();
        match at.and_then(|at| uses.get_mut(at)) {
            Some(Use::Attached) => false,
            Some(use_of) => {
                *use_of = Use::Read;
                true
            }
            None => true,
        }
    }

    fn use_of(&self, at: usize) -> Use {
        self.uses.borrow().get(at).copied().unwrap_or_default()
    }

    /// Finds an attached file.
    pub fn attached(&self, wanted: &Wanted) -> AttachedFile {
        let content = match self.entry_of(wanted) {
            Some(entry) => self.content(&wanted.name, &entry.location, entry.bytes, wanted.bytes),
            None => FileContent::Missing,
        };
        AttachedFile { name: wanted.name.clone(), content }
    }

    /// Returns the content of an attached file at a location, unless it cannot be imported.
    pub fn content(
        &self,
        name: &str,
        location: &Location,
        bytes: u64,
        stated_bytes: Option<u64>,
    ) -> FileContent {
        if bytes == 0 {
            return FileContent::Refused("an empty file, left out: its name is in the message");
        }
        let mut beginning = Vec::new();
        let read =
            location.open().and_then(|file| file.take(BEGINNING_BYTES).read_to_end(&mut beginning));
        if read.is_err() {
            let reason = "a file that cannot be read, left out: its name is in the message";
            return FileContent::Refused(reason);
        }
        let (media_type, kind) = media_type(&beginning, name);
        if let Some(reason) = self.refusal(bytes, &media_type) {
            return FileContent::Refused(reason);
        }
        let stated_bytes = stated_bytes.filter(|stated| *stated != bytes);
        let location = location.clone();
        let found =
            FoundFile { location, bytes, media_type, kind, stated_bytes, stated_hash: None };
        FileContent::Found(Box::new(found))
    }

    /// Returns a file with the hash, the media type and the kind that its sender stated, as far as they are valid and
    /// accepted. What is not a picture is not shown as one.
    pub fn as_stated(
        &self,
        mut file: AttachedFile,
        hash: Option<FileHash>,
        (media_type, kind): (Option<&str>, Option<FileKind>),
    ) -> AttachedFile {
        let FileContent::Found(found) = &mut file.content else { return file };
        found.stated_hash = hash;
        let is_picture = matches!(found.kind, FileKind::Picture { .. });
        if let Some(media_type) = media_type.filter(|stated| *stated != found.media_type)
            && is_media_range(media_type)
            && !media_type.ends_with("/*")
            && !is_picture
            && self.refusal(found.bytes, media_type).is_none()
        {
            found.media_type = media_type.to_owned();
        }
        let is_shown = |kind: &FileKind| {
            kind.is_valid() && (is_picture || !matches!(kind, FileKind::Picture { .. }))
        };
        if let Some(kind) = kind.filter(is_shown) {
            found.kind = kind;
        }
        file
    }

    /// Returns why this server does not accept a file; `None` if it does.
    fn refusal(&self, bytes: u64, media_type: &str) -> Option<&'static str> {
        let size = i64::try_from(bytes).unwrap_or(i64::MAX);
        let too_large =
            "a file that is larger than this server accepts, left out: its name is in the message";
        if size > limits::FILE_BYTES {
            return Some(too_large);
        }
        match self.limits.as_ref()?.check(size, media_type).err()? {
            Refusal::FilesOff => Some(
                "a file, left out because this server accepts no files: its name is in the message",
            ),
            Refusal::FileTooLarge { .. } => Some(too_large),
            _ => Some(
                "a file of a type that this server does not accept, left out: its name is in the \
                 message",
            ),
        }
    }

    fn entry_of(&self, wanted: &Wanted) -> Option<&Entry> {
        let paths: Vec<String> = wanted.paths.iter().filter_map(|path| relative(path)).collect();
        let id = wanted.id.as_deref().filter(|id| !id.is_empty());
        let (index, beside) = self.indexes();
        let in_export = paths
            .iter()
            .find_map(|path| index.with_path(path).find(|at| has_path(&self.entries[*at], path)))
            .or_else(|| {
                let found: Vec<usize> = index.with_id(id?).collect();
                best(&self.entries, &found, wanted)
            });
        let in_export = in_export.filter(|at| self.use_of(*at) != Use::Read);
        if let Some(at) = in_export {
            if let Some(use_of) = self.uses.borrow_mut().get_mut(at) {
                *use_of = Use::Attached;
            }
            return Some(&self.entries[at]);
        }
        if self.beside.is_empty() {
            return None;
        }
        let by_path = paths
            .iter()
            .flat_map(|path| endings(path))
            .find_map(|path| beside.with_path(path).find(|at| has_path(&self.beside[*at], path)));
        let by_id = || {
            let found: Vec<usize> = beside.with_id(id?).collect();
            best(&self.beside, &found, wanted)
        };
        let by_name = || {
            let last_parts = paths.iter().filter_map(|path| path.rsplit('/').next());
            let mut names = last_parts.chain([wanted.name.as_str()]);
            let at = names.find_map(|name| beside.with_name(name))?;
            let has_size = wanted.bytes.is_none_or(|bytes| bytes == self.beside[at].bytes);
            has_size.then_some(at)
        };
        by_path.or_else(by_id).or_else(by_name).map(|at| &self.beside[at])
    }
}

/// Returns a path without `.`, empty parts and backslashes; `None` if it leads to a parent folder, or is too long.
fn relative(path: &str) -> Option<String> {
    if path.len() > MAX_PATH_BYTES {
        return None;
    }
    let path = path.replace('\\', "/");
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    (!parts.is_empty() && !parts.contains(&"..")).then(|| parts.join("/"))
}

/// Returns a path, and then the path without its first folder, and so on, so that its length decides little about the
/// work.
fn endings(path: &str) -> impl Iterator<Item = &str> {
    let all = std::iter::successors(Some(path), |path| path.split_once('/').map(|(_, rest)| rest));
    all.take(MAX_OUTER_FOLDERS + 1)
}

fn has_path(entry: &Entry, path: &str) -> bool {
    composed(&entry.name) == composed(path)
}

/// Returns which of the files with the same id is the wanted one: the one of its name, or else the only one of its size,
/// or the only one.
fn best(entries: &[Entry], found: &[usize], wanted: &Wanted) -> Option<usize> {
    let name = composed(&wanted.name);
    let ends_with_name = |at: &&usize| composed(entries[**at].file_name()).ends_with(&*name);
    if let Some(at) = found.iter().find(ends_with_name).filter(|_| !name.is_empty()) {
        return Some(*at);
    }
    let has_size = |at: &&usize| wanted.bytes.is_none_or(|bytes| bytes == entries[**at].bytes);
    let mut fitting = found.iter().filter(has_size);
    fitting.next().filter(|_| fitting.next().is_none()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::records::Record;

    fn files(export: &[(&str, &[u8])], beside: &[(&str, &[u8])]) -> Files {
        let mut files = Files::in_memory(export);
        files.beside = Files::in_memory(beside).entries;
        files.set_read(|entry| entry.name == "export.json");
        files
    }

    fn size(file: &AttachedFile) -> Option<u64> {
        file.found().map(|found| found.bytes)
    }

    #[test]
    fn a_file_is_found_by_path_in_the_export_and_by_path_id_or_name_beside_it() {
        let files = files(
            &[("export.json", b"{}"), ("media/a.png", b"1"), ("F1/x.txt", b"22"), ("b.txt", b"")],
            &[("deep/b.txt", b"333"), ("F2-y.txt", b"4444"), ("only.txt", b"55555")],
        );
        let find = |path: &str, id: &str, name: &str, bytes: Option<u64>| {
            let (paths, id) = (vec![path.to_owned()], Some(id.to_owned()));
            size(&files.attached(&Wanted { name: name.into(), paths, id, bytes }))
        };
        assert_eq!(find("media\\a.png", "", "a.png", None), Some(1));
        assert_eq!(find("./media//a.png", "", "other name", None), Some(1));
        assert_eq!(find("", "F1", "x.txt", None), Some(2));
        assert_eq!(find("any/where/deep/b.txt", "", "b.txt", None), Some(3));
        assert_eq!(find("", "F2", "z.txt", None), Some(4));
        assert_eq!(find("", "", "only.txt", None), Some(5));
        assert_eq!(find("", "", "only.txt", Some(6)), None, "another size");
        assert_eq!(find("b.txt", "", "b.txt", None), None, "an empty file");
        let mut unused = Vec::new();
        let mut emit = |record: Record| {
            unused.push(record);
            Ok(())
        };
        files.report_unused(&mut Sink::new(&mut emit)).unwrap();
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn no_path_leads_out_of_the_export_or_to_the_export_itself() {
        let files = files(&[("export.json", b"{}"), ("a/b.txt", b"1")], &[("c/passwd", b"22")]);
        let paths = [
            "../a/b.txt",
            "a/../a/b.txt",
            "a\\..\\..\\etc\\passwd",
            "export.json",
            "./export.json",
            "/",
            "",
            "\0",
            "C:\\a\\b.txt",
            &"a/".repeat(1 << 20),
        ];
        for path in paths {
            let wanted = Wanted { paths: vec![path.into()], ..Wanted::default() };
            assert_eq!(files.attached(&wanted).content, FileContent::Missing, "{path:?}");
        }
        assert_eq!(endings(&"x/".repeat(1000)).count(), MAX_OUTER_FOLDERS + 1);
        // A path from the root is one below the folder.
        let wanted = Wanted { paths: vec!["/etc/passwd".into()], ..Wanted::default() };
        assert_eq!(size(&files.attached(&wanted)), Some(2));
    }

    #[test]
    fn a_file_that_the_server_does_not_accept_is_refused_with_the_reason() {
        let mut files = files(&[("a.txt", b"text"), ("b.txt", b"larger text")], &[]);
        files.limits = Some(parlour_protocol::FileLimits {
            file_bytes: parlour_protocol::Count(4),
            media_types: vec!["image/*".into(), "text/plain".into()],
            quota_bytes: None,
            used_bytes: parlour_protocol::Count(0),
            part_bytes: parlour_protocol::Count(0),
            min_part_bytes: parlour_protocol::Count(0),
        });
        let find = |path: &str, name: &str| {
            let (name, paths) = (name.to_owned(), vec![path.to_owned()]);
            let wanted = Wanted { name, paths, ..Wanted::default() };
            match files.attached(&wanted).content {
                FileContent::Refused(reason) => reason,
                FileContent::Missing | FileContent::Found(_) | FileContent::Stored(_) => "",
            }
        };
        assert_eq!(find("a.txt", "a.txt"), "");
        assert!(find("a.txt", "a.pdf").contains("type"));
        assert!(find("b.txt", "b.txt").contains("larger"));
    }
}

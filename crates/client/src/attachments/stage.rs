//! Copies a file into the account's files, encrypted, and creates its description. Blocks the thread.

use super::media;
use super::picture::{self, Prepared};
use crate::error::{Error, Result};
use parlour_protocol::{
    ConversationId, Count, FileHash, FileKind, FileLimits, LocalReason, MessageFile, Refusal,
    Thumbnail, clean_file_name, limits,
};
use parlour_store::{BlobWriter, Changes, NewBlob, Secret, Staged, Store};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::PathBuf;
use std::time::SystemTime;

/// Number of bytes that are read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// The source of an attached file.
pub(super) enum Source {
    /// A file of this computer.
    Path(PathBuf),
    /// Bytes without a file.
    Bytes { name: String, bytes: Vec<u8> },
}

impl Source {
    /// Returns the name with which it is sent.
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => {
                clean_file_name(&path.file_name().unwrap_or_default().to_string_lossy())
            }
            Self::Bytes { name, .. } => name.clone(),
        }
    }
}

/// Copies a file, and attaches it to the message that is being written in a conversation.
pub(super) fn stage(
    store: &Store,
    conversation: ConversationId,
    source: Source,
    limits: Option<&FileLimits>,
) -> Result<(Staged, Changes)> {
    let name = source.name();
    let copied = match source {
        Source::Path(path) => {
            // Opening a named pipe would block until something opens it for writing.
            let is_file = std::fs::metadata(&path).is_ok_and(|found| found.is_file());
            let file = File::open(&path).ok().filter(|_| is_file);
            let file = file.ok_or(LocalReason::FileUnreadable)?;
            let before = FileVersion::of(&file)?;
            let copied = copy(store, file, before.bytes, &name, limits)?;
            // Opens the path again, because the file may have been replaced.
            let after = File::open(&path).map_err(|_| LocalReason::FileChanged)?;
            if FileVersion::of(&after)? != before {
                return Err(LocalReason::FileChanged.into());
            }
            copied
        }
        Source::Bytes { bytes, .. } => {
            copy(store, Cursor::new(&bytes), bytes.len() as u64, &name, limits)?
        }
    };
    let picture = picture_of(store, &copied)?;
    let Copied { file, blob, .. } = copied;
    let mut blobs = vec![blob];
    let picture = picture.map(|(picture, created)| {
        blobs.extend(created);
        picture
    });
    let (id, changes) = store.stage(conversation, &file, picture.as_ref(), &blobs)?;
    let staged = Staged { id, conversation, file, picture, as_file: false };
    Ok((staged, changes))
}

/// The metadata by which a change of a file is noticed.
#[derive(PartialEq, Eq)]
struct FileVersion {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl FileVersion {
    fn of(file: &File) -> Result<Self> {
        let found = file.metadata().ok().filter(std::fs::Metadata::is_file);
        let found = found.ok_or(LocalReason::FileUnreadable)?;
        Ok(Self { bytes: found.len(), modified: found.modified().ok() })
    }
}

/// A file that was copied.
struct Copied<'a> {
    file: MessageFile,
    blob: NewBlob<'a>,
    /// Its bytes, if it may be a picture.
    bytes: Option<Vec<u8>>,
}

fn copy<'a>(
    store: &'a Store,
    mut from: impl Read,
    size: u64,
    name: &str,
    limits: Option<&FileLimits>,
) -> Result<Copied<'a>> {
    let bytes = i64::try_from(size).unwrap_or(i64::MAX);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut read = fill_buffer(&mut from, &mut chunk)?;
    let media_type = media::media_type(&chunk[..read], name);
    check(bytes, &media_type, limits)?;
    let may_be_picture = picture::format_of(&chunk[..read]).is_some() && bytes <= picture::BYTES;
    let mut picture_bytes = may_be_picture.then(Vec::new);
    let (secret, mut digest, mut total) = (Secret::random(), Sha256::new(), 0u64);
    let mut writer = TempBlob { store, secret: Some(secret), writer: None };
    while read > 0 {
        total += read as u64;
        if total > size {
            return Err(LocalReason::FileChanged.into());
        }
        digest.update(&chunk[..read]);
        writer.write(&chunk[..read])?;
        if let Some(picture_bytes) = &mut picture_bytes {
            picture_bytes.extend_from_slice(&chunk[..read]);
        }
        read = fill_buffer(&mut from, &mut chunk)?;
    }
    if total != size {
        return Err(LocalReason::FileChanged.into());
    }
    let hash = FileHash::from(<[u8; 32]>::from(digest.finalize()));
    let blob = writer.finish(hash, bytes)?;
    let (bytes, name, kind) = (Count(bytes), name.to_owned(), FileKind::File);
    let file = MessageFile { hash, bytes, name, media_type, kind, thumbnail: None };
    Ok(Copied { file, blob, bytes: picture_bytes })
}

/// Checks size and type against the limits, before the rest is read; `known` are the server's limits, if known.
fn check(size: i64, media_type: &str, known: Option<&FileLimits>) -> Result<()> {
    if size == 0 {
        return Err(refused(Refusal::FileEmpty));
    }
    if size > limits::FILE_BYTES {
        return Err(refused(Refusal::FileTooLarge { max_mib: limits::FILE_MIB }));
    }
    known.map_or(Ok(()), |known| known.check(size, media_type)).map_err(refused)
}

/// Fills the buffer; returns the number of bytes read, which is less than its size only at the end of the file.
fn fill_buffer(from: &mut impl Read, chunk: &mut [u8]) -> Result<usize> {
    let mut read = 0;
    while read < chunk.len() {
        match from.read(&mut chunk[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(LocalReason::FileUnreadable.into()),
        }
    }
    Ok(read)
}

/// A copy that is being written, and removed if it is not finished.
struct TempBlob<'a> {
    store: &'a Store,
    secret: Option<Secret>,
    writer: Option<BlobWriter>,
}

impl<'a> TempBlob<'a> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let secret = self.secret.as_ref().expect("not finished yet");
        if self.writer.is_none() {
            self.writer = Some(self.store.write_blob(secret)?);
        }
        let writer = self.writer.as_mut().expect("just created");
        Ok(writer.write(bytes).map_err(|source| disk_error(self.store, source))?)
    }

    fn finish(mut self, hash: FileHash, size: i64) -> Result<NewBlob<'a>> {
        let store = self.store;
        if let Some(writer) = self.writer.take() {
            writer.finish().map_err(|source| disk_error(store, source))?;
        }
        let secret = self.secret.take().expect("not finished yet");
        Ok(store.new_blob(secret, hash, size))
    }
}

impl Drop for TempBlob<'_> {
    fn drop(&mut self) {
        self.writer = None;
        if let Some(secret) = &self.secret {
            self.store.abandon_blob(secret);
        }
    }
}

fn disk_error(store: &Store, source: std::io::Error) -> parlour_store::Error {
    parlour_store::Error::Folder { path: store.mirror_path(), source }
}

/// Returns the description of a file as a picture, with the blobs to upload for it; `None` if it is not a picture.
fn picture_of<'a>(
    store: &'a Store,
    copied: &Copied<'_>,
) -> Result<Option<(MessageFile, Vec<NewBlob<'a>>)>> {
    let Some(bytes) = &copied.bytes else { return Ok(None) };
    let Some(format) = picture::format_of(bytes) else { return Ok(None) };
    let Some(Prepared { bytes, media_type, kind, thumbnail }) = picture::prepare(format, bytes)
    else {
        return Ok(None);
    };
    let (picture, small) = (write(store, &bytes)?, write(store, &thumbnail)?);
    let described = MessageFile {
        hash: picture.hash,
        bytes: Count(picture.bytes),
        name: media::with_extension_of(&copied.file.name, media_type),
        media_type: media_type.into(),
        kind,
        thumbnail: Some(Thumbnail { hash: small.hash, bytes: Count(small.bytes) }),
    };
    Ok(Some((described, vec![picture, small])))
}

fn write<'a>(store: &'a Store, bytes: &[u8]) -> Result<NewBlob<'a>> {
    let secret = Some(Secret::random());
    let mut temp = TempBlob { store, secret, writer: None };
    temp.write(bytes)?;
    temp.finish(FileHash::of(bytes), i64::try_from(bytes.len()).unwrap_or(i64::MAX))
}

/// Returns the error with which the server would refuse the file.
pub(super) fn refused(refusal: Refusal) -> Error {
    Error::Server(refusal.into())
}

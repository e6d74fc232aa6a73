//! The terms under which the index contains a message.
//!
//! Each term starts with the time bucket (`stretch` in the schema) in which the message was sent, 25 days
//! long. The newest hits of a word or prefix are found this way by querying bucket after bucket, newest
//! first, and no query reads more of the index than that many days contain, however long the
//! history. Besides its words a message has a term for its sender, one for each property (a link, code, a
//! reaction) and one that every message has, so that operators query the same index.
//!
//! The index stores neither positions nor text: phrases, and the punctuation between the parts of an
//! identifier, are checked in the messages themselves (see `pattern.rs`). The names of a message's files are searched
//! like its text.

use crate::packed::Unpacked;
use parlour_protocol::fold::{Folded, TokenKind};
use parlour_protocol::{FileKind, MessageFile};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use std::fmt::Write;

/// Bits of a time in milliseconds within one bucket: 2^31 ms are 24.9 days.
const BUCKET_BITS: u32 = 31;
/// Number of buckets that three base-36 digits can name: until the year 5145.
const BUCKETS: i64 = 36 * 36 * 36;
/// Longest word in a term, in characters; the rest of a longer word is checked in the message.
pub(crate) const TERM_CHARS: usize = 40;
/// Longest type of a file, in bytes.
const FILE_TYPE_BYTES: usize = 10;

/// Returns the bucket of a time in milliseconds; times outside the range belong to the first or
/// the last bucket.
pub(crate) fn bucket(time: i64) -> i64 {
    (time >> BUCKET_BITS).clamp(0, BUCKETS - 1)
}

/// Returns the three characters with which a bucket's terms start.
pub(crate) fn bucket_name(bucket: i64) -> String {
    let digit = |n: i64| char::from_digit(u32::try_from(n % 36).unwrap_or(0), 36).unwrap_or('0');
    [bucket / 36 / 36, bucket / 36, bucket].map(digit).iter().collect()
}

/// A property of a message, other than its words, for which a query can filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Property {
    /// Every message.
    Any,
    /// The message's sender has this number.
    Sender(i64),
    /// The message contains a link.
    Link,
    /// The message has a file, or contains a link to one.
    File,
    /// The message has a picture, or contains a link to one.
    Image,
    /// The message has a file of this type: see [`is_file_type`].
    FileType(String),
    /// The message contains code.
    Code,
    /// The message has a reaction.
    Reaction,
    /// The message is pinned to its conversation.
    Pinned,
}

impl Property {
    /// Returns the property's term, without the bucket. No word contains an equals sign.
    pub fn term(&self) -> String {
        match self {
            Self::Any => "=".into(),
            Self::Sender(number) => format!("=s{number}"),
            Self::Link => "=l".into(),
            Self::File => "=f".into(),
            Self::Image => "=i".into(),
            Self::FileType(name) => format!("=t{name}"),
            Self::Code => "=c".into(),
            Self::Reaction => "=r".into(),
            Self::Pinned => "=p".into(),
        }
    }
}

/// The parts of a message that the index uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Indexed<'a> {
    pub body: &'a str,
    pub files: &'a [MessageFile],
    pub sender: i64,
    pub sent_at: i64,
    pub is_pinned: bool,
    pub has_reaction: bool,
}

impl<'a> Indexed<'a> {
    /// Returns the texts in which words are searched: that of the message, unless it is empty, and the names of its
    /// files. A phrase is in one of them, never in the end of one and the beginning of the next.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let body = Some(self.body).filter(|body| !body.is_empty());
        body.into_iter().chain(self.files.iter().map(|file| file.name.as_str()))
    }

    /// Returns these texts in the form in which they are compared.
    pub fn folded(&self) -> Vec<Folded> {
        self.texts().map(Folded::new).collect()
    }

    /// Returns the properties of the message.
    pub fn properties(&self) -> Vec<Property> {
        let mut properties = vec![Property::Any, Property::Sender(self.sender)];
        properties.extend(links(self.body));
        properties.extend(self.files.iter().flat_map(file_properties));
        let more = [
            (self.body.contains('`'), Property::Code),
            (self.has_reaction, Property::Reaction),
            (self.is_pinned, Property::Pinned),
        ];
        properties.extend(more.into_iter().filter(|(has, _)| *has).map(|(_, property)| property));
        properties
    }

    /// Returns all terms of the message, each followed by a space; empty for a deleted message.
    pub fn terms(&self) -> String {
        if self.body.is_empty() && self.files.is_empty() {
            return String::new();
        }
        let mut words: Vec<String> = self.folded().iter().flat_map(words).collect();
        words.extend(self.properties().iter().map(Property::term));
        words.sort_unstable();
        words.dedup();
        let bucket = bucket_name(bucket(self.sent_at));
        let mut terms = String::with_capacity(words.iter().map(|word| word.len() + 4).sum());
        for word in words {
            let _ = write!(terms, "{bucket}{word} ");
        }
        terms
    }
}

/// Returns the words of a text as terms contain them: for a word like `fooBarBaz` also its parts
/// (`bar`) and the rest of the word from each part on (`barbaz`), and for a script without spaces
/// each pair of adjacent characters.
pub(crate) fn words(folded: &Folded) -> Vec<String> {
    let cut = |word: &str| word.chars().take(TERM_CHARS).collect();
    let mut words = Vec::with_capacity(folded.tokens.len());
    for (index, token) in folded.tokens.iter().enumerate() {
        words.push(match token.kind {
            TokenKind::Word => cut(folded.word(token)),
            TokenKind::Sign => folded.word(token).to_owned(),
            TokenKind::Dense => {
                let next = folded.tokens.get(index + 1);
                let next =
                    next.filter(|next| next.kind == TokenKind::Dense && next.start == token.end);
                folded.text[token.start..next.map_or(token.end, |next| next.end)].to_owned()
            }
        });
        if token.kind == TokenKind::Word {
            for (start, end) in folded.parts_of(token) {
                words.extend([cut(&folded.text[start..end]), cut(&folded.text[start..token.end])]);
            }
        }
    }
    words
}

/// Returns whether this can be the type of a file: the extension of its name, or the first part of its media type, such
/// as `image`.
pub(crate) fn is_file_type(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=FILE_TYPE_BYTES).contains(&name.len()) && name.bytes().all(is_allowed)
}

fn file_properties(file: &MessageFile) -> impl Iterator<Item = Property> {
    let extension = file.name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let kind = file.media_type.split('/').next().unwrap_or_default();
    let is_image = kind == "image" || matches!(file.kind, FileKind::Picture { .. });
    let types = extension.into_iter().chain([kind.to_owned()]);
    let types = types.filter(|name| is_file_type(name)).map(Property::FileType);
    let image = is_image.then_some(Property::Image);
    [Property::File].into_iter().chain(image).chain(types)
}

/// Returns the properties of a text's links. The address of a page often ends like a file name; such
/// extensions count as pages.
fn links(body: &str) -> impl Iterator<Item = Property> {
    const IMAGES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "webp", "svg", "avif", "bmp"];
    const PAGES: [&str; 6] = ["html", "htm", "php", "asp", "aspx", "jsp"];
    let (mut link, mut file, mut image) = (false, false, false);
    for scheme in ["https://", "http://"] {
        let mut rest = body;
        while let Some((_, after)) = rest.split_once(scheme) {
            link = true;
            let end = after.find(|c: char| c.is_whitespace() || "<>\"'`?#)]".contains(c));
            // Another scheme in a link's path is part of the link.
            let (address, after) = after.split_at(end.unwrap_or(after.len()));
            rest = after;
            let Some((_, path)) = address.split_once('/') else { continue };
            let name = path.rsplit('/').next().unwrap_or_default().trim_end_matches(['.', ',']);
            let Some((_, extension)) = name.rsplit_once('.') else { continue };
            let extension = extension.to_ascii_lowercase();
            let is_extension = (1..=5).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
            image |= IMAGES.contains(&extension.as_str());
            file |= is_extension && !PAGES.contains(&extension.as_str());
        }
    }
    let found = [(link, Property::Link), (file, Property::File), (image, Property::Image)];
    found.into_iter().filter(|(has, _)| *has).map(|(_, property)| property)
}

/// Registers the functions with which the mirror's triggers and rebuilds fill the index,
/// `search_terms(body, sender, sent_at, pinned_at, reactions, files)` and `search_stretch(sent_at)`, and
/// `unpacked(body)`, with which people who query the file directly can read the messages.
///
/// # Errors
/// Fails if SQLite has no memory left.
pub fn register(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("search_terms", -1, flags, |args| {
        let is_set = |at| args.get_raw(at) != rusqlite::types::ValueRef::Null;
        let Unpacked(body) = args.get(0)?;
        // The triggers of earlier versions passed no files.
        let files: Option<String> = if args.len() > 5 { args.get(5)? } else { None };
        // Descriptions that cannot be read are left out, as everywhere.
        let files: Vec<MessageFile> =
            files.and_then(|files| serde_json::from_str(&files).ok()).unwrap_or_default();
        let indexed = Indexed {
            body: &body,
            files: &files,
            sender: args.get(1)?,
            sent_at: args.get(2)?,
            is_pinned: is_set(3),
            has_reaction: is_set(4),
        };
        Ok(indexed.terms())
    })?;
    conn.create_scalar_function("unpacked", 1, flags, |args| {
        let Unpacked(body) = args.get(0)?;
        Ok(body)
    })?;
    conn.create_scalar_function("search_stretch", 1, flags, |args| Ok(bucket(args.get(0)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(body: &str) -> String {
        let (is_pinned, has_reaction) = (false, false);
        Indexed { body, files: &[], sender: 7, sent_at: 1 << 31, is_pinned, has_reaction }.terms()
    }

    #[test]
    fn a_message_has_terms_for_the_names_and_types_of_its_files() {
        let (is_pinned, has_reaction) = (false, false);
        let indexed = |body, files| {
            Indexed { body, files, sender: 7, sent_at: 1 << 31, is_pinned, has_reaction }.terms()
        };
        let plan = MessageFile {
            media_type: "application/pdf".into(),
            ..MessageFile::example("Plan.PDF", b"x")
        };
        let files = [plan];
        assert_eq!(indexed("", &files), "001= 001=f 001=s7 001=tpdf 001pdf 001plan ");
        let photo = MessageFile {
            media_type: "image/png".into(),
            ..MessageFile::example("a.tar.verylongextension", b"x")
        };
        let files = [photo];
        let terms = indexed("see", &files);
        assert!(terms.contains("001=i ") && terms.contains("001=timage "), "{terms}");
        assert!(terms.contains("001see ") && !terms.contains("=tverylong"), "{terms}");
    }

    #[test]
    fn a_message_has_terms_for_its_words_sender_and_properties() {
        assert_eq!(terms("Go go, gopher!"), "001= 001=s7 001go 001gopher ");
        assert_eq!(terms("fooBar"), "001= 001=s7 001bar 001foo 001foobar ");
        assert_eq!(terms("東京へ"), "001= 001=s7 001へ 001京へ 001東京 ");
        assert_eq!(terms(""), "", "a deleted message has no terms");
    }

    #[test]
    fn links_to_pages_files_and_images_are_distinguished() {
        let of = |body| links(body).collect::<Vec<_>>();
        assert_eq!(of("see https://a.org"), [Property::Link]);
        assert_eq!(of("http://a.org/x/index.html?q=1.png"), [Property::Link]);
        assert_eq!(of("https://a.org/x.tar.gz."), [Property::Link, Property::File]);
        assert_eq!(
            of("(https://a.org/i/Cat.PNG)"),
            [Property::Link, Property::File, Property::Image]
        );
        assert_eq!(of("https://a.org/?u=http://b.org/x.zip"), [Property::Link, Property::File]);
        assert_eq!(of("http://http://a.org/x.zip"), [Property::Link, Property::File]);
        assert_eq!(of("no link: file.png"), []);
    }

    #[test]
    fn a_message_four_times_as_long_takes_about_four_times_as_long_to_index() {
        parlour_samples::assert_linear(|body| {
            std::hint::black_box(terms(body));
        });
    }

    #[test]
    fn buckets_sort_like_times_even_far_out_of_range() {
        let names: Vec<String> = [i64::MIN, 0, 1 << 32, 1_790_000_000_000, i64::MAX]
            .map(|at| bucket_name(bucket(at)))
            .into();
        assert_eq!(names, ["000", "000", "002", "0n5", "zzz"]);
    }
}

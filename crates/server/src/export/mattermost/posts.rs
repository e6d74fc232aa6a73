//! Writes the posts of a conversation.

use super::super::error::ExportError;
use super::super::output::OutputFile;
use super::content::Contents;
use super::records::{Content, DirectPost, Post, Record};
use super::threads::{Place, Threads};
use crate::queries::conversations::StoredConversation;
use parlour_protocol::MessageRow;

/// The largest size of a line with several replies, in bytes: Mattermost refuses lines above 16 MiB. Further replies
/// follow in the thread of the first one of them.
const LINE_BYTES: usize = 12 * 1024 * 1024;

/// Where posts are.
pub enum Channel<'a> {
    /// In a channel of a team.
    Team {
        /// The team's name.
        team: &'a str,
        /// The channel's name.
        channel: &'a str,
    },
    /// In a chat of these users.
    Direct(&'a [String]),
}

impl<'a> Channel<'a> {
    /// Returns the line of a post with its replies.
    fn record(&self, content: &'a Content<'a>, replies: &'a [Content<'a>]) -> Record<'a> {
        match *self {
            Self::Team { team, channel } => {
                Record::Post { post: Post { team, channel, content, replies } }
            }
            Self::Direct(channel_members) => {
                Record::DirectPost { direct_post: DirectPost { channel_members, content, replies } }
            }
        }
    }
}

/// Writes the messages of a conversation, without deleted ones; returns their number.
///
/// # Errors
/// Fails if the database or the file store does, if a file cannot be written, or if the export is cancelled.
pub fn write(
    contents: &mut Contents<'_, '_>,
    conversation: &StoredConversation,
    channel: &Channel<'_>,
    file: &mut OutputFile,
) -> Result<u64, ExportError> {
    let (id, snapshot) = (conversation.row.id, contents.snapshot);
    let threads = Threads::read(snapshot, id)?;
    let (mut count, mut next) = (0, 1);
    loop {
        contents.output.progress.check()?;
        let rows = snapshot.messages(id, next, conversation.last_seq)?;
        let Some(last) = rows.last() else { return Ok(count) };
        next = last.seq.0 + 1;
        for row in &rows {
            contents.output.progress.add_message();
            if row.deleted_at.is_some() {
                continue;
            }
            count += 1;
            let Place::Post(replies) = threads.place(row.id, row.seq.0) else { continue };
            let mut thread = Line::new(contents, row)?;
            for seq in replies {
                if let Some(reply) = snapshot.message_at(id, *seq)? {
                    thread.add(contents, &reply, channel, file)?;
                }
            }
            thread.write(contents, channel, file)?;
        }
    }
}

/// A post with its replies, before it is written.
struct Line<'a> {
    /// The post, and then the replies.
    contents: Vec<Content<'a>>,
    size: usize,
}

impl<'a> Line<'a> {
    fn new(contents: &mut Contents<'a, '_>, row: &MessageRow) -> Result<Self, ExportError> {
        let contents = contents.of(row)?;
        let size = size(&contents);
        Ok(Self { contents, size })
    }

    /// Adds a reply; first writes the line if it would be too long.
    fn add(
        &mut self,
        contents: &mut Contents<'a, '_>,
        row: &MessageRow,
        channel: &Channel<'_>,
        file: &mut OutputFile,
    ) -> Result<(), ExportError> {
        let reply = contents.of(row)?;
        let reply_size = size(&reply);
        if self.size + reply_size > LINE_BYTES {
            self.write(contents, channel, file)?;
            (self.contents, self.size) = (Vec::new(), 0);
        }
        self.contents.extend(reply);
        self.size += reply_size;
        Ok(())
    }

    fn write(
        &self,
        contents: &mut Contents<'a, '_>,
        channel: &Channel<'_>,
        file: &mut OutputFile,
    ) -> Result<(), ExportError> {
        let Some((content, replies)) = self.contents.split_first() else { return Ok(()) };
        contents.output.line(file, &channel.record(content, replies))
    }
}

fn size(contents: &[Content<'_>]) -> usize {
    contents.iter().map(Content::max_size).sum()
}

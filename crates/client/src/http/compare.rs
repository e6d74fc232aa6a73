//! What a part of the mirror must be.

use super::answer::Answer;
use super::client::Http;
use super::sync::state_query;
use crate::part::{self, Part};
use parlour_protocol::{Digest, Row, StreamId, limits};
use parlour_sync::{Fetch, FetchKind};

impl Http {
    /// The digest of what a part of the mirror must be.
    pub async fn digest(&self, part: &Part, epoch: &str) -> Answer<Digest> {
        match part {
            Part::State(applied) => self.get("state/digest", &state_query(applied, epoch)).await,
            Part::Messages(stretch) => {
                let query = [
                    ("conversation", stretch.conversation.to_string()),
                    ("epoch", epoch.into()),
                    ("term", stretch.term.to_string()),
                    ("low", stretch.low.to_string()),
                    ("high", stretch.high.to_string()),
                ];
                self.get("digest", &query).await
            }
        }
    }

    /// What a part of the mirror must be: of a stream that has not moved on meanwhile.
    pub async fn part(&self, part: &Part, epoch: &str) -> Answer<Vec<Row>> {
        match part {
            Part::State(applied) => {
                let page = self.state(applied, epoch, 0).await?;
                if page.head != applied.cursor {
                    return Err(part::moved());
                }
                Ok(page.rows)
            }
            Part::Messages(stretch) => {
                let kind = FetchKind::History { before: stretch.high + 1 };
                let stream = StreamId::Conversation(stretch.conversation);
                let fetch = Fetch { stream, term: stretch.term, kind };
                Ok(self.history(&fetch, epoch, limits::PAGE_BYTES).await?.rows)
            }
        }
    }
}

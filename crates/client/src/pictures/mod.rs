//! Pictures of people. A picture is fetched when it is first shown, and stored in the mirror.

pub(crate) mod fetch;
pub(crate) mod queue;

use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{ErrorBody, OpDone, PictureFormat, PictureId, UserId};
use parlour_store::{Changes, Pictured};
use tokio::task::block_in_place;

/// Maximum number of people in one call.
const PEOPLE: usize = 1000;

impl Session {
    /// Returns which of these people have a picture. Pictures that are not on this computer are fetched as soon
    /// as there is a connection; [`Changes::pictures`] announces their arrival.
    pub fn pictures(&self, people: &[UserId]) -> Result<Vec<Pictured>> {
        let people = &people[..people.len().min(PEOPLE)];
        let found = self.context.store.mirror.pictured(people)?;
        let missing = found.iter().filter(|item| !item.is_here);
        self.context.pictures.add(missing.map(|item| item.picture));
        Ok(found)
    }

    /// Returns the bytes of a picture, if it is on this computer.
    pub fn picture(&self, id: PictureId) -> Result<Option<Vec<u8>>> {
        Ok(self.context.store.mirror.picture(id, self.now())?)
    }

    /// Sets the user's picture. Needs the network.
    ///
    /// # Errors
    /// Fails if the bytes are not an acceptable picture, or after too many changes.
    pub async fn set_picture(&self, bytes: Vec<u8>) -> Result<()> {
        PictureFormat::of(&bytes).map_err(ErrorBody::from)?;
        let done = self.context.http.set_picture(bytes.clone()).await?;
        self.apply_own(&done, Some(&bytes))
    }

    /// Removes the user's picture. Needs the network.
    pub async fn remove_picture(&self) -> Result<()> {
        let done = self.context.http.remove_picture().await?;
        self.apply_own(&done, None)
    }

    /// Applies a change of the user's own picture without waiting for the sync.
    fn apply_own(&self, done: &OpDone, picture: Option<&[u8]>) -> Result<()> {
        let mirror = &self.context.store.mirror;
        let changes = block_in_place(|| -> Result<Changes> {
            let mut changes = mirror.apply_done(done)?.unwrap_or_default();
            if let Some(bytes) = picture {
                changes.merge(mirror.put_picture(bytes, self.now())?);
            }
            Ok(changes)
        })?;
        self.context.notices.changed(changes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_server::{http_response, serve_responses};
    use crate::{Notice, Notices, SystemClock};
    use parlour_protocol::{Page, Row, SessionId, StreamId, UserRole, UserRow};
    use parlour_store::{Account, ServerUpdate, Store};
    use std::sync::Arc;
    use uuid::Uuid;

    const ME: UserId = UserId(Uuid::from_u128(1));
    const OAK: UserId = UserId(Uuid::from_u128(2));
    const ELM: UserId = UserId(Uuid::from_u128(3));

    /// Returns the header of a WebP with this many pixels per side, which is all ASCII.
    fn webp(side: u8) -> String {
        let side = char::from(side - 1);
        let sides = format!("{side}\0\0{side}\0\0");
        format!("RIFF\x16\0\0\0WEBPVP8X\n\0\0\0\x10\0\0\0{sides}")
    }

    fn picture(text: &str) -> PictureId {
        PictureId::of(text.as_bytes())
    }

    /// Returns a session with a server on which these people have these pictures.
    fn session(server: &str, people: &[(UserId, PictureId)]) -> Session {
        let session_id = SessionId(Uuid::from_u128(9));
        let username = "wren".into();
        let account = Account { server: server.into(), user_id: ME, username, session_id };
        let store = Arc::new(Store::in_memory(&account, None).unwrap());
        let row = |(seq, (id, picture)): (i64, &(UserId, PictureId))| {
            let row = UserRow::new(*id, format!("user {seq}"), UserRole::Member, seq);
            Row::User(UserRow { picture: Some(*picture), ..row })
        };
        let rows: Vec<Row> = (1..).zip(people).map(row).collect();
        let head = i64::try_from(rows.len()).unwrap();
        let (epoch, stream) = (String::new(), StreamId::Directory);
        let page = Page { epoch, stream, term: 0, from: 0, to: head, head, rows };
        store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
        Session::offline(store, Notices::default(), Arc::new(SystemClock)).unwrap().0
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn shown_pictures_are_fetched_once_there_is_a_connection_and_wrong_bytes_are_not_stored()
    {
        let (wrong, right, never) = (webp(8), webp(9), webp(10));
        let headers = "content-type: image/webp\r\nconnection: close\r\n";
        let responses = vec![
            http_response("200 OK", headers, &right),
            http_response("200 OK", headers, &right),
        ];
        let (server, served) = serve_responses(responses);
        let people = [(OAK, picture(&wrong)), (ELM, picture(&right)), (ME, picture(&never))];
        let session = session(&server, &people);
        let mut notices = session.context.notices.subscribe();
        let are_here = |people: &[UserId]| {
            let found = session.pictures(people).unwrap();
            found.iter().map(|item| item.is_here).collect::<Vec<_>>()
        };
        assert_eq!(are_here(&[OAK, ELM]), [false, false]);
        let fetching = tokio::spawn(fetch::run(session.context.clone()));
        session.context.pictures.set_online(true);
        let (_, notice) = notices.recv().await.unwrap();
        assert!(matches!(notice, Notice::Changed(changes) if changes.pictures));
        // The bytes of the first one do not match its id.
        served.join().unwrap();
        assert_eq!(are_here(&[OAK, ELM]), [false, true]);
        assert_eq!(session.picture(picture(&right)).unwrap(), Some(right.into_bytes()));
        assert_eq!(session.picture(picture(&wrong)).unwrap(), None);
        assert_eq!(session.picture(picture(&never)).unwrap(), None, "nobody asked to see it");
        fetching.abort();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn invalid_pictures_are_refused_before_anything_is_sent() {
        let session = session("http://127.0.0.1:9", &[]);
        let refused = session.set_picture(b"<svg/>".to_vec()).await.unwrap_err();
        let expected = ErrorBody::from(parlour_protocol::Refusal::NoPicture);
        assert_eq!(refused.problem(), expected.problem());
    }
}

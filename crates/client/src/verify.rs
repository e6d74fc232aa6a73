//! Compares a part of the mirror with the server, and mends it where it differs.

pub use crate::part::Part;

use crate::context::Context;
use crate::effects::{self, failed};
use crate::notice::Notice;
use parlour_protocol::ErrorBody;
use parlour_store::{Changes, Stretch};
use parlour_sync::Place;
use tokio::task::block_in_place;

/// Compares the part at a place with the server, and mends it where it differs. Answers the position of its
/// first message, or nothing if it has none.
///
/// # Errors
/// The server does not answer, the stream has moved meanwhile, or the files fail.
pub(crate) async fn compare(
    context: &Context,
    place: Place,
    epoch: &str,
) -> Result<Option<i64>, ErrorBody> {
    let mirror = &context.store.mirror;
    let found = block_in_place(|| Part::at(mirror, place)).map_err(failed)?;
    let Some(part) = found else { return Ok(None) };
    let theirs = context.http.digest(&part, epoch).await?;
    if block_in_place(|| part.is_same(mirror, &theirs))? {
        if let Part::Messages(stretch) = &part {
            block_in_place(|| keep_index(context, stretch)).map_err(failed)?;
            tell(context, block_in_place(|| part.settle(&context.store))?);
        }
        return Ok(part.low());
    }
    let rows = context.http.part(&part, epoch).await?;
    let part = part.narrowed_to(&rows);
    let (repaired, changes) = block_in_place(|| part.mend(&context.store, epoch, &rows))?;
    tracing::error!(stream = %part.stream(), repaired, "the mirror differed from the server");
    tell(context, changes);
    context.notices.tell(Notice::Status);
    Ok(part.low())
}

fn tell(context: &Context, changes: Changes) {
    effects::reloads(&changes).for_each(|input| context.inputs.send(input));
    context.notices.changed(changes);
}

/// Checks that the search index has the messages, which were compared before.
fn keep_index(context: &Context, stretch: &Stretch) -> parlour_store::Result<()> {
    let mirror = &context.store.mirror;
    if !mirror.is_indexed(stretch)? {
        mirror.rebuild_index(|| !context.inputs.is_closed())?;
        mirror.note_repair()?;
        tracing::error!(conversation = %stretch.conversation, "the search index was wrong, and is built anew");
        context.notices.tell(Notice::Status);
    }
    mirror.merge_index().map(drop)
}

/// Builds an index of an earlier version anew; what is asked meanwhile is answered from that one.
pub(crate) fn renew_index(context: &Context) {
    let mirror = &context.store.mirror;
    let renewed = block_in_place(|| match mirror.is_index_outdated()? {
        true => mirror.rebuild_index(|| !context.inputs.is_closed()),
        false => Ok(()),
    });
    match renewed {
        Err(error) if !context.inputs.is_closed() => {
            tracing::error!(%error, "the search index could not be built anew");
        }
        _ => {}
    }
}

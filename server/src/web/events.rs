//! What happens in a chat, as server-sent events: pages listen instead of asking again.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::State,
    http::StatusCode,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt, future, stream};
use souvenir_memory::ChatId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Web,
    api::PathOf,
    error::{ApiResult, Problem},
};
use crate::engine::ChatEvent;

/// So many streams may be open at once: a few browsers with a few tabs each, and scripts.
const MOST_LISTENERS: usize = 100;

/// The places for streams that stay open until the listener goes.
#[derive(Clone, Debug)]
pub(super) struct Listeners(Arc<Semaphore>);

impl Default for Listeners {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_LISTENERS)))
    }
}

impl Listeners {
    fn take_place(&self) -> ApiResult<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            let detail = format!("{MOST_LISTENERS} event streams are open already: close some of them");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        })
    }
}

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(listen)).routes(routes!(listen_to_all))
}

/// What happens in a chat, as it happens.
///
/// Server-sent events `message`, `turn_started`, `delta`, `turn_finished`, `delivery`, `facts`, `episodes`, `job`, `import`, `forgotten`,
/// `settings`;
/// the data of each is JSON with its `type`, the `chat`, and ids to read anew. A listener that fell behind gets `settings`: read everything
/// anew. A comment every fifteen seconds keeps the connection open.
#[utoipa::path(get, path = "/chats/{id}/events", tag = "events", params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String),
        (status = 404, description = "No such chat", body = Problem),
        (status = 503, description = "Too many streams are open", body = Problem)))]
async fn listen(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let chat = ChatId(id);
    let place = web.listeners.take_place()?;
    let events = of_chat(&web, chat);
    web.engine.settings(Some(chat)).await?;
    Ok(sent(events, place))
}

/// What happens in all chats, as it happens.
///
/// The events of `/api/chats/{id}/events`. A listener that fell behind gets `settings` with chat 0.
#[utoipa::path(get, path = "/events", tag = "events",
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String),
        (status = 503, description = "Too many streams are open", body = Problem)))]
async fn listen_to_all(State(web): State<Web>) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let place = web.listeners.take_place()?;
    Ok(sent(from_now_on(&web, ChatId(0)), place))
}

/// The events of one chat from now on, until the server stops.
pub(super) fn of_chat(web: &Web, chat: ChatId) -> impl Stream<Item = ChatEvent> + Send + use<> {
    from_now_on(web, chat).filter(move |event| future::ready(event.chat() == chat))
}

/// All events from now on, until the server stops. Where some were missed, settings of chat `missed` stand for them.
fn from_now_on(web: &Web, missed: ChatId) -> impl Stream<Item = ChatEvent> + Send + use<> {
    let stop = web.config.shutdown.clone();
    BroadcastStream::new(web.engine.subscribe())
        .map(move |received| match received {
            Ok(event) => event,
            Err(BroadcastStreamRecvError::Lagged(_)) => ChatEvent::Settings { chat: missed },
        })
        .take_until(stop.cancelled_owned())
}

/// The stream as it goes over the wire; it gives its place back when it ends.
fn sent(
    events: impl Stream<Item = ChatEvent> + Send + 'static,
    place: OwnedSemaphorePermit,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send> {
    // A first comment tells browsers and proxies at once that the stream is open.
    let open = stream::once(future::ready(Event::default().comment("listening")));
    let stream = open.chain(events.map(|event| to_sse(&event))).map(move |event| {
        let _held = &place;
        Ok(event)
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

fn to_sse(event: &ChatEvent) -> Event {
    Event::default().event(event.name()).json_data(event).unwrap_or_else(|_| Event::default().comment("unreadable"))
}

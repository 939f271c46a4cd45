//! What happens in a chat, as server-sent events: pages listen instead of asking again.

use std::convert::Infallible;

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt, future, stream};
use souvenir_memory::ChatId;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Web,
    api::PathOf,
    error::{ApiResult, Problem},
};
use crate::engine::ChatEvent;

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(listen)).routes(routes!(listen_to_all))
}

/// What happens in a chat, as it happens.
///
/// Server-sent events `message`, `turn_started`, `delta`, `turn_finished`, `delivery`, `facts`, `settings`; the data of each is
/// JSON with its `type`, the `chat`, and ids to read anew. A listener that fell behind gets `settings`: read everything
/// anew. A comment every fifteen seconds keeps the connection open.
#[utoipa::path(get, path = "/chats/{id}/events", tag = "events", params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String),
        (status = 404, description = "No such chat", body = Problem)))]
async fn listen(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let chat = ChatId(id);
    let events = of_chat(&web, chat);
    web.engine.settings(Some(chat)).await?;
    Ok(sent(events))
}

/// What happens in all chats, as it happens.
///
/// The events of `/api/chats/{id}/events`. A listener that fell behind gets `settings` with chat 0.
#[utoipa::path(get, path = "/events", tag = "events",
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String)))]
async fn listen_to_all(State(web): State<Web>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    sent(from_now_on(&web, ChatId(0)))
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

fn sent(
    events: impl Stream<Item = ChatEvent> + Send + 'static,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send> {
    // A first comment tells browsers and proxies at once that the stream is open.
    let open = stream::once(future::ready(Event::default().comment("listening")));
    let stream = open.chain(events.map(|event| to_sse(&event))).map(Ok);
    Sse::new(stream).keep_alive(KeepAlive::default())
}

fn to_sse(event: &ChatEvent) -> Event {
    Event::default().event(event.name()).json_data(event).unwrap_or_else(|_| Event::default().comment("unreadable"))
}

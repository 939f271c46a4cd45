//! Saying something in a console chat: the reply as JSON, or as it is being written.
//!
//! The turn belongs to the engine and goes on whether or not the caller waits for it.

use std::convert::Infallible;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use souvenir_memory::{ChatId, MessageId, MessageKind, TurnId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{PathOf, extract::Body};
use crate::{
    engine::{ChatEvent, Engine, Incoming, Origin, inspect::MessageQuery},
    web::{
        Web,
        error::{ApiResult, Problem},
        events,
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(say))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Say {
    /// What to say.
    #[schema(example = "What did we decide about the kitchen?", min_length = 1, pattern = r"\S")]
    text: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct Reply {
    /// The message that was stored for the caller.
    pub(in crate::web) message_id: i64,
    /// The turn that answers it.
    pub(in crate::web) turn_id: i64,
    /// The answer.
    pub(in crate::web) reply: String,
    /// The stored answer.
    pub(in crate::web) reply_message_id: Option<i64>,
}

/// Says something in a console chat.
///
/// Answers when the reply is there. With `Accept: text/event-stream` the answer is a stream of events: `delta`
/// (`{text}`) for each piece, then `done` with what the JSON answer would be, or `error` with a problem. Messages that
/// arrive while the reply before is being made are answered together.
#[utoipa::path(post, path = "/chats/{id}/messages", tag = "messages",
    params(("id" = i64, Path, description = "The chat")), request_body = Say,
    responses((status = 200, description = "The reply", content((Reply = "application/json"), (String = "text/event-stream"))),
        (status = 404, description = "No such chat", body = Problem),
        (status = 409, description = "Not a console chat", body = Problem),
        (status = 422, description = "A field is refused", body = Problem),
        (status = 502, description = "The model gave no answer; the message stays stored", body = Problem)))]
async fn say(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    headers: HeaderMap,
    Body(body): Body<Say>,
) -> ApiResult<Response> {
    let chat = ChatId(id);
    // Listening begins before the message is stored, so that no event of its turn is missed.
    let events = events::of_chat(&web, chat);
    let message = receive(&web.engine, chat, body.text).await?;
    let answer = tokio::spawn(answered(web.engine.clone(), chat, message));
    let answer = async move { answer.await.unwrap_or_else(|error| Err(Problem::internal(&error))) };
    if wants_events(&headers) {
        let stream = written(events, message, answer);
        return Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response());
    }
    Ok(Json(answer.await?).into_response())
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("text/event-stream")
}

/// Stores what was said.
pub(in crate::web) async fn receive(engine: &Engine, chat: ChatId, text: String) -> ApiResult<MessageId> {
    if text.trim().is_empty() {
        return Err(Problem::invalid("text", "text is empty: write something"));
    }
    let incoming = Incoming {
        origin: Origin::Console(chat),
        update: None,
        telegram_message_id: None,
        author: None,
        author_id: None,
        text,
        kind: MessageKind::Text,
        said_at: None,
        reply_to: None,
        forwarded_from: None,
        quoted: None,
        overheard: false,
        files: Vec::new(),
    };
    Ok(engine.receive(incoming).await?.message)
}

/// Waits for the turn that answers `message`, and says that its reply was shown.
///
/// Callers of one chat take turns; each delivers what it gets, and goes on until its own message is answered: a burst
/// may be answered by one turn that another caller waited for, or by several.
pub(in crate::web) async fn answered(engine: Engine, chat: ChatId, message: MessageId) -> ApiResult<Reply> {
    while let Some(answer) = engine.answer(chat).await? {
        let (turn, text, failed) = (answer.turn, answer.text.clone(), answer.failed);
        let reply_message_id = answer.message.map(|reply| reply.0);
        drop(answer);
        match turn_of(&engine, chat, message).await? {
            Some(own) if own == turn && failed => return Err(unanswered(message, turn, text)),
            Some(own) if own == turn => {
                return Ok(Reply { message_id: message.0, turn_id: turn.0, reply: text, reply_message_id });
            }
            Some(_) => break,
            None => {}
        }
    }
    answered_before(&engine, chat, message).await
}

/// The reply to a message whose turn another caller waited for.
async fn answered_before(engine: &Engine, chat: ChatId, message: MessageId) -> ApiResult<Reply> {
    let Some(turn) = turn_of(engine, chat, message).await? else {
        return Err(Problem::new(StatusCode::CONFLICT, "the turn was stopped before it answered this message"));
    };
    let item = engine.turn(chat, turn).await?.item;
    match item.answer {
        Some(reply) => {
            let reply_message_id = item.record.reply.map(|reply| reply.0);
            Ok(Reply { message_id: message.0, turn_id: turn.0, reply, reply_message_id })
        }
        None => {
            let why = item.record.error.unwrap_or_else(|| "the turn was stopped".to_owned());
            Err(unanswered(message, turn, why))
        }
    }
}

/// The turn that a message belongs to, once there is one.
async fn turn_of(engine: &Engine, chat: ChatId, message: MessageId) -> ApiResult<Option<TurnId>> {
    let query = MessageQuery { cursor: Some(MessageId(message.0 + 1)), limit: 1, ..MessageQuery::default() };
    let stored = engine.messages(chat, query).await?.items.into_iter().find(|item| item.id == message);
    Ok(stored.and_then(|item| item.turn))
}

fn unanswered(message: MessageId, turn: TurnId, detail: String) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, detail).with("message_id", message.0).with("turn_id", turn.0)
}

/// The events of one reply: its pieces, then `done` or `error`.
fn written(
    events: impl Stream<Item = ChatEvent> + Send + 'static,
    message: MessageId,
    answer: impl Future<Output = ApiResult<Reply>> + Send + 'static,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    let turn = OwnTurn { message, stored: false, turn: None };
    let waiting = Some((events.boxed(), Box::pin(answer), turn));
    stream::unfold(waiting, |state| async move {
        let (mut events, mut answer, mut turn) = state?;
        loop {
            tokio::select! {
                // Pieces that were sent before the end are passed on before it.
                biased;
                Some(event) = events.next() => if let Some(text) = turn.piece(event) {
                    return Some((Ok(piece_event(&text)), Some((events, answer, turn))));
                },
                reply = &mut answer => return Some((Ok(end_event(reply)), None)),
            }
        }
    })
}

fn piece_event(text: &str) -> Event {
    let event = Event::default().event("delta").json_data(serde_json::json!({ "text": text }));
    event.unwrap_or_else(|_| Event::default().comment("unreadable"))
}

fn end_event(reply: ApiResult<Reply>) -> Event {
    let event = match reply {
        Ok(reply) => Event::default().event("done").json_data(reply),
        Err(problem) => Event::default().event("error").json_data(problem),
    };
    event.unwrap_or_else(|_| Event::default().comment("unreadable"))
}

/// Finds the pieces of the turn that answers one message: it begins after the message was stored.
struct OwnTurn {
    message: MessageId,
    stored: bool,
    turn: Option<TurnId>,
}

impl OwnTurn {
    fn piece(&mut self, event: ChatEvent) -> Option<String> {
        match event {
            ChatEvent::Message { id, .. } if id == self.message => self.stored = true,
            ChatEvent::TurnStarted { turn, .. } if self.stored && self.turn.is_none() => self.turn = Some(turn),
            ChatEvent::Delta { turn, text, .. } if self.turn == Some(turn) => return Some(text),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ChatId = ChatId(1);

    fn piece(turn: i64, text: &str) -> ChatEvent {
        ChatEvent::Delta { chat: CHAT, turn: TurnId(turn), text: text.to_owned() }
    }

    #[test]
    fn only_the_pieces_of_the_turn_that_answers_a_message_are_passed_on() {
        let events = [
            piece(6, "the reply before, "),
            ChatEvent::Message { chat: CHAT, id: MessageId(40) },
            piece(6, "still being written"),
            ChatEvent::TurnFinished { chat: CHAT, turn: TurnId(6), state: "done".to_owned() },
            ChatEvent::TurnStarted { chat: CHAT, turn: TurnId(7) },
            piece(7, "one "),
            piece(7, "two"),
            ChatEvent::TurnStarted { chat: CHAT, turn: TurnId(8) },
            piece(8, "the reply after"),
        ];
        let mut own = OwnTurn { message: MessageId(40), stored: false, turn: None };
        let text: String = events.into_iter().filter_map(|event| own.piece(event)).collect();
        assert_eq!(text, "one two");
    }

    #[tokio::test]
    async fn a_stream_ends_with_its_answer_and_not_before_its_pieces() {
        let events = futures::stream::iter([
            ChatEvent::Message { chat: CHAT, id: MessageId(1) },
            ChatEvent::TurnStarted { chat: CHAT, turn: TurnId(2) },
            piece(2, "all of it"),
        ]);
        let events = events.chain(futures::stream::pending());
        let reply = Reply { message_id: 1, turn_id: 2, reply: "all of it".to_owned(), reply_message_id: Some(3) };
        let sent: Vec<_> = written(events, MessageId(1), std::future::ready(Ok(reply))).collect().await;
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert!(format!("{:?}", sent[0]).contains("delta") && format!("{:?}", sent[1]).contains("done"), "{sent:?}");
    }
}

//! Search: what was said in a chat, found by words and by meaning, with why each message was found.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use souvenir_memory::{ChatId, Role};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::{Params, number, parsed},
    wire::Time,
};
use crate::{
    engine::search::{FoundMessage, LONGEST_QUERY, MOST_FOUND, SearchMode, SearchQuery},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// How many messages are given unless asked otherwise.
const USUAL: usize = 5;

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(search))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchParams {
    /// The words to look for; names of speakers and dates are words, too.
    #[param(value_type = String, min_length = 1, max_length = 500, pattern = r"\S")]
    q: Option<String>,
    /// How many messages at most; 5 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `hybrid` (by words and, where there is an embedding endpoint, by meaning), `lexical` or `semantic`.
    #[param(pattern = "^(hybrid|lexical|semantic)?$")]
    mode: Option<String>,
}

/// A message that was found, and why.
#[derive(Serialize, ToSchema)]
struct HitView {
    /// The message.
    id: i64,
    /// `user` or `assistant`.
    role: &'static str,
    author: Option<String>,
    text: String,
    created_at: Time,
    /// Whether it was put away: no model sees it, but whoever searches here does.
    archived: bool,
    /// How well it matches: 1 for the best of this answer.
    score: f64,
    /// What it has of `q`: words as they stand in it, the speaker's name, the day.
    words: Vec<String>,
    /// Where they stand, in bytes of `text` as UTF-8.
    marks: Vec<MarkView>,
    /// Its place among those found by words, from 1.
    word_rank: Option<u32>,
    /// Its place among those found by meaning, from 1.
    meaning_rank: Option<u32>,
    /// A better match right beside it, which spoke for it.
    beside_id: Option<i64>,
}

/// A stretch of a text.
#[derive(Serialize, ToSchema)]
struct MarkView {
    start: usize,
    /// One past the last byte.
    end: usize,
}

impl From<FoundMessage> for HitView {
    fn from(found: FoundMessage) -> Self {
        let message = found.message;
        Self {
            id: message.id.0,
            role: if message.role == Role::Assistant { "assistant" } else { "user" },
            author: message.author,
            text: message.text,
            created_at: message.at.into(),
            archived: message.archived_at.is_some(),
            score: found.score,
            words: found.matched,
            marks: found.marks.into_iter().map(|mark| MarkView { start: mark.start, end: mark.end }).collect(),
            word_rank: found.word_rank,
            meaning_rank: found.meaning_rank,
            beside_id: found.beside.map(|id| id.0),
        }
    }
}

/// Searches a chat's messages, archived ones too, best first.
#[utoipa::path(get, path = "/chats/{id}/search", tag = "messages",
    params(("id" = i64, Path, description = "The chat"), SearchParams),
    responses((status = 200, description = "The messages found", body = List<HitView>),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A parameter is refused", body = Problem)))]
async fn search(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<SearchParams>,
) -> ApiResult<Json<List<HitView>>> {
    let query = SearchQuery {
        text: words(params.q.as_deref())?,
        mode: mode(params.mode.as_deref())?,
        archived: true,
        before: None,
        most: number("limit", params.limit.as_deref(), 1..=MOST_FOUND)?.unwrap_or(USUAL),
    };
    let found = web.engine.search(ChatId(id), &query).await?;
    Ok(Json(List::whole(found.into_iter().map(HitView::from).collect())))
}

fn words(q: Option<&str>) -> ApiResult<String> {
    let words = q.unwrap_or_default().trim();
    match words.chars().count() {
        0 => Err(Problem::invalid("q", "q is empty: give the words to look for")),
        1..=LONGEST_QUERY => Ok(words.to_owned()),
        long => Err(Problem::invalid("q", format!("q has {long} characters: use at most {LONGEST_QUERY}"))),
    }
}

fn mode(mode: Option<&str>) -> ApiResult<SearchMode> {
    parsed("mode", mode).map(Option::unwrap_or_default)
}

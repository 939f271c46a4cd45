//! What the next message would see, and what it would see if settings were others.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use souvenir_memory::ChatId;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    PathOf,
    extract::{Params, number, parsed},
    manifest::{ManifestView, RequestMessageView},
};
use crate::{
    engine::inspect::{Preview, WhatIf},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(preview))
}

/// Settings to try. Nothing changes by it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhatIfParams {
    /// `short`, `medium`, `long`, or minutes from 15 to 10080.
    #[param(pattern = r"^(short|medium|long|1[5-9]|[2-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|100[0-7][0-9]|10080)?$")]
    session_duration: Option<String>,
    /// The whole window.
    #[param(value_type = Option<u32>, minimum = 500, maximum = 2_000_000)]
    max_context_tokens: Option<String>,
    /// The message that would be answered.
    text: Option<String>,
}

impl WhatIfParams {
    pub(super) fn read(self) -> ApiResult<WhatIf> {
        Ok(WhatIf {
            session_duration: parsed("session_duration", self.session_duration.as_deref())?,
            max_context_tokens: number("max_context_tokens", self.max_context_tokens.as_deref(), 500..=2_000_000)?,
            text: self.text.filter(|text| !text.is_empty()),
        })
    }
}

/// A manifest that belongs to no turn, and the request it stands for.
#[derive(Serialize, ToSchema)]
pub(super) struct PreviewView {
    #[serde(flatten)]
    manifest: ManifestView,
    /// The exact messages.
    messages: Vec<RequestMessageView>,
}

impl From<Preview> for PreviewView {
    fn from(preview: Preview) -> Self {
        Self {
            manifest: (&preview.manifest).into(),
            messages: preview.messages.iter().map(RequestMessageView::from).collect(),
        }
    }
}

/// The manifest that the next message would get; parameters override settings.
#[utoipa::path(get, path = "/chats/{id}/context", tag = "context",
    params(("id" = i64, Path, description = "The chat"), WhatIfParams),
    responses((status = 200, description = "The manifest", body = PreviewView),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A parameter is refused", body = Problem)))]
async fn preview(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<WhatIfParams>,
) -> ApiResult<Json<PreviewView>> {
    let preview = web.engine.preview(ChatId(id), params.read()?).await?;
    Ok(Json(preview.into()))
}

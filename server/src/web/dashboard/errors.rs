//! The engine's errors as the pages know them.

use souvenir_frontend::api::ApiError;

use crate::{engine::EngineError, web::error::Problem};

/// What a page is told; internals are logged and not shown.
pub(super) fn told(error: EngineError) -> ApiError {
    match error {
        EngineError::NoChat(id) => ApiError::not_found("chat", id),
        EngineError::NoTurn(id) => ApiError::not_found("turn", id),
        EngineError::NoEpisode(id) => ApiError::not_found("episode", id),
        EngineError::NoAnalysis(id) => ApiError::not_found("analysis", id),
        EngineError::NoJob(id) => ApiError::not_found("job", id),
        EngineError::NoImport(id) => ApiError::not_found("import", id),
        EngineError::NoProposal(id) => ApiError::not_found("proposal", id),
        EngineError::NoFact(id) => ApiError::not_found("fact", id),
        EngineError::NoMessage(id) => ApiError::not_found("message", id),
        EngineError::NotConsole(_) => {
            ApiError::invalid("text", "This chat is not a console chat. Write to it in Telegram.")
        }
        EngineError::Invalid { field, message } => ApiError::invalid(field, message),
        EngineError::Conflict(message) => ApiError::invalid("form", message),
        EngineError::Paused(pause) => ApiError::invalid("form", pause.to_string()),
        other => {
            tracing::error!(error = %other, "a page's request failed");
            ApiError::Internal
        }
    }
}

/// A problem of the API, where a page uses the same code.
pub(super) fn told_problem(problem: &Problem) -> ApiError {
    match problem.field() {
        Some(field) => ApiError::invalid(field, problem.detail()),
        None => ApiError::Internal,
    }
}

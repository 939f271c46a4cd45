//! The settings of the endpoint that turns texts into vectors.
//!
//! Either a model or an address turns it on. A key is sent to nobody it was not given for: the chat endpoint's serves here
//! only where both are the same endpoint.

use super::{
    ConfigError, EmbeddingConfig, ModelConfig, Secret,
    parse::{header_value, parsed, text, url_with_query},
    sources::Sources,
};

const MODEL: &str = "SOUVENIR_EMBEDDING_MODEL";
const BASE_URL: &str = "SOUVENIR_EMBEDDING_BASE_URL";
const API_KEY: &str = "SOUVENIR_EMBEDDING_API_KEY";
/// Where requests go when no address is set.
const OPENAI: &str = "https://api.openai.com/v1";

/// The endpoint, where there is one.
pub(super) fn config(sources: &Sources, chat: &ModelConfig) -> Result<Option<EmbeddingConfig>, ConfigError> {
    let own_url = parsed(sources, BASE_URL, url_with_query)?;
    let own_key = parsed(sources, API_KEY, header_value)?.map(Secret::new);
    let model = text(sources, MODEL)?;
    if model.is_none() && own_url.is_none() {
        return Ok(None);
    }
    // Without an address of its own it is the chat's endpoint, which is none where the offline model answers.
    if own_url.is_none() && own_key.is_none() && chat.is_offline() {
        return Ok(None);
    }
    let is_chats = own_url.as_deref().is_none_or(|url| is_same(url, chat.base_url.as_deref().unwrap_or(OPENAI)));
    let base_url = own_url.or_else(|| chat.base_url.clone());
    let api_key = own_key.or_else(|| chat.api_key.clone().filter(|_| is_chats));
    Ok(Some(EmbeddingConfig { base_url, model, api_key }))
}

/// What was set and changes nothing.
pub(super) fn without_effect(
    sources: &Sources,
    embeddings: Option<&EmbeddingConfig>,
) -> Result<Vec<String>, ConfigError> {
    if embeddings.is_some() {
        return Ok(Vec::new());
    }
    let mut warnings = Vec::new();
    if sources.find(MODEL)?.is_some() {
        warnings.push(format!(
            "{MODEL} is set, but there is no endpoint to ask: set {BASE_URL}, or OPENAI_API_KEY for OpenAI's"
        ));
    } else if sources.find(API_KEY)?.is_some() {
        warnings.push(format!("{API_KEY} is set, but neither {MODEL} nor {BASE_URL} is: nothing is embedded"));
    }
    Ok(warnings)
}

fn is_same(one: &str, other: &str) -> bool {
    let parsed = |text: &str| reqwest::Url::parse(text.trim_end_matches('/')).ok();
    parsed(one) == parsed(other)
}

//! The settings of endpoints beside the chat's: the one that turns texts into vectors, and the one that transcribes.
//!
//! Either a model or an address turns one on. A key is sent to nobody it was not given for: the chat endpoint's serves here
//! only where both are the same endpoint.

use super::{
    ConfigError, EmbeddingConfig, ModelConfig, Secret, TranscriptionConfig,
    parse::{header_value, parsed, text, url_with_query},
    sources::Sources,
};

/// Where requests go when no address is set.
const OPENAI: &str = "https://api.openai.com/v1";
/// What transcribes at OpenAI's.
const TRANSCRIBES: &str = "gpt-transcribe";

/// The names of an endpoint's settings, and what is not done without them.
struct Names {
    model: &'static str,
    base_url: &'static str,
    api_key: &'static str,
    undone: &'static str,
}

const EMBEDDING: Names = Names {
    model: "SOUVENIR_EMBEDDING_MODEL",
    base_url: "SOUVENIR_EMBEDDING_BASE_URL",
    api_key: "SOUVENIR_EMBEDDING_API_KEY",
    undone: "nothing is embedded",
};
const TRANSCRIPTION: Names = Names {
    model: "SOUVENIR_TRANSCRIPTION_MODEL",
    base_url: "SOUVENIR_TRANSCRIPTION_BASE_URL",
    api_key: "SOUVENIR_TRANSCRIPTION_API_KEY",
    undone: "nothing is transcribed",
};

/// Where vectors come from, if they do.
pub(super) fn embeddings(sources: &Sources, chat: &ModelConfig) -> Result<Option<EmbeddingConfig>, ConfigError> {
    endpoint(sources, chat, &EMBEDDING, None)
}

/// What transcribes, if anything does. At OpenAI's own endpoint something does by itself.
pub(super) fn transcription(sources: &Sources, chat: &ModelConfig) -> Result<Option<TranscriptionConfig>, ConfigError> {
    let is_openais = chat.base_url.as_deref().is_none_or(|url| is_same(url, OPENAI));
    let default = (is_openais && chat.api_key.is_some()).then_some(TRANSCRIBES);
    let found = endpoint(sources, chat, &TRANSCRIPTION, default)?;
    Ok(found.map(|EmbeddingConfig { base_url, model, api_key }| TranscriptionConfig {
        base_url,
        model: model.unwrap_or_else(|| TRANSCRIBES.to_owned()),
        api_key,
    }))
}

fn endpoint(
    sources: &Sources,
    chat: &ModelConfig,
    names: &Names,
    default: Option<&str>,
) -> Result<Option<EmbeddingConfig>, ConfigError> {
    let own_url = parsed(sources, names.base_url, url_with_query)?;
    let own_key = parsed(sources, names.api_key, header_value)?.map(Secret::new);
    let model = text(sources, names.model)?.or_else(|| default.map(str::to_owned));
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
    transcription: Option<&TranscriptionConfig>,
) -> Result<Vec<String>, ConfigError> {
    let mut warnings = Vec::new();
    for (names, is_on) in [(EMBEDDING, embeddings.is_some()), (TRANSCRIPTION, transcription.is_some())] {
        let Names { model, base_url, api_key, undone } = names;
        if is_on {
            continue;
        }
        if sources.find(model)?.is_some() {
            warnings.push(format!(
                "{model} is set, but there is no endpoint to ask: set {base_url}, or OPENAI_API_KEY for OpenAI's"
            ));
        } else if sources.find(api_key)?.is_some() {
            warnings.push(format!("{api_key} is set, but neither {model} nor {base_url} is: {undone}"));
        }
    }
    Ok(warnings)
}

fn is_same(one: &str, other: &str) -> bool {
    let parsed = |text: &str| reqwest::Url::parse(text.trim_end_matches('/')).ok();
    parsed(one) == parsed(other)
}

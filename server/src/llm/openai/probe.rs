//! Asking an endpoint whether it is there, and until when its models are.

use async_openai::error::OpenAIError;
use serde_json::Value;
use souvenir_memory::Timestamp;
use tokio::time::Instant;

use super::{OpenAiModel, failure::Failure};
use crate::llm::{ModelError, ModelHealth};

/// Asks for the list of models, which costs nothing. A server without such a list is there all the same.
pub(super) async fn probe(model: &OpenAiModel, names: &[String]) -> Result<ModelHealth, ModelError> {
    let started = Instant::now();
    let client = model.client(model.transport());
    let list = client.models();
    let asking = tokio::time::timeout(model.timeouts.probe, list.list_byot::<Value>()).await;
    let listed = match asking {
        Ok(Ok(listed)) => listed,
        Ok(Err(error)) => without_list(error)?,
        Err(_) => {
            let waited = model.timeouts.probe.as_secs_f64();
            return Err(ModelError::Unavailable(format!("no list of models within {waited} s")));
        }
    };
    Ok(ModelHealth {
        latency: started.elapsed(),
        shutdown_dates: shutdown_dates(&listed, names),
        unlisted: unlisted(&listed, names),
    })
}

/// Refusals that only mean that there is no list; anything else is an error.
fn without_list(error: OpenAIError) -> Result<Value, ModelError> {
    match Failure::from(error) {
        Failure::Refused(refusal) if matches!(refusal.status, 404 | 405 | 501) => Ok(Value::Null),
        failure => Err(failure.into()),
    }
}

/// Ollama lists `llama3.2` as `llama3.2:latest`.
fn unlisted(listed: &Value, names: &[String]) -> Vec<String> {
    let models: Vec<&str> =
        listed["data"].as_array().into_iter().flatten().filter_map(|it| it["id"].as_str()).collect();
    let is = |id: &str, name: &str| id == name || id.strip_suffix(":latest") == Some(name);
    let lacks = |name: &&String| !models.iter().any(|id| is(id, name));
    names.iter().filter(|_| !models.is_empty()).filter(lacks).cloned().collect()
}

fn shutdown_dates(listed: &Value, names: &[String]) -> Vec<(String, String)> {
    let models = listed["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let announced = models.iter().filter_map(|model| {
        let name = names.iter().find(|name| model["id"] == name.as_str())?;
        Some((name.clone(), date(&model["shutdown_date"])?))
    });
    announced.collect()
}

/// A date as `2026-12-11`, from a date, a moment in RFC 3339, or seconds since the epoch.
fn date(value: &Value) -> Option<String> {
    let rfc3339 = match value {
        Value::Number(seconds) => crate::clock::rfc3339(Timestamp(seconds.as_i64()?.checked_mul(1000)?)),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let day = rfc3339.get(..10)?;
    day.parse::<jiff::civil::Date>().ok().map(|day| day.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shutdown_dates_are_read_in_any_form() {
        let listed = json!({"data": [
            {"id": "a", "shutdown_date": "2026-12-11"},
            {"id": "b", "shutdown_date": 1_797_033_600},
            {"id": "c", "shutdown_date": null},
            {"id": "d", "shutdown_date": "2027-01-14T00:00:00Z"},
            {"id": "e", "shutdown_date": "one day"},
        ]});
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let found = shutdown_dates(&listed, &names);
        let expected = [("a", "2026-12-11"), ("b", "2026-12-12"), ("d", "2027-01-14")];
        assert_eq!(found, expected.map(|(name, date)| (name.to_owned(), date.to_owned())));
        assert!(shutdown_dates(&listed, &["other".to_owned()]).is_empty());
    }

    #[test]
    fn a_model_that_the_list_lacks_is_named() {
        let names = ["llama3.2", "gpt-6-luna"].map(str::to_owned);
        let listed = json!({"data": [{"id": "llama3.2:latest"}]});
        assert_eq!(unlisted(&listed, &names), ["gpt-6-luna"]);
        assert!(unlisted(&json!({"data": []}), &names).is_empty() && unlisted(&Value::Null, &names).is_empty());
    }
}

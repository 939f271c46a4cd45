//! Inline keyboards: what Telegram accepts as one, and what a test can press.

use serde_json::{Value, json};

use super::Button;
use super::refusal::Refusal;

/// Reads and checks a `reply_markup`. Markups without buttons (force reply and the like) count as none.
pub(super) fn checked(markup: Option<&Value>) -> Result<Vec<Vec<Button>>, Refusal> {
    let Some(rows) = markup.and_then(|markup| markup.get("inline_keyboard")) else { return Ok(Vec::new()) };
    let rows =
        rows.as_array().ok_or_else(|| Refusal::bad("Bad Request: field \"inline_keyboard\" must be of type Array"))?;
    let rows: Result<Vec<Vec<Button>>, Refusal> = rows
        .iter()
        .map(|row| row.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(button).collect())
        .collect();
    Ok(rows?.into_iter().filter(|row| !row.is_empty()).collect())
}

fn button(button: &Value) -> Result<Button, Refusal> {
    let text = button["text"].as_str().unwrap_or_default().to_owned();
    if text.is_empty() {
        return Err(Refusal::bad(
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ));
    }
    let data = button["callback_data"].as_str().map(str::to_owned);
    if data.as_ref().is_some_and(|data| data.is_empty() || data.len() > 64) {
        return Err(Refusal::bad("Bad Request: BUTTON_DATA_INVALID"));
    }
    let url = button["url"].as_str().map(str::to_owned);
    if let Some(url) = &url {
        check_url(url)?;
    }
    if let Some(app) = button["web_app"]["url"].as_str()
        && !app.starts_with("https://")
    {
        return Err(Refusal::bad(&format!(
            "Bad Request: inline keyboard button Web App URL '{app}' is invalid: Only HTTPS links are allowed"
        )));
    }
    if data.is_none() && url.is_none() && button["web_app"].is_null() && button["copy_text"].is_null() {
        return Err(Refusal::bad(
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ));
    }
    Ok(Button { text, data, url })
}

/// Telegram takes no button that leads to a host without a dot, such as `localhost`.
fn check_url(url: &str) -> Result<(), Refusal> {
    let parsed = reqwest::Url::parse(url).ok();
    let good = parsed.is_some_and(|parsed| match parsed.scheme() {
        "http" | "https" => parsed.host_str().is_some_and(|host| host.contains('.')),
        "tg" => true,
        _ => false,
    });
    if good {
        return Ok(());
    }
    Err(Refusal::bad(&format!("Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")))
}

/// The keyboard as Telegram gives it back.
pub(super) fn as_markup(rows: &[Vec<Button>]) -> Value {
    let button = |button: &Button| match (&button.data, &button.url) {
        (Some(data), _) => json!({"text": button.text, "callback_data": data}),
        (None, Some(url)) => json!({"text": button.text, "url": url}),
        (None, None) => json!({"text": button.text}),
    };
    let rows: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(button).collect()).collect();
    json!({"inline_keyboard": rows})
}

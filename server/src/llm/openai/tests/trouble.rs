//! Endpoints that are busy, down, slow, or lose the line.

use super::*;

#[tokio::test]
async fn a_busy_endpoint_is_asked_again_when_it_wishes() {
    let busy = |header: &'static str, wait: &str| {
        let mut response = error(429, &json!({"error": {"message": "Rate limit", "code": "rate_limit_exceeded"}}));
        response.headers_mut().insert(header, wait.parse().unwrap());
        response
    };
    let server = serve([busy("retry-after", "0.05"), busy("retry-after-ms", "40"), hello()]).await;
    let started = Instant::now();
    let (completion, pieces) = ask(&server.model()).await;
    assert_eq!(completion.unwrap().text, "Hello!");
    assert_eq!(pieces.concat(), "Hello!");
    assert!(started.elapsed() >= Duration::from_millis(90));
    assert_eq!(server.bodies().len(), 3);
}

#[tokio::test]
async fn an_endpoint_that_stays_down_is_given_up_after_three_tries() {
    let down = || error(503, &json!({"error": {"code": 503, "message": "Loading model"}}));
    let server = serve([down(), down(), down(), hello()]).await;
    let failure = ask(&server.model()).await.0.unwrap_err();
    assert_eq!(failure, ModelError::Unavailable("status 503: Loading model".to_owned()));
    assert_eq!(server.bodies().len(), 3);
}

#[tokio::test]
async fn a_wait_too_long_is_told_instead_of_waited() {
    let mut busy = error(429, &json!({"error": {"message": "Daily limit"}}));
    busy.headers_mut().insert("retry-after", "3600".parse().unwrap());
    let server = serve([busy]).await;
    let failure = ask(&server.model()).await.0.unwrap_err();
    assert_eq!(failure, ModelError::Unavailable("status 429: Daily limit; it asks to wait 3600 s".to_owned()));
}

#[tokio::test]
async fn nobody_at_the_address_is_unavailable_without_naming_it() {
    let server = serve([]).await;
    let model = server.model_with(|options| options.base_url = Some("http://127.0.0.1:9/secret/v1".to_owned()));
    let ModelError::Unavailable(message) = ask(&model).await.0.unwrap_err() else { panic!() };
    assert_eq!(message, "no connection: Connection refused");
}

#[tokio::test]
async fn a_stream_that_breaks_after_text_keeps_the_text() {
    let server = serve([broken([text("Hel"), text("lo")]), hello()]).await;
    let (result, pieces) = ask(&server.model()).await;
    let ModelError::Interrupted { partial, message } = result.unwrap_err() else { panic!() };
    assert_eq!((partial.as_str(), message.as_str()), ("Hello", "the connection was lost"));
    assert_eq!(pieces.concat(), "Hello");
    assert_eq!(server.bodies().len(), 1);
}

#[tokio::test]
async fn a_stream_that_breaks_before_any_text_is_asked_for_again() {
    let role = format!("data: {}\n\n", json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]}));
    let server = serve([broken([role.clone()]), stream([role]), hello()]).await;
    assert_eq!(ask(&server.model()).await.0.unwrap().text, "Hello!");
    assert_eq!(server.bodies().len(), 3);
}

#[tokio::test]
async fn a_stream_that_ends_without_saying_so_is_an_interruption() {
    let server = serve([stream([text("Hel")])]).await;
    assert!(matches!(ask(&server.model()).await.0.unwrap_err(), ModelError::Interrupted { .. }));
}

#[tokio::test]
async fn a_stream_that_breaks_after_its_last_piece_is_whole() {
    let server = serve([broken([text("Hello!"), finish("stop")]), stream([text("One"), DONE.to_owned()])]).await;
    let model = server.model();
    assert_eq!(ask(&model).await.0.unwrap().text, "Hello!");
    assert_eq!(ask(&model).await.0.unwrap().text, "One");
}

#[tokio::test]
async fn silence_has_an_end_before_and_after_the_first_text() {
    let server = serve([stuck([]), stuck([text("Hel")])]).await;
    let short = Duration::from_millis(200);
    let model = server.model_with(|options| {
        options.timeouts = Timeouts { first_token: short, between_pieces: short, ..Timeouts::default() };
        options.retry.window = short;
    });
    let failure = ask(&model).await.0.unwrap_err();
    assert_eq!(failure, ModelError::Unavailable("no text within 0.2 s".to_owned()));
    let failure = ask(&model).await.0.unwrap_err();
    let partial = "Hel".to_owned();
    assert_eq!(failure, ModelError::Interrupted { message: "the next piece took too long".to_owned(), partial });
}

//! Refusals: what is learnt from them, and what people are told.

use super::*;

#[tokio::test]
async fn what_is_refused_is_left_out_at_once_and_for_good() {
    let answers = [refused("max_completion_tokens"), refused("reasoning_effort"), refused("stream_options")];
    let late = json!({"error": {"code": 500, "message": "Jinja Exception: System message must be at the beginning."}});
    let server = serve(answers.into_iter().chain([error(500, &late), hello(), hello()])).await;
    let model = server.model_with(|options| options.retry.tries = 1);
    assert_eq!(ask(&model).await.0.unwrap().text, "Hello!");
    assert_eq!(ask(&model).await.0.unwrap().text, "Hello!");
    let bodies = server.bodies();
    assert_eq!(bodies.len(), 6);
    assert_eq!(bodies[4], bodies[5]);
    assert_eq!(bodies[4]["max_tokens"], 500);
    for absent in ["max_completion_tokens", "reasoning_effort", "stream_options"] {
        assert_eq!(bodies[4][absent], Value::Null);
    }
    assert_eq!(bodies[4]["messages"][3]["content"], "<notes>\nIt is now noon.\n</notes>\n\nКак дела?");
    let learnt = model.learnt();
    // Nobody asked for an answer by a schema, for a vector, with a tool, or about a picture.
    let unasked = [Quirk::NoJsonSchema, Quirk::NoInputType, Quirk::NoTools, Quirk::NoPictures];
    let refused = Quirk::ALL.into_iter().filter(|quirk| !unasked.contains(quirk));
    assert_eq!(learnt.iter().map(|lesson| lesson.quirk).collect::<Vec<_>>(), refused.collect::<Vec<_>>());
    assert!(learnt.iter().all(|lesson| lesson.endpoint == server.url && lesson.model == "small"));
}

#[tokio::test]
async fn what_was_learnt_before_is_not_asked_for_again() {
    let server = serve([hello()]).await;
    let lesson = Learnt { endpoint: server.url.clone(), model: "small".to_owned(), quirk: Quirk::NoReasoningEffort };
    let model = server.model_with(|options| options.learnt = vec![lesson.clone()]);
    ask(&model).await.0.unwrap();
    assert_eq!(server.bodies()[0]["reasoning_effort"], Value::Null);
    assert_eq!(model.learnt(), [lesson]);
}

#[tokio::test]
async fn an_endpoint_that_contradicts_itself_is_not_asked_for_ever() {
    let refusals = (0..20).map(|round| match round % 2 {
        0 => refused("max_completion_tokens"),
        _ => error(400, &json!({"error": "'max_tokens' is not known, use 'max_completion_tokens'"})),
    });
    let server = serve(refusals).await;
    assert!(matches!(ask(&server.model()).await.0.unwrap_err(), ModelError::Refused(_)));
    assert_eq!(server.bodies().len(), MOST_CORRECTIONS + 1);
}

#[tokio::test]
async fn an_overflow_tells_both_numbers_and_is_not_repeated() {
    let said = json!({"error": {
        "code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 5000, "n_ctx": 4096,
        "message": "request (5000 tokens) exceeds the available context size (4096 tokens)",
    }});
    let server = serve([error(400, &said)]).await;
    let failure = ask(&server.model()).await.0.unwrap_err();
    let ModelError::ContextOverflow { prompt_tokens, window, .. } = failure else { panic!("{failure:?}") };
    assert_eq!((prompt_tokens, window), (Some(5000), Some(4096)));
    assert_eq!(server.bodies().len(), 1);
}

#[tokio::test]
async fn a_refused_key_is_told_without_the_key() {
    let said = json!({"error": {"message": format!("Incorrect API key provided: {KEY}."), "code": "invalid_api_key"}});
    let server = serve([error(401, &said)]).await;
    let failure = ask(&server.model()).await.0.unwrap_err();
    assert_eq!(failure, ModelError::Unauthorized("Incorrect API key provided: ***.".to_owned()));
}

#[tokio::test]
async fn an_error_inside_a_stream_is_judged_like_any_other() {
    let said = |error: Value| format!("data: {}\n\n", json!({ "error": error }));
    let overloaded = said(json!({"message": "Overloaded", "type": "server_error", "code": 503}));
    let full = said(json!({"message": "too long", "type": "exceed_context_size_error", "code": 400}));
    let server = serve([stream([overloaded.clone()]), stream([full]), stream([text("Hi"), overloaded])]).await;
    let model = server.model();
    assert!(matches!(ask(&model).await.0.unwrap_err(), ModelError::ContextOverflow { .. }));
    let ModelError::Interrupted { message, .. } = ask(&model).await.0.unwrap_err() else { panic!() };
    assert_eq!(message, "status 503: Overloaded");
}

#[tokio::test]
async fn a_wrong_address_that_shows_a_page_is_explained() {
    let page = || Response::builder().header("content-type", "text/html").body(Body::from("<html>")).unwrap();
    let server = serve([page(), page(), error(404, &json!({"detail": "Not Found"}))]).await;
    let model = server.model();
    for failure in
        [ask(&model).await.0.unwrap_err(), model.probe(&[]).await.unwrap_err(), ask(&model).await.0.unwrap_err()]
    {
        assert!(matches!(&failure, ModelError::Refused(message) if message.contains("OPENAI_BASE_URL")), "{failure}");
    }
}

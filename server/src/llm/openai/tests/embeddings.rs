//! Vectors: what is sent, what is taken, and what is learnt from refusals.

use super::*;
use crate::llm::openai::embeddings::{EmbeddingError, EmbeddingModel, EmbeddingOptions, Took};

impl Server {
    fn embeddings(&self, model: Option<&str>) -> EmbeddingModel {
        let options = EmbeddingOptions {
            base_url: Some(self.url.clone()),
            model: model.map(str::to_owned),
            api_key: Some(Secret::new(KEY)),
            retry: RetryPolicy { base: Duration::from_millis(2), ..RetryPolicy::default() },
            ..EmbeddingOptions::default()
        };
        EmbeddingModel::new(options).unwrap()
    }
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|place| format!("text {place}")).collect()
}

fn json_answer(body: &Value) -> Response<Body> {
    Response::builder().header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
}

/// Vectors of two dimensions that point the more upwards the later they come.
fn vectors(places: std::ops::Range<usize>) -> Response<Body> {
    let items: Vec<Value> = places
        .clone()
        .map(|place| json!({"object": "embedding", "index": place - places.start, "embedding": [3, place]}))
        .collect();
    json_answer(&json!({"object": "list", "data": items, "model": "small"}))
}

fn said(status: u16, message: &str) -> Response<Body> {
    error(status, &json!({"error": {"message": message, "type": "invalid_request_error"}}))
}

fn inputs(server: &Server) -> Vec<usize> {
    server.bodies().iter().map(|body| body["input"].as_array().unwrap().len()).collect()
}

#[tokio::test]
async fn texts_become_vectors_of_unit_length_in_their_order() {
    let shuffled = json!({"data": [
        {"index": 1, "embedding": [0.0, 2.0]},
        {"index": 0, "embedding": [3, 4]},
    ]});
    let server = serve([json_answer(&shuffled), vectors(0..1)]).await;
    let model = server.embeddings(Some("small"));
    let found = model.passages(&texts(2), &mut Took::default()).await.unwrap();
    assert_eq!(found, [Some(vec![0.6, 0.8]), Some(vec![0.0, 1.0])]);
    assert_eq!(model.query("where?", &mut Took::default()).await.unwrap(), [1.0, 0.0]);
    let bodies = server.bodies();
    let expected = json!({
        "model": "small", "input": ["text 0", "text 1"], "encoding_format": "float", "input_type": "passage",
    });
    assert_eq!(bodies[0], expected);
    assert_eq!((&bodies[1]["input"], &bodies[1]["input_type"]), (&json!(["where?"]), &json!("query")));
}

#[tokio::test]
async fn a_purpose_that_is_refused_is_left_out_and_said_in_words_to_a_model_that_wants_it() {
    let refusals = [
        said(400, "Unrecognized request argument supplied: input_type"),
        error(422, &json!({"detail": [{"loc": ["body", "input_type"], "msg": "Extra inputs are not permitted"}]})),
        error(400, &json!({"error": "json: unknown field"})),
    ];
    for refusal in refusals {
        let server = serve([refusal, vectors(0..1), vectors(0..1)]).await;
        let model = server.embeddings(Some("multilingual-E5-small"));
        model.passages(&texts(1), &mut Took::default()).await.unwrap();
        model.query("where?", &mut Took::default()).await.unwrap();
        let bodies = server.bodies();
        assert_eq!((&bodies[1]["input_type"], &bodies[1]["input"]), (&Value::Null, &json!(["passage: text 0"])));
        assert_eq!(bodies[2]["input"], json!(["query: where?"]));
        let lesson = Learnt {
            endpoint: server.url.clone(),
            model: "multilingual-E5-small".to_owned(),
            quirk: Quirk::NoInputType,
        };
        assert_eq!(model.learnt(), [lesson]);
    }
}

#[tokio::test]
async fn many_texts_go_in_several_requests_and_in_smaller_ones_where_that_is_too_many() {
    let server = serve([
        said(413, "batch size 64 > maximum allowed batch size 32"),
        vectors(0..32),
        vectors(32..64),
        vectors(64..80),
        vectors(0..32),
        vectors(32..40),
    ])
    .await;
    let model = server.embeddings(Some("small"));
    let found = model.passages(&texts(80), &mut Took::default()).await.unwrap();
    let upwards = |vector: &Option<Vec<f32>>| vector.as_ref().unwrap()[1];
    assert!(found.is_sorted_by(|one, next| upwards(one) < upwards(next)), "each in its place");
    assert_eq!(inputs(&server), [64, 32, 32, 16]);
    model.passages(&texts(40), &mut Took::default()).await.unwrap();
    assert_eq!(inputs(&server)[4..], [32, 8]);
}

#[tokio::test]
async fn a_text_that_is_too_long_is_cut_and_so_are_later_ones() {
    let long = || vec!["я".repeat(4_000)];
    let server = serve([
        said(400, "This model's maximum context length is 512 tokens, however you requested 2048 tokens."),
        error(
            500,
            &json!({"error": {"code": 500, "message": "input is too large to process", "type": "server_error"}}),
        ),
        vectors(0..1),
        vectors(0..1),
    ])
    .await;
    let model = server.embeddings(Some("small"));
    assert!(model.passages(&long(), &mut Took::default()).await.unwrap()[0].is_some());
    assert!(model.passages(&long(), &mut Took::default()).await.unwrap()[0].is_some());
    let lengths: Vec<usize> =
        server.bodies().iter().map(|body| body["input"][0].as_str().unwrap().chars().count()).collect();
    assert_eq!(lengths, [4_000, 900, 450, 450]);
}

#[tokio::test]
async fn one_text_that_is_refused_does_not_stand_in_the_way_of_others() {
    let not_nice = || said(400, "The input was filtered.");
    // Both, the first by itself, the second by itself.
    let server = serve([not_nice(), not_nice(), vectors(1..2)]).await;
    let found = server.embeddings(Some("small")).passages(&texts(2), &mut Took::default()).await.unwrap();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    // Alone, while something harmless is taken; and where nothing is.
    let server = serve([not_nice(), vectors(0..1), not_nice(), not_nice()]).await;
    let model = server.embeddings(Some("small"));
    assert_eq!(model.passages(&texts(1), &mut Took::default()).await.unwrap(), [None]);
    let error = model.passages(&texts(1), &mut Took::default()).await.unwrap_err();
    assert!(matches!(&error, EmbeddingError::Refused { status: 400, message } if message.contains("filtered")));
    assert!(!error.label().contains("filtered"), "the log gets no words that may be a message's");
}

#[tokio::test]
async fn what_are_no_vectors_for_the_texts_is_refused_with_the_reason() {
    let of = |items: Value| json_answer(&json!({ "data": items }));
    let one = |vector: Value| json!({"index": 0, "embedding": vector});
    for (answer, says) in [
        (of(json!([])), "0 vectors for 1 texts"),
        (of(json!([one(json!([1, null]))])), "no number"),
        (of(json!([one(json!([0, 0]))])), "without a direction"),
        (of(json!([one(json!([]))])), "0 dimensions"),
        (of(json!([one(json!("AACAPw=="))])), "no list"),
        (of(json!([{"index": 7, "embedding": [1, 2]}])), "twice"),
        (json_answer(&json!({"embeddings": []})), "no list of vectors"),
    ] {
        let server = serve([answer]).await;
        let error = server.embeddings(Some("small")).query("where?", &mut Took::default()).await.unwrap_err();
        assert!(matches!(&error, EmbeddingError::Malformed(why) if why.contains(says)), "{error}");
    }
}

#[tokio::test]
async fn other_dimensions_than_before_mean_another_model() {
    let server = serve([vectors(0..1), json_answer(&json!({"data": [{"embedding": [1, 2, 3]}]}))]).await;
    let model = server.embeddings(Some("small"));
    model.query("where?", &mut Took::default()).await.unwrap();
    assert_eq!(
        model.query("where?", &mut Took::default()).await.unwrap_err(),
        EmbeddingError::OtherDimensions { found: 3, before: 2 },
    );
}

#[tokio::test]
async fn a_background_request_is_tried_again_and_a_query_is_not() {
    let busy = || {
        Response::builder().status(429).header("retry-after-ms", "1").body(Body::from(r#"{"error": "busy"}"#)).unwrap()
    };
    let server = serve([busy(), error(503, &json!("loading")), vectors(0..1), busy()]).await;
    let model = server.embeddings(Some("small"));
    assert!(model.passages(&texts(1), &mut Took::default()).await.unwrap()[0].is_some());
    let error = model.query("where?", &mut Took::default()).await.unwrap_err();
    assert!(matches!(&error, EmbeddingError::Unavailable(why) if why.contains("429")), "{error}");
    assert_eq!(server.bodies().len(), 4);
}

#[tokio::test]
async fn keys_models_and_addresses_that_are_wrong_are_told_by_the_setting() {
    let page = Response::builder().header("content-type", "text/html").body(Body::from("<html>")).unwrap();
    for (answer, setting) in [
        (said(401, &format!("wrong key {KEY}")), "SOUVENIR_EMBEDDING_API_KEY"),
        (said(404, "The model `small` does not exist."), "SOUVENIR_EMBEDDING_MODEL"),
        (error(404, &json!({"detail": "Not Found"})), "SOUVENIR_EMBEDDING_BASE_URL"),
        (page, "SOUVENIR_EMBEDDING_BASE_URL"),
    ] {
        let server = serve([answer]).await;
        let error =
            server.embeddings(Some("small")).passages(&texts(3), &mut Took::default()).await.unwrap_err().to_string();
        assert!(error.contains(setting) && !error.contains(KEY) && !error.contains(" OPENAI"), "{error}");
        assert_eq!(server.bodies().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn the_only_model_of_an_endpoint_needs_no_name() {
    let list = |ids: &[&str]| {
        let models: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        json_answer(&json!({ "data": models }))
    };
    let server = serve([list(&["e5-small"]), vectors(0..1)]).await;
    let health = server.embeddings(None).probe().await.unwrap();
    assert_eq!((health.model.as_str(), health.dimensions), ("e5-small", 2));
    assert_eq!(server.asked.lock().unwrap()[0].0, "GET /v1/models");
    let server = serve([error(404, &json!("no list")), vectors(0..1)]).await;
    assert_eq!(server.embeddings(None).probe().await.unwrap().model, "default");
    let server = serve([list(&["a", "b"])]).await;
    let error = server.embeddings(None).probe().await.unwrap_err();
    assert_eq!(error, EmbeddingError::SeveralModels(2));
}

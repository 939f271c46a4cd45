//! Answers as servers send them, and the list of models.

use super::*;
use crate::llm::{Tool, ToolAccess, ToolCall, Toolbox};

#[tokio::test]
async fn an_answer_comes_piece_by_piece_with_its_usage() {
    let server = serve([hello()]).await;
    let (completion, pieces) = ask(&server.model()).await;
    let completion = completion.unwrap();
    assert_eq!(pieces, ["Hel", "lo!"]);
    assert_eq!(completion.text, "Hello!");
    let usage = Usage { prompt: TokenCount(70), cached: Some(TokenCount(64)), completion: TokenCount(5) };
    assert_eq!(completion.usage, Some(usage));
    assert_eq!(completion.model.as_deref(), Some("small-1"));
    assert_eq!(completion.finish_reason.as_deref(), Some("stop"));
    assert!(completion.first_token_ms.is_some());
    let (path, body) = server.asked.lock().unwrap()[0].clone();
    assert_eq!(path, "POST /v1/chat/completions");
    let sha256: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(completion.request_sha256, sha256);
}

#[tokio::test]
async fn usage_is_read_from_whichever_piece_has_it() {
    let last =
        json!({"choices": [{"delta": {"content": "!"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 7}});
    let server = serve([stream([text("Hi"), format!("data: {last}\n\n"), DONE.to_owned()])]).await;
    let completion = ask(&server.model()).await.0.unwrap();
    assert_eq!(completion.usage.unwrap().prompt, TokenCount(7));
}

#[tokio::test]
async fn an_answer_in_one_piece_is_taken_as_well() {
    let whole = json!({
        "model": "small-1",
        "choices": [{"message": {"role": "assistant", "content": "Hello,\nyou"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 70, "completion_tokens": 5},
    });
    let response = Response::builder()
        .header("content-type", "application/json")
        .body(Body::from(serde_json::to_string_pretty(&whole).unwrap()))
        .unwrap();
    let server = serve([response]).await;
    let (completion, pieces) = ask(&server.model()).await;
    assert_eq!(pieces, ["Hello,\nyou"]);
    assert_eq!(completion.unwrap().usage.unwrap().completion, TokenCount(5));
}

#[tokio::test]
async fn comments_noise_and_pieces_cut_anywhere_do_not_disturb() {
    let events = [": waiting\n\n", "event: ping\ndata: ping\n\n", &text("Приве"), &text("т 🙂"), &finish("stop"), DONE];
    let bytes = events.concat().into_bytes();
    let pieces: Vec<_> = bytes.chunks(3).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    // Neither does a server that forgets to say what it sends.
    let server = serve([Response::new(Body::from_stream(futures::stream::iter(pieces)))]).await;
    assert_eq!(ask(&server.model()).await.0.unwrap().text, "Привет 🙂");
}

#[tokio::test]
async fn an_empty_answer_is_none() {
    let server = serve([stream([finish("length"), DONE.to_owned()])]).await;
    let ModelError::Refused(message) = ask(&server.model()).await.0.unwrap_err() else { panic!() };
    assert!(message.contains("reasoning_effort"), "{message}");
}

fn searching() -> ChatRequest {
    let tool =
        Tool { name: "find", description: "Finds things", argument: "query", argument_description: "What to look for" };
    let toolbox = Toolbox { tool, rounds: Vec::new(), access: ToolAccess::Open };
    ChatRequest { toolbox: Some(toolbox), ..request() }
}

fn calls(pieces: &Value) -> String {
    format!("data: {}\n\n", json!({"choices": [{"delta": {"content": null, "tool_calls": pieces}}]}))
}

#[tokio::test]
async fn calls_are_put_together_from_whatever_pieces_they_come_in() {
    let named = |id: &str, arguments: &Value| json!({"id": id, "function": {"name": "find", "arguments": arguments}});
    let more = |arguments: &str| json!({"function": {"arguments": arguments}});
    let numbered = |index: u64, mut piece: Value| {
        piece["index"] = json!(index);
        json!([piece])
    };
    let streams = [
        // As OpenAI sends them, two at once.
        vec![
            numbered(0, named("a", &json!(""))),
            numbered(0, more("{\"query\":")),
            numbered(1, named("b", &json!("{}"))),
            numbered(0, more(" \"tea\"}")),
        ],
        // Without numbers.
        vec![json!([named("a", &json!("{\"query\":"))]), json!([more(" \"tea\"}")]), json!([named("b", &json!("{}"))])],
        // Whole, both in one piece.
        vec![json!([named("a", &json!("{\"query\": \"tea\"}")), named("b", &json!("{}"))])],
    ];
    for pieces in streams {
        let told = format!("{pieces:?}");
        let events: Vec<String> = pieces.iter().map(calls).chain([finish("tool_calls"), DONE.to_owned()]).collect();
        let server = serve([stream(events)]).await;
        let completion = ask_for(&server.model(), &searching()).await.0.unwrap();
        let call = |id: &str, arguments: &str| ToolCall {
            id: id.to_owned(),
            name: "find".to_owned(),
            arguments: arguments.to_owned(),
        };
        assert_eq!(completion.calls, [call("a", "{\"query\": \"tea\"}"), call("b", "{}")], "{told}");
        assert!(completion.text.is_empty());
    }
}

#[tokio::test]
async fn arguments_that_are_no_text_and_calls_without_a_name_of_their_own_are_taken() {
    let piece = json!([{"function": {"name": "find", "arguments": {"query": "tea"}}}]);
    let server = serve([stream([calls(&piece), finish("stop"), DONE.to_owned()])]).await;
    let completion = ask_for(&server.model(), &searching()).await.0.unwrap();
    assert_eq!(
        (completion.calls[0].id.as_str(), completion.calls[0].arguments.as_str()),
        ("call_0", "{\"query\":\"tea\"}")
    );
    // Where no tool was offered, a call is no answer.
    let server = serve([stream([calls(&piece), finish("tool_calls"), DONE.to_owned()])]).await;
    assert!(matches!(ask(&server.model()).await.0, Err(ModelError::Refused(_))));
}

#[tokio::test]
async fn a_probe_tells_when_models_go_away() {
    let models = json!({"data": [{"id": "small", "shutdown_date": "2026-12-11"}, {"id": "other"}]});
    let server =
        serve([error(200, &models), error(404, &json!({})), error(401, &json!({})), error(500, &json!({}))]).await;
    let model = server.model();
    let probe = || async { model.probe(&["small".to_owned()]).await };
    assert_eq!(probe().await.unwrap().shutdown_dates, [("small".to_owned(), "2026-12-11".to_owned())]);
    assert_eq!(probe().await.unwrap().shutdown_dates, []);
    assert!(matches!(probe().await.unwrap_err(), ModelError::Unauthorized(_)));
    assert!(matches!(probe().await.unwrap_err(), ModelError::Unavailable(_)));
    assert_eq!(server.asked.lock().unwrap()[0].0, "GET /v1/models");
}

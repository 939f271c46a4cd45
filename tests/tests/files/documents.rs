//! Documents: as much of a text as there is room for.

use serde_json::json;
use souvenir_tests::bot_api::Attached;

use super::world;

#[tokio::test]
async fn a_text_is_read_whole_where_there_is_room() {
    let world = world().await;
    let answer =
        world.show(&Attached::text("plan.md", "# Plan\n\n- buy rope\n- mend [the] sail\n"), "what is next?").await;
    assert!(answer.text.contains("what is next?\n# Plan\n\n- buy rope\n- mend [the] sail"), "{}", answer.text);
    assert!(world.model.requests()[0].text().contains("[file: plan.md] what is next?"));
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain("Жизнь".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let wide = Attached::Document("wide.txt".to_owned(), "text/plain".to_owned(), wide);
    assert!(world.show(&wide, "").await.text.contains("[file: wide.txt] Жизнь"));
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn of_a_long_text_the_first_lines_are_read_and_what_was_left_out_is_told() {
    let world = world().await;
    let long: String = (1..=3_000).map(|n| format!("line {n} of the log\n")).collect();
    let told = world.show(&Attached::text("app.log", &long), "what went wrong?").await;
    assert!(told.text.contains("app.log") && told.text.contains("of 3,000 lines"), "{}", told.text);
    world.bot.wait_for_sent(&world.ada, 2).await;
    let request = world.model.requests().pop().unwrap();
    let seen = request.text();
    assert!(seen.contains("of 3000 lines, the rest left out]") && seen.contains("line 100 of the log"), "{seen}");
    assert!(!seen.contains("line 2999 of"), "{seen}");
    assert!(request.prompt_tokens <= 7_000, "{}", request.prompt_tokens);
}

#[tokio::test]
async fn what_is_no_text_is_a_note_and_that_is_told() {
    let world = world().await;
    let document =
        |name: &str, mime: &str, bytes: &[u8]| Attached::Document(name.to_owned(), mime.to_owned(), bytes.to_vec());
    let told = world.show(&document("a.pdf", "application/pdf", b"%PDF-1.7"), "").await;
    assert!(told.text.contains("I keep a note that you sent it"), "{}", told.text);
    let told = world.show(&document("b.txt", "text/plain", b"\xff\x00\x01"), "").await;
    assert!(told.text.contains("b.txt") && told.text.contains("cannot read what is in it"), "{}", told.text);
    assert_eq!((world.model.request_count(), world.bot.fetched()), (0, 1));
    let told = world.show(&document("c.zip", "application/zip", b"PK"), "keep this").await;
    assert!(told.text.contains("I answer the words"), "{}", told.text);
    world.bot.wait_for_text(&world.ada, "[file: c.zip] keep this").await;
    for other in [Attached::Sticker("👍".to_owned()), Attached::Location(48.85, 2.35)] {
        assert!(world.show(&other, "").await.text.contains("I keep a note"));
    }
    world.ask("and now?").await;
    let seen = world.model.requests().pop().unwrap().text();
    assert!(seen.contains("[sticker: 👍]") && seen.contains("[location: 48.85, 2.35]"), "{seen}");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_told_and_not_fetched() {
    let world = world().await;
    let told = world.show(&Attached::text("huge.csv", &"1,2,3\n".repeat(4 * 1024 * 1024)), "").await;
    assert!(told.text.contains("huge.csv") && told.text.contains("larger than I may fetch"), "{}", told.text);
    assert_eq!((world.bot.fetched(), world.bot.calls_of("getFile").len()), (0, 0), "its size was known");
    // Of one that is merely long, the beginning will do.
    let told = world.show(&Attached::text("long.csv", &"1,2,3\n".repeat(512 * 1024)), "sum?").await;
    assert!(told.text.contains("long.csv") && told.text.contains("more finds no room"), "{}", told.text);
}

#[tokio::test]
async fn what_stands_in_a_document_is_no_evidence_by_itself() {
    let world = world().await;
    world.show(&Attached::text("cv.txt", "Ada is a nurse in Lyon"), "").await;
    world.model.reply_by(|request| {
        let messages = request["messages"].as_array().cloned().unwrap_or_default();
        let asked = messages.last().and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned();
        let line = asked.lines().find(|line| line.starts_with('[') && line.contains("cv.txt"));
        let id: i64 = line.and_then(|line| line[1..].split(']').next()?.parse().ok()).unwrap_or(-1);
        json!({"summary": "They met.", "operations": [{"op": "add", "fact_id": null, "kind": "identity", "subject": "Ada",
            "statement": "is a nurse", "valid_at": null, "evidence": [{"message_id": id, "quote": "Ada is a nurse in Lyon"}]}]})
        .to_string()
    });
    let (api, chat) = (world.app.api(), world.chat().await);
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    let fact = crate::world::eventually("the fact", async || {
        let facts = api.list(&format!("/api/chats/{chat}/facts?status=pending")).await;
        facts.into_iter().find(|fact| fact["statement"] == "is a nurse")
    })
    .await;
    assert_eq!(fact["status"], "pending", "{fact}");
}

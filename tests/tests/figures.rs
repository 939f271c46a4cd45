//! What `/metrics` tells: in the form that Prometheus reads, and true.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use souvenir_tests::bot_api::Fault;
use souvenir_tests::harness::{API_TOKEN, TestApp};
use souvenir_tests::model;

use crate::world::{World, eventually};

/// The samples of a scrape, by name with labels as they stand.
struct Scrape(BTreeMap<String, f64>);

impl Scrape {
    async fn of(app: &TestApp) -> Self {
        let request = Client::new().get(app.url("/metrics")).bearer_auth(API_TOKEN);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        Self::read(&response.text().await.expect("text"))
    }

    /// Reads the text by the rules of the exposition format, and by Prometheus' conventions for names.
    fn read(text: &str) -> Self {
        let mut samples = BTreeMap::new();
        let mut families: BTreeMap<String, String> = BTreeMap::new();
        let (mut helped, mut family) = (BTreeSet::new(), String::new());
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').expect("a help text");
                assert!(!words.is_empty() && helped.insert(name.to_owned()), "{line}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a type");
                assert!(helped.contains(name), "no help before {line}");
                assert!(families.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                name.clone_into(&mut family);
            } else {
                let (key, value) = line.rsplit_once(' ').expect("a value");
                let name = key.split('{').next().unwrap_or_default();
                let base = ["_bucket", "_sum", "_count"].into_iter().find_map(|part| name.strip_suffix(part));
                let known = name == family || (base == Some(family.as_str()) && families[&family] == "histogram");
                assert!(known, "{line} stands among {family}");
                let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
                assert!(value.is_finite() && value >= 0.0, "{line}");
                assert!(samples.insert(key.to_owned(), value).is_none(), "twice: {line}");
            }
        }
        let scrape = Self(samples);
        scrape.check_histograms(&families);
        scrape
    }

    /// Buckets add up, from the smallest to all.
    fn check_histograms(&self, families: &BTreeMap<String, String>) {
        for (name, _) in families.iter().filter(|(_, kind)| *kind == "histogram") {
            let prefix = format!("{name}_bucket{{le=\"");
            let mut buckets: Vec<(f64, f64)> = Vec::new();
            for (key, count) in self.0.iter().filter(|(key, _)| key.starts_with(&prefix)) {
                let limit = key[prefix.len()..].trim_end_matches("\"}");
                buckets.push((if limit == "+Inf" { f64::INFINITY } else { limit.parse().expect("a limit") }, *count));
            }
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1), "{name}: {buckets:?}");
            let all = buckets.last().expect("buckets");
            assert!(all.0.is_infinite() && (all.1 - self.get(&format!("{name}_count"))).abs() < 0.5, "{name}");
            assert!(self.0.contains_key(&format!("{name}_sum")), "{name}");
        }
    }

    /// A sample; 0 when there is none.
    fn get(&self, key: &str) -> f64 {
        self.0.get(key).copied().unwrap_or_default()
    }
}

/// Waits until a sample is what it should be.
async fn told(app: &TestApp, key: &str, wanted: u32) {
    let mut last = f64::NAN;
    let seen = std::sync::Mutex::new(&mut last);
    eventually(&format!("{key} to be {wanted}"), async || {
        let value = Scrape::of(app).await.get(key);
        **seen.lock().expect("one looks at a time") = value;
        ((value - f64::from(wanted)).abs() < 0.001).then_some(())
    })
    .await;
}

#[tokio::test]
async fn only_who_has_the_token_sees_the_figures() {
    let app = TestApp::with().start().await;
    let bare = Client::new().get(app.url("/metrics")).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    let scrape = Scrape::of(&app).await;
    assert!((scrape.get("souvenir_up{part=\"database\"}") - 1.0).abs() < 0.1);
    assert!(!scrape.0.contains_key("souvenir_up{part=\"telegram\"}"), "it is not configured");
    // Most of a new database stands in its log still.
    let (file, log) = (scrape.get("souvenir_database_bytes"), scrape.get("souvenir_database_wal_bytes"));
    assert!(file > 0.0 && file + log > 10_000.0, "{file} + {log}");
    assert!(scrape.get("process_resident_memory_bytes") > 1_000_000.0);
    assert!(scrape.get("process_start_time_seconds") > 1_700_000_000.0);
    assert!(scrape.0.keys().any(|key| key.starts_with("souvenir_build_info{version=\"")));
}

#[tokio::test]
async fn what_happened_is_counted() {
    let world = World::start().await;
    let app = &world.app;
    world.ask("one").await;
    world.model.fail(model::Fault::Status(500));
    world.ask("two").await;
    world.bot.fail("sendRichMessage", Fault::TooManyRequests(1));
    let again = world.bot.say(&world.ada, "three");
    world.bot.wait_for_text(&world.ada, "three").await;
    world.bot.deliver_again(again);
    let console = app.api().console_chat("Beside").await;
    app.api().say(console, "four").await;
    world.model.go_down();
    world.ask("five").await;
    let answered = "souvenir_model_calls_total{model=\"gpt-6.1-terra\",outcome=\"answered\"}";
    for (key, wanted) in [
        ("souvenir_messages_received_total{chat=\"private\"}", 4),
        ("souvenir_messages_received_total{chat=\"console\"}", 1),
        ("souvenir_updates_repeated_total", 1),
        ("souvenir_turns_total{outcome=\"done\"}", 4),
        ("souvenir_turns_total{outcome=\"failed\"}", 1),
        (answered, 4),
        ("souvenir_model_calls_total{model=\"gpt-6.1-terra\",outcome=\"unavailable\"}", 1),
        ("souvenir_deliveries_total{state=\"sent\"}", 4),
        ("souvenir_deliveries_total{state=\"shown\"}", 1),
        ("souvenir_telegram_calls_total{method=\"sendRichMessage\",outcome=\"flood\"}", 1),
        ("souvenir_telegram_flood_pauses_total", 1),
        ("souvenir_telegram_flood_pause_seconds_total", 1),
        ("souvenir_turn_queue_seconds_count", 5),
        ("souvenir_context_build_seconds_count", 5),
        ("souvenir_answer_seconds_count", 5),
        ("souvenir_send_seconds_count", 4),
        ("souvenir_prompt_count_drift_ratio_count", 4),
    ] {
        told(app, key, wanted).await;
    }
    let scrape = Scrape::of(app).await;
    let tokens = |name: &str| scrape.get(&format!("{name}{{model=\"gpt-6.1-terra\"}}"));
    let requests = world.model.requests();
    let sent: usize = requests.iter().filter(|request| request.status == Some(200)).map(|it| it.prompt_tokens).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred tokens")]
    let sent = sent as f64;
    assert!((tokens("souvenir_prompt_tokens_total") - sent).abs() < 0.5, "{sent}");
    assert!((tokens("souvenir_prompt_tokens_predicted_total") - sent).abs() < 0.5, "{sent}");
    assert!(tokens("souvenir_completion_tokens_total") > 0.0 && tokens("souvenir_cost_nanodollars_total") > 0.0);
    assert!(tokens("souvenir_model_retries_total") >= 1.0);
    assert!(scrape.get("souvenir_store_commit_seconds_count") >= 10.0);
    // However many people and chats there are, the number of figures stays small.
    let values = scrape.0.keys().flat_map(|key| key.split('"').skip(1).step_by(2)).collect::<BTreeSet<_>>();
    assert!(!values.contains(world.ada.id.to_string().as_str()) && !values.contains("Ada"), "{values:?}");
}

#[tokio::test]
async fn what_does_not_work_shows() {
    let world = World::start().await;
    told(&world.app, "souvenir_up{part=\"telegram\"}", 1).await;
    world.bot.go_down();
    told(&world.app, "souvenir_up{part=\"telegram\"}", 0).await;
    let ready = world.app.api().call(Method::GET, "/readyz", None).await;
    assert_eq!(ready.json["telegram"]["status"], "degraded");
}

#[tokio::test]
async fn what_the_memory_model_takes_is_counted_too() {
    let world = World::start().await;
    world.ask("We spoke of rivers.").await;
    let turn = world.model.requests()[0].prompt_tokens;
    world.model.reply_with(["no JSON", r#"{"summary": "They spoke of rivers.", "operations": []}"#]);
    let chat = world.chat().await;
    world.app.api().post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    told(&world.app, "souvenir_model_calls_total{model=\"gpt-6-luna\",outcome=\"answered\"}", 2).await;
    let scrape = Scrape::of(&world.app).await;
    let of_luna = |name: &str| scrape.get(&format!("{name}{{model=\"gpt-6-luna\"}}"));
    let sent: usize = world.model.requests()[1..].iter().map(|request| request.prompt_tokens).sum();
    assert!(sent > turn, "a call and its repair: {sent}");
    #[expect(clippy::cast_precision_loss, reason = "a few thousand tokens")]
    let sent = sent as f64;
    assert!((of_luna("souvenir_prompt_tokens_total") - sent).abs() < 0.5, "{sent}");
    assert!(of_luna("souvenir_completion_tokens_total") > 0.0 && of_luna("souvenir_cost_nanodollars_total") > 0.0);
    assert!(of_luna("souvenir_prompt_tokens_predicted_total") < 0.5, "it is not predicted");
    assert!(scrape.get("souvenir_answer_seconds_count") < 1.5, "nobody waited for it");
}

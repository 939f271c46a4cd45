//! The tests' own browser.

use axum::Router;
use axum::response::Html;
use axum::routing::{get, post};
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::wire::Wire;

const PAGE: &str = r#"<!doctype html><title>x</title><style>@media (prefers-color-scheme: dark) { .light { display: none } }</style>
<p class="light">it is light</p><p id="js">without</p>
<form method="post" action="/sent"><input name="a" value="old"><button>Send</button></form>
<script>document.getElementById("js").textContent = "with " + innerWidth</script>"#;

async fn page() -> Wire {
    let sent = post(async |body: String| Html(format!("<p id=sent>{body}</p>")));
    Wire::start(Router::new().route("/", get(Html(PAGE))).route("/sent", sent)).await
}

#[tokio::test]
async fn the_browser_reads_types_clicks_and_changes_its_looks() {
    let (wire, browser) = tokio::join!(page(), Browser::start());
    browser.resize(390, 800).await;
    browser.open(&format!("http://{}/", wire.address())).await;
    browser.wait_for_text("#js", "with 390").await;
    browser.wait_for_text(".light", "it is light").await;
    browser.prefer("dark").await;
    assert_eq!(browser.texts(".light").await, [""]);
    browser.fill("input[name=a]", "new").await;
    browser.click("button").await;
    browser.wait_for_text("#sent", "a=new").await;
    assert_eq!(browser.path().await, "/sent");
}

#[tokio::test]
async fn scripts_can_be_blocked() {
    let (wire, browser) = tokio::join!(page(), Browser::start_with(Scripts::Blocked));
    browser.open(&format!("http://{}/", wire.address())).await;
    browser.wait_for_text("#js", "without").await;
    browser.click("button").await;
    browser.wait_for_text("#sent", "a=old").await;
}

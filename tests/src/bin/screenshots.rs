//! `cargo xtask screenshots`: pictures of every page in both themes, on a desk and on a phone, of a conversation that is held
//! while they are taken. See [`souvenir_tests::story`] and [`souvenir_tests::story_later`].
//!
//! The binary is `$SOUVENIR_BIN`; the pictures go to the folder given.

use std::path::PathBuf;

use clap::Parser;
use serde_json::json;
use souvenir_tests::bot_api::BotApi;
use souvenir_tests::browser::Browser;
use souvenir_tests::harness::{PASSWORD, TestApp};
use souvenir_tests::model::ModelServer;
use souvenir_tests::story::{self, Told};
use souvenir_tests::story_later;

/// Pictures of every page of the dashboard
#[derive(Parser)]
struct Options {
    /// Where the pictures go
    #[arg(long, default_value = "docs/pictures")]
    out: PathBuf,

    /// Only these pages, by the names of their pictures
    pages: Vec<String>,
}

/// Width and height of what is pictured.
const SIZES: [(u32, u32); 2] = [(1_280, 900), (390, 844)];

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let (bot, model) = (BotApi::start().await, ModelServer::start().await);
    story::script(&model);
    let vera = bot.user(1_001, "Vera");
    story::write_ahead(&bot, &vera);
    let app = TestApp::with().telegram(&bot).owner(&vera).model(&model).env("SOUVENIR_TIME_ZONE", "Europe/Paris");
    let app = app.start().await;
    let told = story::tell(&app, &bot, &vera).await;
    let browser = Browser::start().await;
    std::fs::create_dir_all(&options.out).expect("the folder for the pictures");
    browser.open(&app.url("/login")).await;
    if options.wants("sign-in") {
        take(&browser, &options, "sign-in").await;
    }
    browser.fill("input[name=password]", PASSWORD).await;
    browser.click("button[type=submit]").await;
    browser.wait_for_path(|path| path == "/").await;
    for (name, path) in pages(told) {
        show(&browser, &options, &app, (name, &path)).await;
    }
    story_later::read_again(&app.api(), &model, told.telegram).await;
    show(&browser, &options, &app, ("analysis", &format!("/chats/{}/analysis", told.telegram))).await;
    story_later::bring_in(&app).await;
    show(&browser, &options, &app, ("imports", "/imports")).await;
}

impl Options {
    fn wants(&self, page: &str) -> bool {
        self.pages.is_empty() || self.pages.iter().any(|wanted| wanted == page)
    }
}

/// Opens a page and takes its pictures, if they are wanted.
async fn show(browser: &Browser, options: &Options, app: &TestApp, (name, path): (&str, &str)) {
    if !options.wants(name) {
        return;
    }
    browser.resize(SIZES[0].0, SIZES[0].1).await;
    browser.open_alive(&app.url(path)).await;
    browser.devtools("Emulation.setScrollbarsHidden", json!({"hidden": true})).await;
    take(browser, options, name).await;
}

/// The pages, each with the name of its pictures.
fn pages(told: Told) -> [(&'static str, String); 14] {
    let Told { telegram, console, turn, fact } = told;
    let of = |chat: i64, page: &str| format!("/chats/{chat}{page}");
    [
        ("chats", "/".to_owned()),
        ("overview", of(telegram, "?d=short&text=Which+wood%2C+and+how+deep%3F")),
        ("facts", of(telegram, &format!("/facts?fact={fact}"))),
        ("proposals", of(console, "/proposals")),
        ("turns", of(telegram, "/turns")),
        ("turn", of(telegram, &format!("/turns/{turn}"))),
        ("replay", of(telegram, &format!("/turns/{turn}?d=short&b=4000#replay"))),
        ("console", of(console, "/console")),
        ("history", of(telegram, "/history")),
        ("search", of(telegram, "/history?q=walnut+oil")),
        ("episodes", of(telegram, "/episodes")),
        ("chat-settings", of(telegram, "/settings")),
        ("usage", "/usage?days=7".to_owned()),
        ("settings", "/settings".to_owned()),
    ]
}

/// The page as it is, in both sizes and both themes.
async fn take(browser: &Browser, options: &Options, name: &str) {
    for (width, height) in SIZES {
        browser.resize(width, height).await;
        for scheme in ["light", "dark"] {
            browser.prefer(scheme).await;
            browser.script("document.querySelector(location.hash || 'body')?.scrollIntoView()").await;
            // What is read anew when the width changes, and fonts, have come by then; nothing tells of it.
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            browser.picture(&options.out.join(format!("{name}-{width}-{scheme}.webp"))).await;
        }
    }
}

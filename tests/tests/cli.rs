//! The command line: starting, refusing to start, checking, ending.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use souvenir_tests::bot_api::BotApi;
use souvenir_tests::harness::{Finished, Setup, TestApp};
use souvenir_tests::model::ModelServer;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

/// Runs `souvenir serve`, which must refuse to start with one line that names all of `words`.
async fn refuses(setup: &Setup, words: &[&str]) -> Finished {
    let finished = setup.clone().env("SOUVENIR_LOG", "error").run(&["serve"]).await;
    assert!(!finished.status.success(), "it started: {finished:?}");
    assert!(finished.status.code().is_some(), "it crashed: {finished:?}");
    let lines: Vec<_> = finished.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(lines.len(), 1, "not one line:\n{}", finished.stderr);
    for word in words {
        assert!(lines[0].to_lowercase().contains(&word.to_lowercase()), "no {word:?} in: {}", lines[0]);
    }
    finished
}

#[tokio::test]
async fn wrong_settings_are_refused_by_name_with_the_remedy() {
    for (name, value, words) in [
        ("SOUVENIR_MAX_CONTEXT_TOKENS", "lots", &["SOUVENIR_MAX_CONTEXT_TOKENS", "lots"][..]),
        ("SOUVENIR_RESERVE_TOKENS", "8000", &["SOUVENIR_RESERVE_TOKENS"]),
        ("SOUVENIR_LISTEN", "everywhere", &["SOUVENIR_LISTEN", "everywhere"]),
        ("SOUVENIR_TIME_ZONE", "Mars/Olympus", &["SOUVENIR_TIME_ZONE", "Mars/Olympus"]),
        ("TELEGRAM_OWNER_ID", "Ada", &["TELEGRAM_OWNER_ID", "Ada"]),
        ("TELEGRAM_API_URL", "not a url", &["TELEGRAM_API_URL"]),
        ("OPENAI_BASE_URL", "ftp://x", &["OPENAI_BASE_URL"]),
        ("SOUVENIR_PUBLIC_URL", "example", &["SOUVENIR_PUBLIC_URL"]),
    ] {
        let setup = TestApp::with().env("TELEGRAM_BOT_TOKEN", "1:x").env(name, value);
        refuses(&setup, words).await;
    }
}

#[tokio::test]
async fn a_short_api_token_is_refused_and_not_shown() {
    let finished =
        refuses(&TestApp::with().env("SOUVENIR_API_TOKEN", "short-secret"), &["SOUVENIR_API_TOKEN", "24"]).await;
    assert!(!finished.stderr.contains("short-secret"), "{}", finished.stderr);
}

#[tokio::test]
async fn a_broken_file_is_refused_with_its_place() {
    let setup = TestApp::with();
    fs::write(setup.folder().join("souvenir.toml"), "listen = \"127.0.0.1:0\"\nnonsense = = 1\n").unwrap();
    refuses(&setup, &["souvenir.toml"]).await;
    fs::write(setup.folder().join("souvenir.toml"), "lissen = \"127.0.0.1:0\"\n").unwrap();
    refuses(&setup, &["souvenir.toml", "lissen"]).await;
}

#[tokio::test]
async fn a_missing_file_that_was_asked_for_is_refused() {
    let setup = TestApp::with().env("SOUVENIR_LOG", "error");
    let finished = setup.run(&["serve", "--config", "no-such.toml"]).await;
    assert!(!finished.status.success() && finished.stderr.contains("no-such.toml"), "{finished:?}");
}

#[tokio::test]
async fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refuses(&TestApp::with().env("SOUVENIR_LISTEN", &address), &[&address, "SOUVENIR_LISTEN"]).await;
}

#[tokio::test]
async fn a_database_that_is_no_database_is_refused_untouched() {
    let setup = TestApp::with();
    let garbage = "this is not a database. ".repeat(1_000);
    fs::write(setup.database(), &garbage).unwrap();
    refuses(&setup, &["souvenir.db"]).await;
    assert_eq!(fs::read_to_string(setup.database()).unwrap(), garbage);
}

async fn used_database() -> Setup {
    let mut app = TestApp::with().start().await;
    app.api().console_chat("Something").await;
    app.stop().await;
    app.setup().clone()
}

async fn connect(setup: &Setup) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(setup.database()))
        .await
        .expect("the database opens")
}

#[tokio::test]
async fn a_damaged_database_is_refused() {
    let setup = used_database().await;
    let mut bytes = fs::read(setup.database()).unwrap();
    let length = bytes.len();
    // The header stays; what it leads to does not.
    bytes[4_096..length / 2].fill(0xA5);
    fs::write(setup.database(), bytes).unwrap();
    refuses(&setup, &["souvenir.db"]).await;
}

#[tokio::test]
async fn a_newer_database_is_refused_untouched() {
    let setup = used_database().await;
    let mut database = connect(&setup).await;
    let insert = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99990101000000, 'future', TRUE, x'00', 1)";
    sqlx::query(insert).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    let before = fs::read(setup.database()).unwrap();
    refuses(&setup, &["souvenir.db", "newer"]).await;
    assert!(fs::read(setup.database()).unwrap() == before, "it was changed");
}

#[tokio::test]
async fn a_locked_database_is_told() {
    let setup = used_database().await;
    let mut database = connect(&setup).await;
    sqlx::query("PRAGMA locking_mode = EXCLUSIVE").execute(&mut database).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut database).await.unwrap();
    refuses(&setup, &["souvenir.db", "lock"]).await;
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_database_that_may_not_be_written_is_told() {
    let setup = used_database().await.as_nobody();
    fs::set_permissions(setup.database(), fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(setup.folder(), fs::Permissions::from_mode(0o555)).unwrap();
    refuses(&setup, &["souvenir.db"]).await;
    fs::set_permissions(setup.folder(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn a_folder_that_is_missing_is_told() {
    let setup = TestApp::with();
    let path = setup.folder().join("no/such/folder/souvenir.db");
    refuses(&setup.env("SOUVENIR_DATABASE", &path.display().to_string()), &["no/such/folder"]).await;
}

#[tokio::test]
async fn check_tries_everything_and_tells_each_in_a_line() {
    let bot = BotApi::start().await;
    let model = ModelServer::start().await;
    let setup = TestApp::with().telegram(&bot).model(&model);
    let finished = setup.run(&["check"]).await;
    assert!(finished.status.success(), "{finished:?}");
    assert!(finished.stdout.lines().count() >= 4, "{}", finished.stdout);
    assert!(finished.stdout.contains("souvenir_test_bot"), "{}", finished.stdout);

    bot.go_down();
    let finished = setup.run(&["check"]).await;
    assert_eq!(finished.status.code(), Some(1), "{finished:?}");
    assert!(!finished.stdout.contains(bot.token()) && !finished.stderr.contains(bot.token()), "{finished:?}");
    bot.go_up().await;

    let wrong = setup.clone().env("OPENAI_API_KEY", "sk-wrong");
    let finished = wrong.run(&["check"]).await;
    assert_eq!(finished.status.code(), Some(1), "{finished:?}");
    assert!(finished.stdout.contains("OPENAI_API_KEY"), "{}", finished.stdout);
}

#[tokio::test]
async fn check_warns_of_models_that_retire() {
    let model = ModelServer::start().await;
    model.list_models(serde_json::json!([
        {"id": "gpt-6.1-terra", "shutdown_date": "2026-12-24"}, {"id": "gpt-6-luna", "shutdown_date": null},
    ]));
    let finished = TestApp::with().model(&model).run(&["check"]).await;
    assert!(finished.stdout.contains("2026-12-24"), "{}", finished.stdout);
}

#[tokio::test]
async fn sigterm_ends_it_cleanly_even_in_the_middle_of_things() {
    let bot = BotApi::start().await;
    let model = ModelServer::start().await;
    let ada = bot.user(1_001, "Ada");
    let mut app = TestApp::with().telegram(&bot).owner(&ada).model(&model).start().await;
    let chat = app.api().console_chat("Open").await;
    let events = app.api().events(&format!("/api/chats/{chat}/events")).await;
    model.hold();
    bot.say(&ada, "hello");
    model.wait_for_requests(1).await;
    let status = app.stop().await;
    assert!(status.success(), "{status:?}");
    drop(events);
}

#[tokio::test]
async fn without_any_setting_it_starts_and_says_what_it_is() {
    let app = TestApp::with().without("SOUVENIR_API_TOKEN").without("SOUVENIR_OWNER_PASSWORD").without("SOUVENIR_LOG");
    let app = app.start().await;
    app.sign_in_link().await;
    let said = app.output().all().to_lowercase();
    assert!(said.contains("offline"), "{said}");
    assert!(said.contains("telegram"), "{said}");
}

#[tokio::test]
async fn help_names_the_commands() {
    let finished = TestApp::with().run(&["--help"]).await;
    assert!(finished.status.success());
    for command in ["serve", "check", "backup", "restore"] {
        assert!(finished.stdout.contains(command), "{}", finished.stdout);
    }
}

//! Copies of the database: made and put back while the app runs, before an upgrade, and what is refused.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use souvenir_tests::harness::{Finished, Setup, TestApp};
use souvenir_tests::wire::soon;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

/// Runs a command that must succeed and gives what it printed.
async fn run(setup: &Setup, arguments: &[&str]) -> String {
    let finished = setup.run(arguments).await;
    assert!(finished.status.success(), "{finished:?}");
    finished.stdout
}

/// Runs a command that must fail with one line that names all of `words`.
async fn fails(setup: &Setup, arguments: &[&str], words: &[&str]) -> Finished {
    let finished = setup.clone().env("SOUVENIR_LOG", "error").run(arguments).await;
    assert_eq!(finished.status.code(), Some(1), "{finished:?}");
    for word in words {
        assert!(finished.stderr.contains(word), "no {word:?} in: {}", finished.stderr);
    }
    finished
}

async fn titles(app: &TestApp) -> Vec<String> {
    let chats = app.api().list("/api/chats").await;
    let mut titles: Vec<_> = chats.iter().map(|chat| chat["title"].as_str().expect("a title").to_owned()).collect();
    titles.sort();
    titles
}

async fn open(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.expect("the file opens")
}

/// The files in the app's folder whose names contain this, in order.
fn files(setup: &Setup, part: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(setup.folder()).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = entries.filter(|path| path.to_string_lossy().contains(part)).collect();
    found.sort();
    found
}

#[tokio::test]
async fn a_copy_of_a_running_database_is_whole_and_private() {
    let app = TestApp::with().start().await;
    let chat = app.api().console_chat("Kept").await;
    app.api().say(chat, "My cat is called Miso.").await;
    let said = run(app.setup(), &["backup", "copy.db"]).await;
    assert!(said.contains("copy.db") && said.contains("1 chats, 2 messages"), "{said}");

    let copy = app.setup().folder().join("copy.db");
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(files(app.setup(), "copy.db"), [copy.as_path()], "nothing is left beside it");
    let mut database = open(&copy).await;
    let text: String =
        sqlx::query_scalar("SELECT text FROM revisions ORDER BY id").fetch_one(&mut database).await.unwrap();
    assert_eq!(text, "My cat is called Miso.");
}

#[tokio::test]
async fn a_copy_replaces_nothing_unless_told_to() {
    let app = TestApp::with().start().await;
    app.api().console_chat("One").await;
    let setup = app.setup();
    fs::write(setup.folder().join("taken"), "precious").unwrap();
    fails(setup, &["backup", "taken"], &["taken", "--force"]).await;
    assert_eq!(fs::read_to_string(setup.folder().join("taken")).unwrap(), "precious");
    run(setup, &["backup", "--force", "taken"]).await;
    assert!(fs::read(setup.folder().join("taken")).unwrap().starts_with(b"SQLite format 3"));
    fails(setup, &["backup", "--force", "souvenir.db"], &["souvenir.db", "itself"]).await;
    fails(setup, &["backup", "no/such/folder/copy.db"], &["no/such/folder"]).await;
    fails(setup, &["backup", "--keep", "2", "new.db"], &["--keep", "new.db"]).await;
    app.api().console_chat("Two").await;
}

#[tokio::test]
async fn copies_in_a_folder_are_dated_and_the_oldest_go() {
    let app = TestApp::with().start().await;
    let folder = app.setup().folder().join("copies");
    fs::create_dir(&folder).unwrap();
    for name in ["souvenir-20200101T000000Z.db", "souvenir-20210101T000000Z.db", "notes.txt", "souvenir-old.db"] {
        fs::write(folder.join(name), "old").unwrap();
    }
    run(app.setup(), &["backup", "--keep", "2", "copies"]).await;
    let mut left: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left.len(), 4, "{left:?}");
    assert_eq!(left[0], "notes.txt");
    assert_eq!(left[1], "souvenir-20210101T000000Z.db");
    assert_eq!(left[3], "souvenir-old.db");
}

#[tokio::test]
async fn a_copy_is_put_back_while_the_app_runs() {
    let mut app = TestApp::with().start().await;
    app.api().console_chat("First").await;
    run(app.setup(), &["backup", "copy.db"]).await;
    app.api().console_chat("Second").await;

    let said = run(app.setup(), &["restore", "copy.db"]).await;
    assert!(said.contains("running") && said.contains("before-restore"), "{said}");
    soon("the app to run again", async {
        while reqwest::get(app.url("/healthz")).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(titles(&app).await, ["First"], "what came after the copy is not there");
    app.api().console_chat("Third").await;

    let kept = files(app.setup(), "before-restore");
    assert_eq!(kept.len(), 1, "{kept:?}");
    let mut before = open(&kept[0]).await;
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM chats").fetch_one(&mut before).await.unwrap();
    assert_eq!(count, 2, "nothing of the database before it is lost");
    assert!(app.stop().await.success());
}

#[tokio::test]
async fn a_copy_is_put_back_while_nothing_runs() {
    let mut app = TestApp::with().start().await;
    app.api().console_chat("First").await;
    run(app.setup(), &["backup", "copy.db"]).await;
    app.api().console_chat("Second").await;
    // A killed process leaves a log beside the database, which must not be read into the copy.
    app.kill();
    run(app.setup(), &["restore", "copy.db"]).await;
    let app = app.restart().await;
    assert_eq!(titles(&app).await, ["First"]);

    // In an empty folder there is nothing to put aside.
    let elsewhere = TestApp::with();
    let copy = app.setup().folder().join("copy.db").display().to_string();
    run(&elsewhere, &["restore", &copy]).await;
    assert!(files(&elsewhere, "before-restore").is_empty());
    assert_eq!(titles(&elsewhere.start().await).await, ["First"]);
}

#[tokio::test]
async fn a_database_behind_a_link_stays_where_it_is() {
    let mut app = TestApp::with().start().await;
    app.api().console_chat("First").await;
    run(app.setup(), &["backup", "copy.db"]).await;
    app.stop().await;
    let elsewhere = app.setup().folder().join("disk");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(app.setup().database(), elsewhere.join("data.db")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("data.db"), app.setup().database()).unwrap();
    run(app.setup(), &["restore", "copy.db"]).await;
    assert!(fs::symlink_metadata(app.setup().database()).unwrap().is_symlink());
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 2, "the database and the one before it");
    assert_eq!(titles(&app.restart().await).await, ["First"]);
}

#[tokio::test]
async fn a_copy_that_cannot_be_used_is_refused_and_changes_nothing() {
    let app = TestApp::with().start().await;
    let chat = app.api().console_chat("Present").await;
    app.api().say(chat, &"Some words to fill a page or two. ".repeat(300)).await;
    let setup = app.setup();
    let in_folder = |name: &str| setup.folder().join(name);
    run(setup, &["backup", "good.db"]).await;

    fs::write(in_folder("text.db"), "this is no database ".repeat(500)).unwrap();
    fs::write(in_folder("empty.db"), "").unwrap();
    let mut foreign = SqliteConnection::connect_with(
        &SqliteConnectOptions::new().filename(in_folder("foreign.db")).create_if_missing(true),
    )
    .await
    .unwrap();
    sqlx::query("CREATE TABLE contacts (name TEXT)").execute(&mut foreign).await.unwrap();
    foreign.close().await.unwrap();
    fs::copy(in_folder("good.db"), in_folder("newer.db")).unwrap();
    let mut newer = open(&in_folder("newer.db")).await;
    let insert = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99990101000000, 'future', TRUE, x'00', 1)";
    sqlx::query(insert).execute(&mut newer).await.unwrap();
    newer.close().await.unwrap();
    let mut bytes = fs::read(in_folder("good.db")).unwrap();
    let length = bytes.len();
    bytes[length / 2..].fill(0xA5);
    fs::write(in_folder("damaged.db"), bytes).unwrap();

    for (name, words) in [
        ("text.db", &["text.db", "no SQLite database"][..]),
        ("empty.db", &["empty.db", "no database"]),
        ("missing.db", &["missing.db", "no database"]),
        ("foreign.db", &["foreign.db", "another program"]),
        ("newer.db", &["newer.db", "newer"]),
        ("damaged.db", &["damaged.db"]),
    ] {
        fails(setup, &["restore", name], words).await;
    }
    assert!(files(setup, "souvenir.db.").is_empty(), "nothing is left beside the database");
    assert_eq!(titles(&app).await, ["Present"]);
}

#[tokio::test]
async fn another_programs_database_is_refused_untouched() {
    let setup = TestApp::with();
    let options = SqliteConnectOptions::new().filename(setup.database()).create_if_missing(true);
    let mut foreign = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("CREATE TABLE contacts (name TEXT)").execute(&mut foreign).await.unwrap();
    foreign.close().await.unwrap();
    let before = fs::read(setup.database()).unwrap();
    fails(&setup, &["serve"], &["souvenir.db", "another program"]).await;
    fails(&setup, &["backup", "copy.db"], &["souvenir.db", "another program"]).await;
    assert!(fs::read(setup.database()).unwrap() == before, "it was changed");
    assert_eq!(files(&setup, "db").len(), 1, "a file was left");
}

#[tokio::test]
async fn a_database_of_an_older_version_is_copied_before_it_is_changed() {
    let setup = TestApp::with();
    let migrator = sqlx::migrate!("../migrations");
    let versions: Vec<_> = migrator.iter().map(|migration| migration.version).collect();
    let [older @ .., last, _] = versions.as_slice() else { panic!("too few migrations: {versions:?}") };
    let options = SqliteConnectOptions::new().filename(setup.database()).create_if_missing(true);
    let mut old = SqliteConnection::connect_with(&options).await.unwrap();
    migrator.run_to(*last, &mut old).await.unwrap();
    let insert = "INSERT INTO chats (kind, title, created_at) VALUES ('console', 'From before', 0)";
    sqlx::query(insert).execute(&mut old).await.unwrap();
    old.close().await.unwrap();

    let app = setup.start().await;
    assert_eq!(titles(&app).await, ["From before"]);
    let copies = files(app.setup(), "before-upgrade");
    assert_eq!(copies.len(), 1, "{copies:?}");
    let mut copy = open(&copies[0]).await;
    let copied: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations").fetch_all(&mut copy).await.unwrap();
    assert_eq!(copied, [older, &[*last]].concat());
    let title: String = sqlx::query_scalar("SELECT title FROM chats").fetch_one(&mut copy).await.unwrap();
    assert_eq!(title, "From before");

    let app = app.restart().await;
    assert_eq!(files(app.setup(), "before-upgrade").len(), 1, "one is enough");
}

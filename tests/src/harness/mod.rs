//! The real binary, run for one test: a folder of its own, a port of its own, and an end.
//!
//! [`TestApp::with`] begins a description, [`Setup::start`] runs `souvenir serve` and waits until it is alive. The binary is
//! `$SOUVENIR_BIN`, or `target/debug/souvenir` of this workspace. Everything that a test knows of it comes through its
//! doors: standard output, HTTP, signals, and the database file read beside it. When a test fails, what the app
//! logged is printed.

mod api;
mod events;
mod output;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;

pub use api::{Answer, Api};
pub use events::{Event, Events};
pub use output::Output;

use crate::bot_api::{BotApi, Person};
use crate::model::ModelServer;
use crate::wire::soon;

/// The API token of every test app.
pub const API_TOKEN: &str = "test-api-token-never-to-be-logged-0123456789";
/// The dashboard password of every test app.
pub const PASSWORD: &str = "correct horse battery staple";

/// What the app is to be started with.
#[derive(Clone, Debug)]
pub struct Setup {
    environment: BTreeMap<String, String>,
    folder: Arc<TempDir>,
    nobody: bool,
}

impl Setup {
    /// Talks to this Bot API server.
    #[must_use]
    pub fn telegram(self, bot: &BotApi) -> Self {
        self.env("TELEGRAM_API_URL", &bot.url()).env("TELEGRAM_BOT_TOKEN", bot.token())
    }

    /// This person is the owner from the start.
    #[must_use]
    pub fn owner(self, person: &Person) -> Self {
        self.env("TELEGRAM_OWNER_ID", &person.id.to_string())
    }

    /// Everybody may talk to the bot.
    #[must_use]
    pub fn open_to_all(self) -> Self {
        self.env("TELEGRAM_ALLOWED", "*")
    }

    /// Talks to this model server.
    #[must_use]
    pub fn model(self, model: &ModelServer) -> Self {
        self.env("OPENAI_BASE_URL", &model.url()).env("OPENAI_API_KEY", model.key())
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Leaves a variable unset that is set otherwise.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Runs without the rights of root, whom no file is closed to. Without effect for anybody else.
    #[must_use]
    pub fn as_nobody(mut self) -> Self {
        self.nobody = true;
        self
    }

    /// The folder in which it runs: `souvenir.toml` is looked for there, and the database lies there.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder().join("souvenir.db")
    }

    /// Runs `souvenir serve` and waits until it is alive.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn start(self) -> TestApp {
        TestApp::start(self).await
    }

    /// Runs `souvenir` with these arguments to its end.
    ///
    /// # Panics
    /// When it cannot be run, or does not end in time.
    pub async fn run(&self, arguments: &[&str]) -> Finished {
        let mut command = self.command(arguments);
        let running = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().expect("the binary can be run");
            let output = Output::of(&mut child);
            (child, output)
        });
        let (mut child, output) = running.await.expect("the binary can be run");
        let pid = child.id();
        let waiting = tokio::task::spawn_blocking(move || child.wait());
        let status = match tokio::time::timeout(crate::patience(), waiting).await {
            Ok(status) => status.expect("the wait ends").expect("an exit status"),
            Err(_) => {
                signal("KILL", pid);
                panic!("souvenir {arguments:?} did not end by itself; it said:\n{}", output.all());
            }
        };
        output.wait_for_end().await;
        Finished { status, stdout: output.stdout(), stderr: output.stderr() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = if self.nobody { self.nobodys_command() } else { Command::new(binary()) };
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let ours = ["SOUVENIR_", "TELEGRAM_", "OPENAI_"].iter().any(|prefix| name.starts_with(prefix));
            // Where the dashboard's assets lie is a matter of the build, not of the test.
            if ours && name != "SOUVENIR_SITE" {
                command.env_remove(name);
            }
        }
        command.args(arguments).envs(&self.environment).current_dir(self.folder());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Setup {
    /// The binary, where nobody can reach it, run with nobody's rights when we are root.
    fn nobodys_command(&self) -> Command {
        let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
        if !root {
            return Command::new(binary());
        }
        let copy = self.folder().join("souvenir");
        std::fs::copy(binary(), &copy).expect("the binary can be copied");
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy);
        command
    }
}

fn binary() -> PathBuf {
    let default = || {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
        target.join("debug/souvenir")
    };
    let path = std::env::var_os("SOUVENIR_BIN").map_or_else(default, PathBuf::from);
    assert!(
        path.exists(),
        "{} is not there: build it with `cargo build -p souvenir-server`, or set SOUVENIR_BIN",
        path.display()
    );
    path
}

/// What a command left behind.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it said.
    pub stdout: String,
    /// What it logged.
    pub stderr: String,
}

/// A running `souvenir serve`. Dropped, it is killed.
#[derive(Debug)]
pub struct TestApp {
    setup: Setup,
    child: Option<Child>,
    output: Output,
    base: String,
}

impl TestApp {
    /// Begins the description of an app: no Telegram, the offline model, an API token and a password.
    ///
    /// # Panics
    /// When there is no temporary folder to be had.
    #[must_use]
    pub fn with() -> Setup {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = folder.path().join("souvenir.db").display().to_string();
        let setup = Setup { environment: BTreeMap::new(), folder: Arc::new(folder), nobody: false };
        setup
            .env("SOUVENIR_LISTEN", "127.0.0.1:0")
            .env("SOUVENIR_DATABASE", &database)
            .env("SOUVENIR_API_TOKEN", API_TOKEN)
            .env("SOUVENIR_OWNER_PASSWORD", PASSWORD)
            .env("SOUVENIR_LOG", "info,souvenir_server=debug")
    }

    async fn start(setup: Setup) -> Self {
        let mut child = setup.command(&["serve"]).spawn().expect("the binary can be run");
        let output = Output::of(&mut child);
        let mut app = Self { setup, child: Some(child), output, base: String::new() };
        let line = app.output.wait_for_line(|line| address_in(line).is_some()).await;
        app.base = address_in(&line).expect("it was just found");
        soon("/healthz to answer", app.wait_until_healthy()).await;
        app
    }

    async fn wait_until_healthy(&self) {
        let client = reqwest::Client::new();
        while !client.get(self.url("/healthz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// An address of the app: `path` begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What it was started with.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// What it printed and logged so far.
    #[must_use]
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The one-time sign-in link that it printed.
    ///
    /// # Panics
    /// When it printed none.
    pub async fn sign_in_link(&self) -> String {
        let line = self.output.wait_for_line(|line| sign_in_in(line).is_some()).await;
        sign_in_in(&line).expect("it was just found")
    }

    /// The code that makes the first who sends it the owner.
    ///
    /// # Panics
    /// When it printed none.
    pub async fn pairing_code(&self) -> String {
        let line = self.output.wait_for_line(|line| code_in(line).is_some()).await;
        code_in(&line).expect("it was just found")
    }

    /// The HTTP API with the bearer token.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::new(&self.base, API_TOKEN)
    }

    /// The database, read beside the app.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn db(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.setup.database()).read_only(true);
        SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("the database opens")
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// When it takes longer than ten seconds.
    pub async fn stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the app runs");
        let pid = child.id();
        signal("TERM", pid);
        let waiting = tokio::task::spawn_blocking(move || child.wait());
        match tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await {
            Ok(status) => status.expect("the wait ends").expect("an exit status"),
            Err(_) => {
                signal("KILL", pid);
                panic!("the app did not end within 10 s of SIGTERM");
            }
        }
    }

    /// Ends it at once, as a power cut would (SIGKILL).
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Both fail only when it has ended by itself already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again on the same database (after [`TestApp::stop`] or [`TestApp::kill`]; else it is stopped first).
    #[must_use = "the app ends when dropped"]
    pub async fn restart(mut self) -> Self {
        if self.child.is_some() {
            self.stop().await;
        }
        Self::start(self.setup.clone()).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- the app said:\n{}", self.output.all());
        }
    }
}

fn signal(name: &str, pid: u32) {
    // The shell's own kill: nothing to install, nothing unsafe. It fails only when the process has ended.
    let _ = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status();
}

/// `http://127.0.0.1:PORT` in a line of the app's output.
fn address_in(line: &str) -> Option<String> {
    let start = line.find("http://127.0.0.1:")?;
    let rest = &line[start..];
    let digits = rest["http://127.0.0.1:".len()..].bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| rest[.."http://127.0.0.1:".len() + digits].to_owned())
}

fn sign_in_in(line: &str) -> Option<String> {
    let word = line.split_whitespace().find(|word| word.contains("://") && word.contains("/signin/"))?;
    Some(word.to_owned())
}

fn code_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("/start ")?;
    Some(rest.split_whitespace().next()?.trim_end_matches(['.', '`', '"']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_lines_are_understood() {
        let address = address_in("Dashboard: http://127.0.0.1:4711/");
        assert_eq!(address.as_deref(), Some("http://127.0.0.1:4711"));
        let link = sign_in_in("Sign in once: http://127.0.0.1:4711/signin/abc-def");
        assert_eq!(link.as_deref(), Some("http://127.0.0.1:4711/signin/abc-def"));
        assert_eq!(code_in("Telegram pairing code: /start K7Q2").as_deref(), Some("K7Q2"));
    }
}

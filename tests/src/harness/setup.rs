//! With what the app is started: settings, a folder, and whose rights.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use super::{API_TOKEN, Output, PASSWORD, TestApp, signal};
use crate::bot_api::{BotApi, Person};
use crate::embeddings::EmbeddingServer;
use crate::model::ModelServer;

/// What the app is to be started with.
#[derive(Clone, Debug)]
pub struct Setup {
    environment: BTreeMap<String, String>,
    folder: Arc<TempDir>,
    nobody: bool,
}

impl Setup {
    /// No Telegram, the offline model, an API token and a password.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = folder.path().join("souvenir.db").display().to_string();
        let setup = Self { environment: BTreeMap::new(), folder: Arc::new(folder), nobody: false };
        setup
            .env("SOUVENIR_LISTEN", "127.0.0.1:0")
            .env("SOUVENIR_DATABASE", &database)
            .env("SOUVENIR_API_TOKEN", API_TOKEN)
            .env("SOUVENIR_OWNER_PASSWORD", PASSWORD)
            .env("SOUVENIR_LOG", "info,souvenir_server=debug")
    }

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

    /// Has this server turn texts into vectors.
    #[must_use]
    pub fn embeddings(self, embeddings: &EmbeddingServer) -> Self {
        self.env("SOUVENIR_EMBEDDING_BASE_URL", &embeddings.url())
            .env("SOUVENIR_EMBEDDING_API_KEY", embeddings.key())
            .env("SOUVENIR_EMBEDDING_MODEL", "bag-of-words")
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

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
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

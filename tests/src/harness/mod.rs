//! The real binary, run for one test: a folder of its own, a port of its own, and an end.
//!
//! [`TestApp::with`] begins a description, [`Setup::start`] runs `souvenir serve` and waits until it is alive. The binary is
//! `$SOUVENIR_BIN`, or `target/debug/souvenir` of this workspace. Everything that a test knows of it comes through its
//! doors: standard output, HTTP, signals, and the database file read beside it. When a test fails, what the app
//! logged is printed.

mod api;
mod events;
mod output;
mod setup;

use std::process::{Child, Command, ExitStatus};

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

pub use api::{Answer, Api};
pub use events::{Event, Events};
pub use output::Output;
pub use setup::{Finished, Setup};

use crate::wire::soon;

/// The API token of every test app.
pub const API_TOKEN: &str = "test-api-token-never-to-be-logged-0123456789";
/// The dashboard password of every test app.
pub const PASSWORD: &str = "correct horse battery staple";

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
        Setup::new()
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

    /// The most memory that the process has taken so far (resident, in bytes), where Linux tells.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.as_ref()?.id())).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        peak.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
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

/// `http://127.0.0.1:PORT` in the line that names the dashboard's address.
fn address_in(line: &str) -> Option<String> {
    let rest = line.strip_prefix("Dashboard: ")?;
    let digits = rest.strip_prefix("http://127.0.0.1:")?.bytes().take_while(u8::is_ascii_digit).count();
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

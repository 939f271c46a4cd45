//! The finished binary as its users will have it: alone in an empty folder, with nothing set.
//!
//! It has to answer, hand out the dashboard's files in their compressed forms, and stay within what a small server has
//! to spare.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::process::say;

/// The longest that a start may take, from the command to the first answer.
const SLOWEST_START: Duration = Duration::from_secs(1);
/// The most memory that a process at rest may hold, in kB: before the first token is counted.
const LARGEST_KB: u64 = 40_000;
/// Of so many starts the fastest counts: the machine may have other things to do.
const STARTS: u32 = 3;

pub(crate) fn run(binary: &Path) -> anyhow::Result<()> {
    say("trying it in an empty folder");
    let mut fastest = Duration::MAX;
    for _ in 0..STARTS {
        let folder = tempfile::tempdir()?;
        let (mut trial, took) = Trial::start(binary, folder.path())?;
        fastest = fastest.min(took);
        trial.look_at_the_dashboard()?;
        trial.stop()?;
        let left: Vec<_> = fs::read_dir(folder.path())?.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
        ensure!(left == ["souvenir.db"], "it left more than its database: {left:?}");
    }
    ensure!(fastest <= SLOWEST_START, "it took {fastest:?} to start, more than {SLOWEST_START:?}");
    let folder = tempfile::tempdir()?;
    let (mut trial, _) = Trial::start(binary, folder.path())?;
    thread::sleep(Duration::from_secs(2));
    let resident = trial.resident_kb()?;
    trial.stop()?;
    say(format!("it answers {} ms after its start and holds {resident} kB of memory at rest", fastest.as_millis()));
    ensure!(resident <= LARGEST_KB, "it holds {resident} kB at rest, more than {LARGEST_KB}");
    Ok(())
}

/// A running server.
struct Trial {
    child: Child,
    address: String,
}

impl Trial {
    /// Starts it; gives what it took until it answered.
    fn start(binary: &Path, folder: &Path) -> anyhow::Result<(Self, Duration)> {
        let began = now();
        let mut child = Command::new(binary)
            .current_dir(folder)
            .env_clear()
            .env("SOUVENIR_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("failed to start {}", binary.display()))?;
        let output = BufReader::new(child.stdout.take().context("failed to read what it prints")?);
        let mut trial = Self { child, address: String::new() };
        let line = output.lines().map_while(Result::ok).find(|line| line.starts_with("Dashboard: http://"));
        trial.address = line.context("it ended without naming its address")?.replace("Dashboard: http://", "");
        let (head, _) = trial.get("/healthz", "identity")?;
        ensure!(head.starts_with("HTTP/1.1 200"), "/healthz answers {head}");
        Ok((trial, began.elapsed()))
    }

    fn look_at_the_dashboard(&self) -> anyhow::Result<()> {
        let (head, page) = self.get("/login", "identity")?;
        ensure!(head.starts_with("HTTP/1.1 200"), "/login answers {head}");
        ensure!(String::from_utf8_lossy(&page).contains("/pkg/souvenir.css"), "/login names no stylesheet");
        for file in ["souvenir.css", "souvenir.js", "souvenir_bg.wasm"] {
            let (_, plain) = self.get(&format!("/pkg/{file}"), "identity")?;
            for coding in ["br", "gzip"] {
                let (head, small) = self.get(&format!("/pkg/{file}"), coding)?;
                let named = head.to_lowercase().contains(&format!("content-encoding: {coding}"));
                ensure!(named && small.len() < plain.len(), "{file} does not come as {coding}: {head}");
            }
        }
        Ok(())
    }

    /// Head and body of an answer.
    fn get(&self, path: &str, coding: &str) -> anyhow::Result<(String, Vec<u8>)> {
        let mut connection = TcpStream::connect(&self.address)?;
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        let host = &self.address;
        write!(
            connection,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {coding}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).with_context(|| format!("failed to read {path}"))?;
        let end =
            answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("failed to read an answer's head")?;
        let body = answer.split_off(end + 4);
        Ok((String::from_utf8_lossy(&answer).into_owned(), body))
    }

    /// How much of it is in memory, its own code included.
    fn resident_kb(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("failed to read VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let status = self.child.wait()?;
        ensure!(status.success(), "it ended badly: {status}");
        Ok(())
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a start takes is what is measured")]
fn now() -> Instant {
    Instant::now()
}

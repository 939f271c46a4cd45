//! The memory of the real process: idle before it ever counted a token, and after.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::process;
use crate::workspace::Workspace;

/// Of this process only, which ends with the measurement.
const TOKEN: &str = "measuring-is-knowing-measuring-is-knowing";

/// Resident KiB of `souvenir serve` with the offline model: idle, and after a message was answered.
pub(super) fn measure(workspace: &Workspace) -> anyhow::Result<Value> {
    let build = ["build", "--locked", "--release", "--package", "souvenir-server", "--bin", "souvenir"];
    process::run(workspace.cargo().args(build))?;
    let folder = workspace.target("bench/memory");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut serving = workspace
        .command(workspace.souvenir("release"))
        .current_dir(&folder)
        .env("SOUVENIR_LISTEN", "127.0.0.1:0")
        .env("SOUVENIR_API_TOKEN", TOKEN)
        .env("SOUVENIR_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to start souvenir")?;
    let measured = watch(&mut serving);
    serving.kill()?;
    serving.wait()?;
    measured
}

fn watch(serving: &mut Child) -> anyhow::Result<Value> {
    let stdout = serving.stdout.take().context("souvenir has no standard output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("Dashboard: ")));
    let line = line.context("souvenir ended before it said where it listens")??;
    let address = line.trim_start_matches("Dashboard: http://").trim_end_matches('/').to_owned();
    call(&address, "GET", "/health/ready", "")?;
    let idle = resident_kib(serving.id())?;
    let chat = call(&address, "POST", "/api/chats", r#"{"title": "Measured"}"#)?;
    let chat: Value = serde_json::from_str(&chat)?;
    let id = chat["id"].as_i64().with_context(|| format!("no chat was made: {chat}"))?;
    call(&address, "POST", &format!("/api/chats/{id}/messages"), r#"{"text": "What do you remember of me?"}"#)?;
    Ok(json!({"idle_kib": idle, "after_kib": resident_kib(serving.id())?}))
}

/// Calls the API once, over a connection of its own, and gives the body of the answer.
fn call(address: &str, method: &str, path: &str, body: &str) -> anyhow::Result<String> {
    let mut connection = TcpStream::connect(address).with_context(|| format!("failed to reach {address}"))?;
    write!(
        connection,
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("souvenir did not answer in HTTP")?;
    if !head.split(' ').nth(1).is_some_and(|status| status.starts_with('2')) {
        bail!("{method} {path} gave {answer}");
    }
    Ok(body.to_owned())
}

fn resident_kib(process: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.context("the kernel does not say how much memory the process has")
}

//! The program that measures, and the tools it runs under.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::process::{find_program, output, say};
use crate::workspace::Workspace;
use crate::{apt, process};

pub(super) struct Program(PathBuf);

impl Program {
    pub(super) fn build(workspace: &Workspace) -> anyhow::Result<Self> {
        let build = ["bench", "--locked", "--package", "souvenir-server", "--bench", "bench", "--no-run"];
        process::run(workspace.cargo().args(build))?;
        // The same again tells where the program is.
        let said = output(workspace.cargo().args(build).args(["--quiet", "--message-format", "json"]))?;
        let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut built = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
        Ok(Self(built.next().context("Cargo does not say where it put the program that measures")?))
    }

    /// Runs one measurement and gives what it found.
    pub(super) fn run(&self, arguments: &[impl AsRef<OsStr>]) -> anyhow::Result<Value> {
        let said = output(Command::new(&self.0).args(arguments))?;
        serde_json::from_str(&said).with_context(|| format!("the measurement did not end in JSON: {said}"))
    }

    /// Instructions of a whole run, all threads together, counted by callgrind; its profile goes to `profile`.
    pub(super) fn instructions(&self, arguments: &[impl AsRef<OsStr>], profile: &Path) -> anyhow::Result<u64> {
        install("valgrind")?;
        let mut command = Command::new("valgrind");
        command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", profile.display()));
        command.arg(&self.0).args(arguments).stdin(Stdio::null());
        let finished = command.output().context("failed to start valgrind")?;
        let said = String::from_utf8_lossy(&finished.stderr);
        if !finished.status.success() {
            bail!("the measurement failed under valgrind: {said}");
        }
        let collected = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
        collected.with_context(|| format!("valgrind does not say how much it counted: {said}"))
    }

    /// Calls of fsync and fdatasync of a whole run; none where processes may not be traced.
    pub(super) fn fsyncs(&self, arguments: &[impl AsRef<OsStr>], log: &Path) -> anyhow::Result<Option<u64>> {
        install("strace")?;
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o"]).arg(log);
        command.arg(&self.0).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        if !command.status().context("failed to start strace")?.success() {
            say("strace may not trace here: fsyncs are not counted");
            return Ok(None);
        }
        let calls = fs::read_to_string(log)?;
        // A call that another thread interrupts has two lines, of which the second says `resumed`.
        let begun = calls.lines().filter(|line| line.contains("sync(") && !line.contains("resumed"));
        Ok(Some(u64::try_from(begun.count())?))
    }
}

fn install(program: &str) -> anyhow::Result<()> {
    if find_program(program).is_none() {
        apt::install(&[program])?;
    }
    Ok(())
}

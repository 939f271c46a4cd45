//! `cargo xtask fuzz-api`: the API against its own description, by Schemathesis, on the real binary.
//!
//! A server of its own, on loopback, with an empty database and the offline model; a bounded run by seed, so that what it
//! finds can be found again. Event streams have no end and are left out. `xtask/schemathesis.toml` says what is not
//! expected of which operation, and why. A smaller run of our own making is among the tests.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

use anyhow::{Context, bail};
use clap::Args;

use crate::process::{run as run_command, say};
use crate::workspace::Workspace;

const VERSION: &str = "4.32.5";
/// For this run alone.
const TOKEN: &str = "a-token-for-fuzzing-on-loopback-only";

#[derive(Args)]
pub(crate) struct Options {
    /// Where its random choices begin
    #[arg(long, default_value_t = 7)]
    seed: u64,

    /// How long it may take, in seconds
    #[arg(long, default_value_t = 120)]
    seconds: u32,
}

/// Fails when an answer was not as described, or a server error.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    run_command(workspace.cargo().args(["build", "--locked", "--package", "souvenir-server", "--bin", "souvenir"]))?;
    let schemathesis = install(workspace)?;
    let (server, url) = Server::start(workspace)?;
    say(format!("asking {url} for {} s, seed {}", options.seconds, options.seed));
    let mut command = workspace.command(schemathesis);
    command.arg("--config-file").arg(workspace.path("xtask/schemathesis.toml"));
    command.args(["run", &format!("{url}/api/openapi.json"), "--header", &format!("Authorization: Bearer {TOKEN}")]);
    // Checks are named in no argument: that would stand above what the file says of single operations.
    command.args(["--exclude-path-regex", "events$", "--continue-on-failure"]);
    command.args(["--seed", &options.seed.to_string(), "--max-time", &options.seconds.to_string()]);
    // It keeps notes in the folder it runs in.
    let outcome = run_command(command.current_dir(workspace.target("schemathesis")));
    drop(server);
    outcome
}

/// Schemathesis in an environment of its own below the target directory.
fn install(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let environment = workspace.target("schemathesis");
    let program = environment.join("bin/schemathesis");
    if !program.is_file() {
        say("installing Schemathesis");
        run_command(workspace.command("python3").args(["-m", "venv"]).arg(&environment))?;
        let mut pip = workspace.command(environment.join("bin/pip"));
        run_command(pip.args(["install", "--quiet", &format!("schemathesis=={VERSION}")]))?;
    }
    Ok(program)
}

/// A server for this run; it ends when dropped.
struct Server {
    child: Child,
    _said: BufReader<ChildStdout>,
}

impl Server {
    fn start(workspace: &Workspace) -> anyhow::Result<(Self, String)> {
        let folder = workspace.target("fuzz-api");
        if folder.exists() {
            fs::remove_dir_all(&folder).context("failed to remove the last run's database")?;
        }
        fs::create_dir_all(&folder).context("failed to make a folder for the database")?;
        let mut command = workspace.command(workspace.souvenir("debug"));
        command.arg("serve").current_dir(&folder).stdout(Stdio::piped());
        for (name, value) in
            [("SOUVENIR_LISTEN", "127.0.0.1:0"), ("SOUVENIR_API_TOKEN", TOKEN), ("SOUVENIR_LOG", "warn")]
        {
            command.env(name, value);
        }
        for variable in ["TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY", "OPENAI_BASE_URL", "SOUVENIR_DATABASE"] {
            command.env_remove(variable);
        }
        let mut child = command.spawn().context("failed to start the server")?;
        let mut said = BufReader::new(child.stdout.take().context("the server has no standard output")?);
        let url = address(&mut said);
        let server = Self { child, _said: said };
        Ok((server, url?))
    }
}

/// Where the server says that it is.
fn address(said: &mut impl BufRead) -> anyhow::Result<String> {
    for line in said.lines() {
        if let Some(url) = line.context("failed to read what the server says")?.strip_prefix("Dashboard: ") {
            return Ok(url.trim().to_owned());
        }
    }
    bail!("the server ended before it said where it is")
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! `cargo xtask test`: every check and every test, each step with what it took.
//!
//! A failing step does not keep the others from running, so that one run tells all there is to tell. The tests come
//! last: what `cargo test` says stands at the end.

use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;

use crate::architecture::{check_directions, check_wasm_wall};
use crate::prepare::Freshness;
use crate::process::{run as run_command, say};
use crate::texts::check_texts;
use crate::workspace::Workspace;
use crate::{axe, setup, site, test_results};

type Check = fn(&Workspace) -> anyhow::Result<()>;

/// What is checked besides the tests, what is quickest first.
const CHECKS: [(&str, Check); 7] = [
    ("formatting", check_formatting),
    ("directions of the rooms", check_directions),
    ("texts of the dashboard", check_texts),
    ("wasm wall", check_wasm_wall),
    ("Clippy and query data", check_with_clippy),
    ("Clippy for the browser's half", check_hydration_with_clippy),
    ("rustdoc", check_documentation),
];

#[derive(Args)]
pub(crate) struct Options {
    /// Only build and run the tests: no formatting, Clippy, rustdoc or walls
    #[arg(long)]
    fast: bool,

    /// Run only the tests whose name contains this, and nothing else
    filter: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let mut report = Report::new();
    setup::run(workspace)?;
    report.step("what the browser downloads", || site::build(workspace));
    if !options.fast && options.filter.is_none() {
        run_checks(workspace, &mut report);
    }
    report.step("tests", || run_tests(workspace, options));
    report.close()
}

/// `cargo xtask check`: all but the tests.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<()> {
    let mut report = Report::new();
    run_checks(workspace, &mut report);
    report.close()
}

fn run_checks(workspace: &Workspace, report: &mut Report) {
    for (name, check) in CHECKS {
        report.step(name, || check(workspace));
    }
}

fn check_formatting(workspace: &Workspace) -> anyhow::Result<()> {
    run_command(workspace.cargo().args(["fmt", "--all", "--check"]))
}

/// Clippy compiles the server, so the queries are compared with their committed descriptions in the same go.
fn check_with_clippy(workspace: &Workspace) -> anyhow::Result<()> {
    let mut clippy = workspace.cargo();
    clippy.args(["clippy", "--locked", "--workspace", "--all-targets"]).args(["--", "-D", "warnings"]);
    let queries = Freshness::of(workspace)?;
    if queries.is_known() { run_command(&mut clippy) } else { queries.compare_with(workspace, &mut clippy) }
}

/// The frontend's other half, which the rest of the workspace never sees.
fn check_hydration_with_clippy(workspace: &Workspace) -> anyhow::Result<()> {
    run_command(
        workspace
            .cargo()
            .args(["clippy", "--locked", "--package", "souvenir-frontend", "--lib"])
            .args(["--no-default-features", "--features", "hydrate"])
            .args(["--", "-D", "warnings"]),
    )
}

/// The documentation is for those who work on Souvenir, so it includes what is private, and may link to it.
fn check_documentation(workspace: &Workspace) -> anyhow::Result<()> {
    run_command(
        workspace
            .cargo()
            .args(["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"),
    )
}

fn run_tests(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    // In one go, so that the binary under test and the tests share every dependency. The dashboard is part of that binary,
    // as it is of the one that is shipped.
    let embed = ["--features", "souvenir-server/embed-site"];
    let mut build = workspace.cargo();
    build.args(["build", "--locked", "--workspace", "--bins", "--tests"]).args(embed);
    run_command(build.env("SOUVENIR_EMBED_SITE", workspace.site()))?;
    let totals = test_results::watch(
        workspace
            .cargo()
            .args(["test", "--locked", "--workspace", "--no-fail-fast"])
            .args(embed)
            .args(&options.filter)
            .env("SOUVENIR_EMBED_SITE", workspace.site())
            .env("SOUVENIR_BIN", workspace.souvenir("debug"))
            .env("SOUVENIR_AXE", axe::path(workspace))
            .env_remove("SOUVENIR_SITE"),
    )?;
    say(format!("all tests: {totals}"));
    Ok(())
}

/// What each step took, and which failed.
struct Report {
    started: Instant,
    took: Vec<(&'static str, Duration)>,
    failed: Vec<&'static str>,
}

impl Report {
    fn new() -> Self {
        Self { started: now(), took: Vec::new(), failed: Vec::new() }
    }

    fn step(&mut self, name: &'static str, work: impl FnOnce() -> anyhow::Result<()>) {
        say(format!("checking: {name}"));
        let began = now();
        let result = work();
        let took = began.elapsed();
        self.took.push((name, took));
        match result {
            Ok(()) => say(format!("{name}: ok after {} s", took.as_secs())),
            Err(error) => {
                eprintln!("error: {error:#}");
                say(format!("{name}: FAILED after {} s", took.as_secs()));
                self.failed.push(name);
            }
        }
    }

    fn close(&self) -> anyhow::Result<()> {
        let steps = self.took.iter().map(|(name, took)| format!("{name} {} s", took.as_secs()));
        let total = self.started.elapsed().as_secs();
        say(format!("{total} s in all: {}", steps.collect::<Vec<_>>().join(", ")));
        if !self.failed.is_empty() {
            bail!("failed: {}", self.failed.join(", "));
        }
        say("everything passed");
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a step takes is told to whoever waits for it")]
fn now() -> Instant {
    Instant::now()
}

//! `cargo xtask screenshots`: pictures of every page of the dashboard, into `docs/pictures`.

use std::process::Command;

use clap::Args;

use crate::process::{run as run_command, say};
use crate::workspace::Workspace;
use crate::{browser, site};

#[derive(Args)]
pub(crate) struct Options {
    /// Where the pictures go
    #[arg(long, default_value = "docs/pictures")]
    out: String,

    /// Only these pages, by the names of their pictures
    pages: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    browser::ensure()?;
    site::build(workspace)?;
    say("building the server and what takes the pictures");
    // The whole workspace is named so that dependencies get the features, and so the builds, that the tests use.
    run_command(workspace.cargo().args([
        "build",
        "--locked",
        "--workspace",
        "--bin",
        "souvenir",
        "--bin",
        "screenshots",
    ]))?;
    let souvenir = workspace.souvenir("debug");
    let mut screenshots = Command::new(souvenir.with_file_name(format!("screenshots{}", std::env::consts::EXE_SUFFIX)));
    screenshots.arg("--out").arg(workspace.path(&options.out)).args(&options.pages);
    run_command(screenshots.env("SOUVENIR_BIN", souvenir).env("SOUVENIR_SITE", workspace.site()))
}

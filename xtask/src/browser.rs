//! Chromium and its driver, which the browser tests need.

use anyhow::Context;

use crate::apt;
use crate::process::{find_program, say};

/// Chromium's names, by who packaged it.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

pub(crate) fn ensure() -> anyhow::Result<()> {
    let mut missing = Vec::new();
    if !BROWSERS.iter().any(|name| find_program(name).is_some()) {
        // Without a font Chromium draws no letters, and nothing can be measured.
        missing.extend(["chromium", "fonts-dejavu-core"]);
    }
    if find_program("chromedriver").is_none() {
        missing.push("chromium-driver");
    }
    if missing.is_empty() {
        return Ok(());
    }
    say("the browser tests need Chromium and its driver");
    apt::install(&missing).context("failed to install Chromium and its driver")
}

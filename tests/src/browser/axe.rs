//! What keeps people out of a page, as axe-core finds it: WCAG 2.2, levels A and AA, and what axe itself holds for good.
//!
//! axe-core is one file that `cargo xtask setup` fetches; `SOUVENIR_AXE` names it, else it is looked for where that puts it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Browser;

/// The version that `cargo xtask setup` fetches.
const FILE: &str = "target/xtask/axe-core-4.14.1.min.js";

/// Runs axe and hands over what it found wrong.
const RUN: &str = r#"
const done = arguments[arguments.length - 1];
axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
                    resultTypes: ["violations"] })
  .then(found => done({ violations: found.violations.map(each => ({
      rule: each.id, help: each.help,
      nodes: each.nodes.map(node => node.target.join(" ") + ": " + node.failureSummary.replace(/\s+/g, " ")) })) }))
  .catch(error => done({ error: String(error) }));
"#;

/// Something that axe holds against a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// What it asks for.
    pub help: String,
    /// Where it is not kept, each place with what would be right.
    pub places: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.help)?;
        self.places.iter().try_for_each(|place| write!(f, "\n    {place}"))
    }
}

impl Browser {
    /// What axe holds against the page as it is now.
    ///
    /// # Panics
    /// When axe-core is not there, or does not run.
    pub async fn axe(&self) -> Vec<Finding> {
        let source = std::fs::read_to_string(file()).unwrap_or_else(|error| {
            panic!(
                "axe-core is not at {} ({error}): run `cargo xtask setup`, or set SOUVENIR_AXE to an axe.min.js",
                file().display()
            )
        });
        // The developer tools run it, whatever the page's policy says of scripts.
        self.devtools("Runtime.evaluate", json!({"expression": source})).await;
        let found = self.script_async(RUN).await;
        assert!(found["error"].is_null(), "axe failed: {found}");
        found["violations"].as_array().map(Vec::as_slice).unwrap_or_default().iter().map(finding).collect()
    }
}

fn finding(found: &Value) -> Finding {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let places = found["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    Finding { rule: text(&found["rule"]), help: text(&found["help"]), places: places.iter().map(text).collect() }
}

fn file() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    std::env::var_os("SOUVENIR_AXE").map_or_else(|| workspace.join(FILE), PathBuf::from)
}

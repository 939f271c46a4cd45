//! What several test programs have to say together: each closes with its own counts, which are added up.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// The counts of one or more test programs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Totals {
    /// Adds the counts of a line such as `test result: ok. 6 passed; 0 failed; 1 ignored; 0 measured; …`.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|it| it.split_once(". ")) else {
            return;
        };
        for part in counts.split("; ") {
            let mut words = part.split(' ');
            let count = words.next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += count,
                Some("failed") => self.failed += count,
                Some("ignored") => self.ignored += count,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)
    }
}

/// Runs `cargo test`, shows all that it says and counts along; fails if it fails.
pub(crate) fn watch(cargo_test: &mut Command) -> anyhow::Result<Totals> {
    let mut child = cargo_test.stdout(Stdio::piped()).spawn().context("failed to start the tests")?;
    let mut totals = Totals::default();
    let output = child.stdout.take().context("failed to read what the tests say")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("failed to read what the tests say")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        totals.add(&line);
    }
    let status = child.wait().context("failed to wait for the tests")?;
    if !status.success() {
        bail!("the tests failed: {totals}");
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_all_programs_are_added_up() {
        let mut totals = Totals::default();
        totals.add("test result: ok. 6 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        totals.add("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s");
        totals.add("test harness::tests::something ... ok");
        assert_eq!(totals, Totals { passed: 8, failed: 1, ignored: 1 });
    }
}

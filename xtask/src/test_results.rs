//! What several test programs have to say together: each closes with its own counts, which are added up. What failed is
//! told once more at the end, where it is seen: thousands of lines may have gone by since.

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

/// How many lines of what a failed test said are repeated.
const LINES_OF_A_FAILURE: usize = 20;

/// What failed tests said: the blocks that begin with a line such as `---- module::name stdout ----`.
#[derive(Debug, Default)]
struct Failures {
    lines: Vec<String>,
    room: usize,
}

impl Failures {
    fn add(&mut self, line: &str) {
        if line.starts_with("---- ") && line.ends_with(" ----") {
            self.room = LINES_OF_A_FAILURE;
        } else if line == "failures:" {
            // The list of names, which closes the blocks.
            self.room = 0;
        }
        if self.room > 0 && !line.is_empty() {
            self.room -= 1;
            self.lines.push(line.to_owned());
        }
    }
}

/// Runs `cargo test`, shows all that it says and counts along; fails if it fails.
pub(crate) fn watch(cargo_test: &mut Command) -> anyhow::Result<Totals> {
    let mut child = cargo_test.stdout(Stdio::piped()).spawn().context("failed to start the tests")?;
    let mut totals = Totals::default();
    let mut failures = Failures::default();
    let output = child.stdout.take().context("failed to read what the tests say")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("failed to read what the tests say")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        totals.add(&line);
        failures.add(&line);
    }
    let status = child.wait().context("failed to wait for the tests")?;
    if !status.success() {
        failures.lines.iter().for_each(|line| eprintln!("{line}"));
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

    #[test]
    fn what_a_failed_test_said_is_kept_to_a_bound() {
        let mut failures = Failures::default();
        let said =
            ["running 2 tests", "test one ... FAILED", "", "failures:", "", "---- one stdout ----", "panicked", ""];
        said.into_iter().for_each(|line| failures.add(line));
        (0..100).for_each(|number| failures.add(&format!("line {number}")));
        ["---- two stdout ----", "oh", "", "failures:", "    one"].into_iter().for_each(|line| failures.add(line));
        assert_eq!(failures.lines[..3], ["---- one stdout ----", "panicked", "line 0"]);
        assert_eq!(failures.lines.len(), LINES_OF_A_FAILURE + 2);
        assert_eq!(failures.lines[LINES_OF_A_FAILURE..], ["---- two stdout ----", "oh"]);
    }
}

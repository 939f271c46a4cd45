//! What a soak found, in figures and in words.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::Plan;
use super::checks::{self, DOUBLED, Findings, LOST};
use super::delivery::{self, Unknown};
use super::evidence::Evidence;

/// So many examples of each finding are told.
const EXAMPLES: usize = 5;

/// What a soak found.
#[derive(Clone, Debug)]
pub struct Report {
    plan: Plan,
    findings: Findings,
    unknown: Unknown,
    stored: usize,
    turns: usize,
    told_of_failure: usize,
    asked_again: usize,
    in_ledger: usize,
    telegram_faults: usize,
    telegram_calls: usize,
    kills: usize,
    peak_memory: u64,
    pub(super) model_requests: usize,
    pub(super) drained: bool,
    pub(super) talked: Duration,
    pub(super) took: Duration,
}

impl Report {
    pub(super) fn of(plan: &Plan, evidence: &Evidence) -> Self {
        let turns = |state: &str| evidence.turns.iter().filter(|turn| turn.state == state).count();
        let with_messages: BTreeSet<i64> = evidence.stored.iter().filter_map(|message| message.turn_id).collect();
        let failed = evidence.turns.iter().filter(|turn| turn.state == "failed");
        let told_of_failure = failed.filter(|turn| with_messages.contains(&turn.id)).count();
        Self {
            plan: plan.clone(),
            findings: checks::all(evidence),
            unknown: delivery::unknown(evidence),
            stored: evidence.stored.len(),
            turns: turns("done"),
            told_of_failure,
            asked_again: turns("failed") - told_of_failure,
            in_ledger: evidence.ledger.len(),
            telegram_faults: evidence.calls.iter().filter(|call| call.fault.is_some()).count(),
            telegram_calls: evidence.calls.len(),
            kills: evidence.kills.len(),
            peak_memory: evidence.peak_memory,
            model_requests: 0,
            drained: false,
            talked: Duration::ZERO,
            took: Duration::ZERO,
        }
    }

    /// Whether all that must hold held.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.drained && self.findings.0.is_empty()
    }

    /// Replies whose outcome nobody can know; they are marked and were not repeated.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.unknown.by_faults + self.unknown.by_kills
    }
}

impl Report {
    /// What there is to tell, by name.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn figures(&self) -> [(&'static str, String); 11] {
        let (unknown, seconds) = (self.unknown, self.took.as_secs_f64());
        let after = seconds - self.talked.as_secs_f64();
        let order = self.findings.count(&["out of order in the store", "out of order in the ledger"]);
        let (told, again) = (self.told_of_failure, self.asked_again);
        let (by_faults, by_kills, arrived) = (unknown.by_faults, unknown.by_kills, unknown.arrived);
        let (calls, faults, requests) = (self.telegram_calls, self.telegram_faults, self.model_requests);
        [
            ("stored", format!("{} messages", self.stored)),
            ("answered", format!("in {} turns", self.turns)),
            (
                "not answered",
                format!("{told} turns failed, which was told; {again} died with the app and were made again"),
            ),
            ("reached people", format!("{} messages", self.in_ledger)),
            ("lost", self.findings.count(&LOST).to_string()),
            ("doubled", self.findings.count(&DOUBLED).to_string()),
            ("out of order", order.to_string()),
            (
                "outcome unknown",
                format!("{}: {by_faults} by faults, {by_kills} by kills; {arrived} of them arrived", self.unknown()),
            ),
            ("calls", format!("{calls} of the Bot API ({faults} met a fault), {requests} of the model")),
            (
                "time",
                format!(
                    "{seconds:.1} s, {after:.1} s of them after the last word; {:.1} messages/s",
                    self.stored as f64 / seconds.max(0.001)
                ),
            ),
            ("peak memory", format!("{:.1} MB resident", self.peak_memory as f64 / 1e6)),
        ]
    }

    /// What did not hold, with examples and the seed to have it again.
    fn violations(&self) -> Vec<String> {
        let stalled = (!self.drained).then(|| "the app stopped making progress with work left".to_owned());
        let found = self.findings.0.iter().map(|(kind, found)| {
            let examples = found.iter().take(EXAMPLES).map(String::as_str).collect::<Vec<_>>().join("; ");
            format!("{kind}: {}, such as {examples}", found.len())
        });
        stalled.into_iter().chain(found).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { seed, chats, messages, faults, .. } = self.plan;
        let kills = self.kills;
        let per_cent = faults * 100.0;
        writeln!(f, "seed {seed}: {chats} chats, {messages} messages, faults on {per_cent} % of calls, {kills} kills")?;
        for (name, figure) in self.figures() {
            writeln!(f, "  {name:<18}{figure}")?;
        }
        for violation in self.violations() {
            writeln!(f, "VIOLATION (seed {seed}): {violation}")?;
        }
        Ok(())
    }
}

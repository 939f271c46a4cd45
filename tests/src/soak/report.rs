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

impl fmt::Display for Report {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = &self.plan;
        writeln!(
            f,
            "seed {}: {} chats, {} messages, faults on {} % of calls, {} kills",
            plan.seed,
            plan.chats,
            plan.messages,
            plan.faults * 100.0,
            self.kills
        )?;
        writeln!(f, "  stored              {} messages", self.stored)?;
        writeln!(
            f,
            "  answered            in {} turns; {} failed, which was told; {} died with the app and were made again",
            self.turns, self.told_of_failure, self.asked_again
        )?;
        writeln!(f, "  reached people      {} messages", self.in_ledger)?;
        writeln!(f, "  lost                {}", self.findings.count(&LOST))?;
        writeln!(f, "  doubled             {}", self.findings.count(&DOUBLED))?;
        let order = ["out of order in the store", "out of order in the ledger"];
        writeln!(f, "  out of order        {}", self.findings.count(&order))?;
        writeln!(
            f,
            "  outcome unknown     {} ({} by faults, {} by kills; {} of them arrived), each marked, none repeated",
            self.unknown(),
            self.unknown.by_faults,
            self.unknown.by_kills,
            self.unknown.arrived
        )?;
        writeln!(
            f,
            "  calls               {} of the Bot API ({} met a fault), {} of the model",
            self.telegram_calls, self.telegram_faults, self.model_requests
        )?;
        let seconds = self.took.as_secs_f64();
        writeln!(
            f,
            "  time                {seconds:.1} s, {:.1} s of them after the last word",
            seconds - self.talked.as_secs_f64()
        )?;
        writeln!(f, "  throughput          {:.1} messages/s", self.stored as f64 / seconds.max(0.001))?;
        writeln!(f, "  peak memory         {:.1} MB resident", self.peak_memory as f64 / 1e6)?;
        if !self.drained {
            writeln!(f, "VIOLATION: the app stopped making progress with work left (seed {})", plan.seed)?;
        }
        for (kind, found) in &self.findings.0 {
            let examples = found.iter().take(EXAMPLES).map(String::as_str).collect::<Vec<_>>().join("; ");
            writeln!(f, "VIOLATION: {kind}: {} (seed {}): {examples}", found.len(), plan.seed)?;
        }
        Ok(())
    }
}

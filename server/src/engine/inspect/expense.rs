//! Why a turn cost more than it should: the rule is [`souvenir_memory::expense`]'s, the turns and the prices are here.

use souvenir_memory::{
    ChatId, NanoUsd, TokenCount,
    expense::{self, Reason},
    manifest::Manifest,
};

use crate::{
    engine::{Engine, Result},
    llm::Usage,
    store::TurnRecord,
};

/// How many turns back one that asked a model is looked for.
const LOOK_BACK: u32 = 5;

/// Why a turn cost more than it should.
#[derive(Clone, Debug, PartialEq)]
pub struct CostReason {
    /// Its name: `broken_prefix`, `uncached`, `other_model`, `searched`, `retried`, `long_recall`.
    pub code: &'static str,
    /// The same as a clause.
    pub told: String,
    /// What it cost beyond what it should have, in dollars, where that can be said.
    pub extra_usd: Option<f64>,
}

impl Engine {
    /// Compares a turn with the last one before it that a model answered.
    pub(super) async fn cost_reasons(
        &self,
        chat: ChatId,
        record: &TurnRecord,
        manifest: Option<&Manifest>,
    ) -> Result<Vec<CostReason>> {
        let Some(manifest) = manifest.filter(|_| record.reported.is_some()) else { return Ok(Vec::new()) };
        let earlier = self.store().list_turns(chat, Some(record.id), LOOK_BACK).await?;
        let before = earlier.into_iter().find(|turn| turn.reported.is_some());
        let before = match before {
            Some(before) => self.store().manifest(before.id).await?.map(|manifest| (before, manifest)),
            None => None,
        };
        let before = before.as_ref().map(|(record, manifest)| turn(record, manifest));
        let reasons = expense::reasons(&turn(record, manifest), before.as_ref());
        Ok(reasons.into_iter().map(|reason| self.priced_reason(record, &reason)).collect())
    }

    fn priced_reason(&self, record: &TurnRecord, reason: &Reason) -> CostReason {
        let extra =
            record.model.as_deref().zip(reason.uncached()).and_then(|(model, tokens)| self.saved(model, tokens));
        let extra_usd = extra.filter(|extra| extra.0 > 0).map(NanoUsd::as_usd);
        CostReason { code: reason.code(), told: reason.to_string(), extra_usd }
    }

    /// What so many tokens of a prompt cost less when they come from the cache.
    fn saved(&self, model: &str, tokens: TokenCount) -> Option<NanoUsd> {
        let usage = |cached| Usage { prompt: tokens, cached, ..Usage::default() };
        let (new, cached) = (self.cost(model, usage(None))?, self.cost(model, usage(Some(tokens)))?);
        Some(NanoUsd(new.0.saturating_sub(cached.0)))
    }
}

fn turn<'a>(record: &TurnRecord, manifest: &'a Manifest) -> expense::Turn<'a> {
    expense::Turn {
        manifest,
        at: record.started_at,
        cached: record.cached,
        requests: record.requests.unwrap_or(1),
        retries: record.retries.unwrap_or(0),
    }
}

//! What answers cost, in exact integers: a dated table of the models we know, and over it what the owner says they cost.
//!
//! A model that is in neither has an unknown cost, which is never the same as none.

use souvenir_memory::{NanoUsd, TokenCount};

use super::{Usage, offline};
use crate::config::ModelPrice;

/// When the table was last compared with the provider's price list.
pub const AS_OF: &str = "2026-11-03";

/// A prompt of more tokens than this costs twice as much, all of it, where the table says so.
const LONG_PROMPT: u32 = 272_000;

/// Prices of one model, in nano-dollars a token: a dollar per million tokens is a thousand of them.
#[derive(Clone, Copy, Debug)]
struct Price {
    input: u64,
    cached: u64,
    output: u64,
    /// A minute of a recording, where that is what costs.
    minute: Option<u64>,
    /// A prompt of more tokens costs double.
    doubles_over: Option<u32>,
}

/// Dollars per million tokens, in thousandths: new, from the cache, written.
const fn known(input: u64, cached: u64, output: u64) -> Price {
    Price { input, cached, output, minute: None, doubles_over: Some(LONG_PROMPT) }
}

/// Dollars per million tokens of texts that become vectors, in thousandths.
const fn vectors(input: u64) -> Price {
    Price { input, cached: input, output: 0, minute: None, doubles_over: None }
}

/// Thousandths of a dollar per minute of a recording.
const fn voice(minute: u64) -> Price {
    Price { input: 0, cached: 0, output: 0, minute: Some(minute * 1_000_000), doubles_over: None }
}

const PRICES: [(&str, Price); 6] = [
    ("gpt-6.1-terra", known(1000, 50, 5000)),
    ("gpt-6-luna", known(100, 10, 500)),
    ("text-embedding-3-small", vectors(20)),
    ("text-embedding-3-large", vectors(130)),
    ("whisper-1", voice(6)),
    (offline::NAME, known(0, 0, 0)),
];

/// What models cost.
#[derive(Clone, Debug, Default)]
pub struct PriceTable {
    /// What the owner says.
    own: Vec<ModelPrice>,
}

impl PriceTable {
    /// The standard table with the owner's prices over it.
    #[must_use]
    pub fn with(own: Vec<ModelPrice>) -> Self {
        Self { own }
    }

    /// The models whose prices the owner gave.
    pub fn own(&self) -> impl Iterator<Item = &str> {
        self.own.iter().map(|price| price.model.as_str())
    }

    /// Whether the price of a model is known.
    #[must_use]
    pub fn knows(&self, model: &str) -> bool {
        self.price(model).is_some()
    }

    /// The cost of one answer; none when the model's price is not known.
    #[must_use]
    pub fn cost(&self, model: &str, usage: Usage) -> Option<NanoUsd> {
        Some(self.price(model)?.of(usage))
    }

    /// The cost of a call that may be for a recording of so many seconds: some models are paid for by time. None when the price is
    /// not known, or it is by time and nobody said how long it was.
    #[must_use]
    pub fn cost_of(&self, model: &str, usage: Usage, seconds: Option<u32>) -> Option<NanoUsd> {
        let price = self.price(model)?;
        match price.minute {
            Some(minute) => seconds.map(|seconds| NanoUsd(minute.saturating_mul(seconds.into()).div_ceil(60))),
            None => Some(price.of(usage)),
        }
    }

    /// The same in its parts: what was new of the prompt, what came from the cache, the answer.
    #[must_use]
    pub fn parts(&self, model: &str, usage: Usage) -> Option<[NanoUsd; 3]> {
        let price = self.price(model)?;
        let cached = usage.cached.map_or(0, |cached| cached.0).min(usage.prompt.0);
        let factor = price.factor(usage.prompt);
        let new = u64::from(usage.prompt.0 - cached) * price.input * factor;
        let from_cache = u64::from(cached) * price.cached * factor;
        Some([new, from_cache, u64::from(usage.completion.0) * price.output].map(NanoUsd))
    }

    /// The owner's word first. What an endpoint calls a version of a model costs what the model does.
    fn price(&self, model: &str) -> Option<Price> {
        let own = self.own.iter().find(|price| is_version_of(model, &price.model)).map(|price| Price {
            input: price.input,
            cached: price.cached,
            output: price.output,
            minute: price.minute,
            doubles_over: None,
        });
        own.or_else(|| PRICES.iter().find(|(name, _)| is_version_of(model, name)).map(|(_, price)| *price))
    }
}

impl Price {
    fn of(self, usage: Usage) -> NanoUsd {
        let prompt = u64::from(usage.prompt.0);
        let cached = usage.cached.map_or(0, |cached| u64::from(cached.0)).min(prompt);
        let input = (prompt - cached) * self.input + cached * self.cached;
        NanoUsd(input * self.factor(usage.prompt) + u64::from(usage.completion.0) * self.output)
    }

    fn factor(self, prompt: TokenCount) -> u64 {
        if self.doubles_over.is_some_and(|most| prompt.0 > most) { 2 } else { 1 }
    }
}

/// Endpoints name the version that answered: `gpt-6-luna-2026-09-30` is a `gpt-6-luna`.
pub(super) fn is_version_of(model: &str, family: &str) -> bool {
    let Some(version) = model.strip_prefix(family) else { return false };
    version.is_empty() || version.strip_prefix('-').is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(prompt: u32, cached: Option<u32>, completion: u32) -> Usage {
        Usage { prompt: TokenCount(prompt), cached: cached.map(TokenCount), completion: TokenCount(completion) }
    }

    fn cost(model: &str, usage: Usage) -> Option<NanoUsd> {
        PriceTable::default().cost(model, usage)
    }

    #[test]
    fn what_the_owner_says_stands_over_the_table() {
        let price = |model: &str, input, cached, output| ModelPrice {
            model: model.to_owned(),
            input,
            cached,
            output,
            minute: None,
        };
        let table = PriceTable::with(vec![price("gpt-6-luna", 200, 20, 1000), price("llama3.2", 0, 0, 0)]);
        assert_eq!(table.cost("gpt-6-luna-2026-09-30", usage(10, Some(5), 1)), Some(NanoUsd(5 * 200 + 5 * 20 + 1000)));
        assert_eq!(table.cost("gpt-6-luna", usage(300_000, None, 0)), Some(NanoUsd(60_000_000)), "taken as it is");
        assert_eq!(table.cost("llama3.2", usage(10, None, 10)), Some(NanoUsd(0)));
        assert_eq!(table.cost("gpt-6.1-terra", usage(1, None, 0)), Some(NanoUsd(1000)), "the others stay");
        assert!(!table.knows("small") && table.knows("llama3.2"));
    }

    #[test]
    fn a_million_tokens_cost_what_the_price_list_says() {
        let terra = |usage| cost("gpt-6.1-terra", usage).unwrap();
        let dollars = |usage| terra(usage).as_usd();
        assert_eq!(terra(usage(200_000, None, 0)), NanoUsd(200_000_000));
        assert!((dollars(usage(0, None, 1_000_000)) - 5.0).abs() < f64::EPSILON);
        assert_eq!(terra(usage(7000, Some(6000), 200)), NanoUsd(1_000_000 + 300_000 + 1_000_000));
        assert_eq!(cost("gpt-6-luna-2026-09-30", usage(10, Some(10), 1)), Some(NanoUsd(600)));
    }

    #[test]
    fn vectors_cost_by_the_token_and_recordings_by_the_minute() {
        let own = ModelPrice { model: "own-ears".to_owned(), input: 0, cached: 0, output: 0, minute: Some(1_000_000) };
        let table = PriceTable::with(vec![own]);
        let cost = |model, tokens, seconds| table.cost_of(model, usage(tokens, None, 0), seconds).map(|cost| cost.0);
        assert_eq!(cost("text-embedding-3-small", 1_000_000, None), Some(20_000_000));
        assert_eq!(cost("whisper-1", 0, Some(90)), Some(9_000_000));
        assert_eq!(cost("whisper-1", 0, None), None, "how long it was is not known, so what it cost is not");
        assert_eq!(cost("own-ears", 7, Some(1)), Some(16_667), "a part of a billionth counts as one");
        assert_eq!(cost("gpt-transcribe", 10, Some(10)), None);
        let dear = ModelPrice { model: "dear".to_owned(), input: 0, cached: 0, output: 0, minute: Some(u64::MAX) };
        let most = PriceTable::with(vec![dear]).cost_of("dear", usage(0, None, 0), Some(u32::MAX));
        assert!(most.is_some(), "whatever an endpoint says of a length, there is a sum");
    }

    #[test]
    fn a_very_long_prompt_costs_double() {
        let at = |prompt| cost("gpt-6-luna", usage(prompt, None, 100)).unwrap().0;
        assert_eq!(at(272_000), 272_000 * 100 + 50_000);
        assert_eq!(at(272_001), 2 * 272_001 * 100 + 50_000);
    }

    #[test]
    fn the_parts_of_a_cost_add_up_to_it() {
        for usage in [usage(7000, Some(6000), 200), usage(900, None, 3), usage(272_001, Some(1), 9)] {
            let parts = PriceTable::default().parts("gpt-6.1-terra", usage).unwrap();
            assert_eq!(parts.into_iter().sum::<NanoUsd>(), cost("gpt-6.1-terra", usage).unwrap());
        }
        assert_eq!(
            PriceTable::default().parts("gpt-6.1-terra", usage(7000, Some(6000), 200)).unwrap().map(|part| part.0),
            [1_000_000, 300_000, 1_000_000]
        );
        assert!(PriceTable::default().parts("small", usage(10, None, 10)).is_none());
    }

    #[test]
    fn an_unknown_model_has_an_unknown_cost_and_the_offline_one_none() {
        for unknown in ["small", "gpt-6-luna-mini", "gpt-6", ""] {
            assert_eq!(cost(unknown, usage(10, None, 10)), None, "{unknown}");
        }
        assert_eq!(cost("offline", usage(10, None, 10)), Some(NanoUsd(0)));
    }
}

//! What answers cost, in exact integers: a dated table of the models we recommend.
//!
//! A model that is not in the table has an unknown cost, which is never the same as none.

use super::{Usage, offline};

/// When the table was last compared with the provider's price list.
pub const AS_OF: &str = "2026-11-03";

/// A prompt of more tokens than this costs twice as much, all of it.
const LONG_PROMPT: u32 = 272_000;

/// Thousand-millionths of a US dollar. A dollar per million tokens is a thousand of them per token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NanoUsd(pub u64);

impl NanoUsd {
    /// In dollars, to show.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact up to nine million dollars")]
    pub fn as_usd(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl std::iter::Sum for NanoUsd {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        Self(costs.fold(0, |sum, cost| sum.saturating_add(cost.0)))
    }
}

/// Prices of one model, in nano-dollars a token.
#[derive(Clone, Copy, Debug)]
struct Price {
    model: &'static str,
    input: u64,
    cached: u64,
    output: u64,
}

const PRICES: [Price; 3] = [
    Price { model: "gpt-6.1-terra", input: 1000, cached: 50, output: 5000 },
    Price { model: "gpt-6-luna", input: 100, cached: 10, output: 500 },
    Price { model: offline::NAME, input: 0, cached: 0, output: 0 },
];

/// The cost of one answer; none when the model's price is not known.
#[must_use]
pub fn cost(model: &str, usage: Usage) -> Option<NanoUsd> {
    let price = PRICES.iter().find(|price| is_version_of(model, price.model))?;
    let prompt = u64::from(usage.prompt.0);
    let cached = usage.cached.map_or(0, |cached| u64::from(cached.0)).min(prompt);
    let factor = if usage.prompt.0 > LONG_PROMPT { 2 } else { 1 };
    let input = (prompt - cached) * price.input + cached * price.cached;
    Some(NanoUsd(input * factor + u64::from(usage.completion.0) * price.output))
}

/// The same in its parts: what was new of the prompt, what came from the cache, the answer.
#[must_use]
pub fn parts(model: &str, usage: Usage) -> Option<[NanoUsd; 3]> {
    let whole = cost(model, usage)?;
    let answer = cost(model, Usage { completion: usage.completion, ..Usage::default() })?;
    let cached = usage.cached.map_or(0, |cached| cached.0).min(usage.prompt.0);
    let new = Usage { prompt: usage.prompt.saturating_sub(souvenir_memory::TokenCount(cached)), ..Usage::default() };
    // A long prompt costs more as a whole, so that its parts are shares of the whole.
    let factor = if usage.prompt.0 > LONG_PROMPT && new.prompt.0 <= LONG_PROMPT { 2 } else { 1 };
    let new = NanoUsd(cost(model, new)?.0 * factor);
    Some([new, NanoUsd(whole.0.saturating_sub(new.0).saturating_sub(answer.0)), answer])
}

/// Endpoints name the version that answered: `gpt-6-luna-2026-09-30` is a `gpt-6-luna`.
fn is_version_of(model: &str, family: &str) -> bool {
    let Some(version) = model.strip_prefix(family) else { return false };
    version.is_empty() || version.strip_prefix('-').is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok())
}

#[cfg(test)]
mod tests {
    use souvenir_memory::TokenCount;

    use super::*;

    fn usage(prompt: u32, cached: Option<u32>, completion: u32) -> Usage {
        Usage { prompt: TokenCount(prompt), cached: cached.map(TokenCount), completion: TokenCount(completion) }
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
    fn a_very_long_prompt_costs_double() {
        let at = |prompt| cost("gpt-6-luna", usage(prompt, None, 100)).unwrap().0;
        assert_eq!(at(272_000), 272_000 * 100 + 50_000);
        assert_eq!(at(272_001), 2 * 272_001 * 100 + 50_000);
    }

    #[test]
    fn the_parts_of_a_cost_add_up_to_it() {
        for usage in [usage(7000, Some(6000), 200), usage(900, None, 3), usage(272_001, Some(1), 9)] {
            let parts = parts("gpt-6.1-terra", usage).unwrap();
            assert_eq!(parts.into_iter().sum::<NanoUsd>(), cost("gpt-6.1-terra", usage).unwrap());
        }
        assert_eq!(
            parts("gpt-6.1-terra", usage(7000, Some(6000), 200)).unwrap().map(|part| part.0),
            [1_000_000, 300_000, 1_000_000]
        );
        assert!(parts("small", usage(10, None, 10)).is_none());
    }

    #[test]
    fn an_unknown_model_has_an_unknown_cost_and_the_offline_one_none() {
        for unknown in ["small", "gpt-6-luna-mini", "gpt-6", ""] {
            assert_eq!(cost(unknown, usage(10, None, 10)), None, "{unknown}");
        }
        assert_eq!(cost("offline", usage(10, None, 10)), Some(NanoUsd(0)));
    }
}

//! Tokens: counts, the budget that divides a model's window, and the scale for tokenizers we do not have.
//!
//! Raw counts come from a [`TokenCounter`]. For a model with another tokenizer a raw count is multiplied by a
//! [`Scale`] learnt from what the provider reports ([`crate::calibration`]). Limits apply to scaled counts; the builder works in raw
//! counts against limits converted once by [`Scale::raw_limit`], so that no rounding can add up.

use std::{iter::Sum, ops};

use serde::{Deserialize, Serialize};

/// A number of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenCount(pub u32);

impl TokenCount {
    /// No tokens.
    pub const ZERO: Self = Self(0);

    /// As people read it: `4,812`.
    #[must_use]
    pub fn grouped(self) -> String {
        grouped(self.0.into())
    }

    /// `self − other`, or zero.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// A number with thousands separators: `4,812`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl ops::Add for TokenCount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl ops::AddAssign for TokenCount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for TokenCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::ZERO, ops::Add::add)
    }
}

impl std::fmt::Display for TokenCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A tokenizer's vocabulary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// gpt-4o to gpt-5, and our best guess for newer and unknown models.
    #[default]
    #[serde(rename = "o200k_base")]
    O200kBase,
    /// gpt-4 and gpt-3.5.
    #[serde(rename = "cl100k_base")]
    Cl100kBase,
}

impl Encoding {
    /// The name the provider gives it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::O200kBase => "o200k_base",
            Self::Cl100kBase => "cl100k_base",
        }
    }

    /// The encoding to count with for a model, by its name.
    #[must_use]
    pub fn of_model(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        let older = name.starts_with("gpt-3.5")
            || name == "gpt-4"
            || name.starts_with("gpt-4-")
            || name.starts_with("gpt-4-turbo");
        if older { Self::Cl100kBase } else { Self::O200kBase }
    }
}

/// Counts the tokens of a text exactly, in one encoding.
pub trait TokenCounter: Send + Sync {
    /// Which encoding it counts in.
    fn encoding(&self) -> Encoding;
    /// The tokens of `text` alone, without any message overhead.
    fn count(&self, text: &str) -> TokenCount;
    /// The tokens of `text`, whose lines have `lines` tokens when each is counted alone.
    ///
    /// A counter that never joins what the end of a line parts may give `lines` back, and spare itself the work.
    fn count_lines(&self, text: &str, lines: TokenCount) -> TokenCount {
        let _ = lines;
        self.count(text)
    }
    /// The tokens of `text` with `before` and `after` around it, where it has `tokens` alone.
    ///
    /// A counter that knows where texts part may count the ends of it only.
    fn count_within(&self, before: &str, text: &str, tokens: TokenCount, after: &str) -> TokenCount {
        let _ = tokens;
        self.count(&[before, text, after].concat())
    }
}

/// Tokens that each message costs beyond its text (role and delimiters); the provider's published figure.
pub const MESSAGE_OVERHEAD: TokenCount = TokenCount(3);
/// Tokens that a `name` field costs beyond its text.
pub const NAME_OVERHEAD: TokenCount = TokenCount(1);
/// Tokens that prime the answer, once a request.
pub const ANSWER_PRIMING: TokenCount = TokenCount(3);

/// Tokens of a picture of so many pixels: the larger of what the two published ways of counting come to.
///
/// Newer models take a picture in patches of 32 × 32 pixels, at most 1,536 of them. Older ones bring it within 2,048 × 2,048 and
/// its shorter side to 768 at most, and take 85 tokens and 170 for each square of 512 × 512 that it then touches. Which of the
/// two, or what else, a model goes by is seldom said.
#[must_use]
pub fn picture_tokens(width: u32, height: u32) -> TokenCount {
    const MOST_PATCHES: u64 = 1_536;
    let (width, height) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let patches = width.div_ceil(32).saturating_mul(height.div_ceil(32)).min(MOST_PATCHES);
    let (long, short) = (width.max(height), width.min(height));
    let within = |(long, short): (u64, u64), side: u64, most: u64| {
        if side > most { ((long * most).div_ceil(side), (short * most).div_ceil(side)) } else { (long, short) }
    };
    let (long, short) = within((long, short), long, 2_048);
    let (long, short) = within((long, short), short, 768);
    let squares = long.div_ceil(512) * short.div_ceil(512);
    TokenCount(u32::try_from(patches.max(85 + 170 * squares)).unwrap_or(u32::MAX))
}

/// What a raw count is multiplied by for a model whose tokenizer we do not have, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Scale(u32);

impl Scale {
    /// Counts are exact.
    pub const EXACT: Self = Self(1000);
    /// A model nothing is known about: 15 % on the safe side.
    pub const UNKNOWN_MODEL: Self = Self(1150);
    /// A learnt scale stays within these, whatever a provider reports.
    const RANGE: (u32, u32) = (500, 4000);

    /// A scale of so many thousandths, brought within half and four times.
    #[must_use]
    pub fn from_thousandths(thousandths: u32) -> Self {
        Self(thousandths.clamp(Self::RANGE.0, Self::RANGE.1))
    }

    /// The scale in thousandths: 1000 is exact.
    #[must_use]
    pub fn thousandths(self) -> u32 {
        self.0
    }

    /// The scale to start from with a model, before it has reported anything.
    #[must_use]
    pub fn initial(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        let known = ["gpt-", "o1", "o3", "o4", "chatgpt-", "offline"];
        if known.iter().any(|prefix| name.starts_with(prefix)) { Self::EXACT } else { Self::UNKNOWN_MODEL }
    }

    /// The scaled count: `raw × scale`, rounded up.
    #[must_use]
    pub fn apply(self, raw: TokenCount) -> TokenCount {
        let scaled = (u64::from(raw.0) * u64::from(self.0)).div_ceil(1000);
        TokenCount(u32::try_from(scaled).unwrap_or(u32::MAX))
    }

    /// The largest raw count whose scaled count is within `limit`.
    #[must_use]
    pub fn raw_limit(self, limit: TokenCount) -> TokenCount {
        let raw = u64::from(limit.0) * 1000 / u64::from(self.0);
        TokenCount(u32::try_from(raw).unwrap_or(u32::MAX))
    }

    /// The scale after a provider refused `raw` tokens because it counted `reported`: its word counts in full.
    #[must_use]
    pub fn exceeded(self, raw: TokenCount, reported: TokenCount) -> Self {
        self.max(Self::seen(raw, reported))
    }

    /// The scale that one report speaks for: never below exact.
    pub(crate) fn seen(raw: TokenCount, reported: TokenCount) -> Self {
        let thousandths = (u64::from(reported.0) * 1000).div_ceil(u64::from(raw.0.max(1)));
        Self::from_thousandths(u32::try_from(thousandths).unwrap_or(u32::MAX)).max(Self::EXACT)
    }
}

impl From<f64> for Scale {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a small positive range first"
    )]
    fn from(ratio: f64) -> Self {
        Self::from_thousandths((ratio * 1000.0).round().clamp(0.0, 10_000.0) as u32)
    }
}

impl From<Scale> for f64 {
    fn from(scale: Scale) -> Self {
        f64::from(scale.0) / 1000.0
    }
}

/// How one request's tokens are divided. All limits are scaled tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenBudget {
    /// The whole: prompt and answer.
    pub max_context_tokens: TokenCount,
    /// Kept for the answer.
    pub reserve_for_response: TokenCount,
}

impl Default for TokenBudget {
    fn default() -> Self {
        Self { max_context_tokens: TokenCount(8000), reserve_for_response: TokenCount(1000) }
    }
}

/// A budget that cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBudget {
    /// Too small to be of use.
    #[error("max_context_tokens is {0}: use at least {min}", min = TokenBudget::MIN_CONTEXT)]
    TooSmall(u32),
    /// Nothing would be left for the prompt.
    #[error("reserve_tokens is {reserve} of {max}: leave at least half of max_context_tokens for the prompt")]
    ReserveTooLarge {
        /// The reserve asked for.
        reserve: u32,
        /// The whole budget.
        max: u32,
    },
    /// No reserve at all.
    #[error("reserve_tokens is {0}: use at least 16, or the model has no room for an answer")]
    ReserveTooSmall(u32),
}

impl TokenBudget {
    /// The smallest budget accepted.
    pub const MIN_CONTEXT: u32 = 500;

    /// Checks the two numbers against each other.
    ///
    /// # Errors
    /// [`InvalidBudget`] with the field, the value and the remedy.
    pub fn new(max_context_tokens: u32, reserve_for_response: u32) -> Result<Self, InvalidBudget> {
        if max_context_tokens < Self::MIN_CONTEXT {
            return Err(InvalidBudget::TooSmall(max_context_tokens));
        }
        if reserve_for_response < 16 {
            return Err(InvalidBudget::ReserveTooSmall(reserve_for_response));
        }
        if reserve_for_response > max_context_tokens / 2 {
            return Err(InvalidBudget::ReserveTooLarge { reserve: reserve_for_response, max: max_context_tokens });
        }
        Ok(Self {
            max_context_tokens: TokenCount(max_context_tokens),
            reserve_for_response: TokenCount(reserve_for_response),
        })
    }

    fn share(self, percent: u32) -> TokenCount {
        let share = u64::from(self.max_context_tokens.0) * u64::from(percent) / 100;
        TokenCount(u32::try_from(share).unwrap_or(u32::MAX))
    }

    /// The system prompt's share, 25 %: shown, not enforced, since the prompt counts at its real size.
    #[must_use]
    pub fn system(self) -> TokenCount {
        self.share(25)
    }

    /// The cap of facts and summaries together, 10 %.
    #[must_use]
    pub fn memory(self) -> TokenCount {
        self.share(10)
    }

    /// The cap of recent messages before unspent room is given to them, 44 %.
    #[must_use]
    pub fn recent(self) -> TokenCount {
        self.share(44)
    }

    /// The current message's share, 5 %: shown, not enforced.
    #[must_use]
    pub fn current(self) -> TokenCount {
        self.share(5)
    }

    /// The reserve, 16 % or `reserve_for_response`, whichever is more: the answer, and slack for miscounting.
    #[must_use]
    pub fn reserve(self) -> TokenCount {
        self.share(16).max(self.reserve_for_response)
    }

    /// What optional parts of the prompt may fill up to.
    #[must_use]
    pub fn available(self) -> TokenCount {
        self.max_context_tokens.saturating_sub(self.reserve())
    }

    /// What the prompt may never exceed: the slack may be used by the current message, the answer's part not.
    #[must_use]
    pub fn hard_limit(self) -> TokenCount {
        self.max_context_tokens.saturating_sub(self.reserve_for_response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_those_of_the_design() {
        let budget = TokenBudget::default();
        let shares = [budget.system(), budget.memory(), budget.recent(), budget.current(), budget.reserve()];
        assert_eq!(shares.map(|s| s.0), [2000, 800, 3520, 400, 1280]);
        assert_eq!(budget.available(), TokenCount(6720));
        assert_eq!(budget.hard_limit(), TokenCount(7000));
    }

    #[test]
    fn a_raw_limit_is_the_largest_count_that_fits() {
        for thousandths in [500, 999, 1000, 1001, 1150, 3999] {
            let scale = Scale::from_thousandths(thousandths);
            for limit in [0, 1, 7, 800, 6720] {
                let raw = scale.raw_limit(TokenCount(limit));
                assert!(scale.apply(raw).0 <= limit);
                assert!(scale.apply(raw + TokenCount(1)).0 > limit);
            }
        }
    }

    #[test]
    fn a_refused_request_is_believed_in_full() {
        let scale = Scale::EXACT.exceeded(TokenCount(1000), TokenCount(1300));
        assert_eq!(scale.thousandths(), 1300);
        assert_eq!(scale.exceeded(TokenCount(1000), TokenCount(1100)), scale);
    }

    #[test]
    fn a_scale_survives_the_wire_to_the_last_thousandth() {
        for thousandths in 500..=4000 {
            let scale = Scale::from_thousandths(thousandths);
            assert_eq!(Scale::from(f64::from(scale)), scale);
        }
    }

    #[test]
    fn a_picture_counts_by_its_size_and_never_beyond_a_bound() {
        let count = |width, height| picture_tokens(width, height).0;
        // The published examples of squares: 1,024 × 1,024 is brought to 768 × 768, 2,048 × 4,096 to 768 × 1,536.
        assert_eq!((count(1_024, 1_024), count(512, 512), count(320, 240)), (1_024, 256, 255));
        assert_eq!((count(800, 600), count(1_280, 960), count(2_048, 4_096)), (765, 1_200, 1_536));
        assert_eq!((count(0, 0), count(u32::MAX, u32::MAX), count(u32::MAX, 1)), (255, 1_536, 1_536));
        assert_eq!(count(960, 1_280), count(1_280, 960));
    }

    #[test]
    fn encodings_follow_the_model_name() {
        assert_eq!(Encoding::of_model("gpt-4-0613"), Encoding::Cl100kBase);
        assert_eq!(Encoding::of_model("gpt-3.5-turbo"), Encoding::Cl100kBase);
        assert_eq!(Encoding::of_model("openai/gpt-4"), Encoding::Cl100kBase);
        assert_eq!(Encoding::of_model("gpt-4o"), Encoding::O200kBase);
        assert_eq!(Encoding::of_model("gpt-6.1-terra"), Encoding::O200kBase);
    }

    #[test]
    fn impossible_budgets_name_the_field_and_the_remedy() {
        assert!(TokenBudget::new(100, 50).unwrap_err().to_string().contains("max_context_tokens is 100"));
        assert!(TokenBudget::new(1000, 900).unwrap_err().to_string().contains("at least half"));
        assert!(TokenBudget::new(1000, 0).unwrap_err().to_string().contains("at least 16"));
    }
}

//! Budgets of a day: how far one is used up, and what may still be spent of it.
//!
//! # Strategy
//! A budget is a number of tokens, an amount of money, or both; whichever is nearer its end counts. What can wait stops
//! first: work in the background at [`NOTICE_PERCENT`], when the owner is told, what somebody asked of the memory a little
//! later, and answers to people last, when all of it is used. So a budget is spent on what people notice. What a request
//! takes is known only afterwards: the last one that is let through may go beyond the budget, by itself and no more.

use crate::money::NanoUsd;

/// From here on, in percent of a budget, the owner is told, and work in the background stops.
pub const NOTICE_PERCENT: u32 = 80;
/// From here on what people ask of the memory stops, too: the rest is for answers.
pub const ASKED_PERCENT: u32 = 90;
/// All of a budget.
pub const ALL_PERCENT: u32 = 100;

/// What money is to be spent on, what can wait the longest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spending {
    /// Work on memory that nobody waits for: consolidation, analysis and digests by schedule.
    Background,
    /// Work on memory that somebody asked for and waits for: a summary of the last days, an analysis by hand.
    Asked,
    /// An answer to a person.
    Reply,
}

impl Spending {
    /// All, what stops first before what stops last.
    pub const ALL: [Self; 3] = [Self::Background, Self::Asked, Self::Reply];

    /// The percentage of a budget at which it stops.
    #[must_use]
    pub const fn stops_at(self) -> u32 {
        match self {
            Self::Background => NOTICE_PERCENT,
            Self::Asked => ASKED_PERCENT,
            Self::Reply => ALL_PERCENT,
        }
    }
}

/// How much may be spent; zero stands for any amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Tokens of prompts and answers.
    pub tokens: u64,
    /// What they cost.
    pub cost: NanoUsd,
}

impl Limit {
    /// Whether there is any.
    #[must_use]
    pub fn is_set(self) -> bool {
        self != Self::default()
    }
}

/// What was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Tokens of prompts and answers.
    pub tokens: u64,
    /// What they cost, as far as prices are known.
    pub cost: NanoUsd,
}

/// Which part of a limit is nearer its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Its tokens.
    Tokens,
    /// Its money.
    Money,
}

/// How far a budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In percent, rounded down; may be more than a hundred.
    pub percent: u32,
    /// Of which part.
    pub measure: Measure,
}

impl Standing {
    /// How far a budget is used up; none where there is no limit.
    #[must_use]
    pub fn of(limit: Limit, spent: Amount) -> Option<Self> {
        let tokens = percent(spent.tokens, limit.tokens).map(|percent| Self { percent, measure: Measure::Tokens });
        let money = percent(spent.cost.0, limit.cost.0).map(|percent| Self { percent, measure: Measure::Money });
        match (tokens, money) {
            (Some(tokens), Some(money)) => Some(if money.percent >= tokens.percent { money } else { tokens }),
            (one, other) => one.or(other),
        }
    }

    /// Whether something may still be begun.
    #[must_use]
    pub fn allows(self, spending: Spending) -> bool {
        self.percent < spending.stops_at()
    }

    /// The threshold that has been passed, if any: the one to tell of.
    #[must_use]
    pub fn passed(self) -> Option<u32> {
        [ALL_PERCENT, NOTICE_PERCENT].into_iter().find(|threshold| self.percent >= *threshold)
    }
}

/// None without a limit.
fn percent(spent: u64, limit: u64) -> Option<u32> {
    let share = u128::from(spent) * 100 / u128::from((limit > 0).then_some(limit)?);
    Some(u32::try_from(share).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(limit: u64, spent: u64) -> Option<Standing> {
        let limit = Limit { tokens: limit, ..Limit::default() };
        Standing::of(limit, Amount { tokens: spent, cost: NanoUsd(7) })
    }

    #[test]
    fn what_can_wait_stops_first_and_answers_last() {
        let allowed = |spent| {
            let standing = tokens(1000, spent).unwrap();
            Spending::ALL.map(|spending| standing.allows(spending))
        };
        assert_eq!(allowed(799), [true, true, true]);
        assert_eq!(allowed(800), [false, true, true]);
        assert_eq!(allowed(900), [false, false, true]);
        assert_eq!(allowed(999), [false, false, true]);
        assert_eq!(allowed(1000), [false, false, false]);
    }

    #[test]
    fn the_part_nearer_its_end_counts() {
        let limit = Limit { tokens: 1000, cost: NanoUsd(500) };
        let standing = |tokens, cost| Standing::of(limit, Amount { tokens, cost: NanoUsd(cost) }).unwrap();
        assert_eq!(standing(100, 400), Standing { percent: 80, measure: Measure::Money });
        assert_eq!(standing(950, 400), Standing { percent: 95, measure: Measure::Tokens });
        assert_eq!(tokens(0, 1_000_000), None, "without a limit nothing stops");
    }

    #[test]
    fn the_highest_threshold_passed_is_told() {
        let passed = |spent| tokens(100, spent).unwrap().passed();
        assert_eq!([passed(79), passed(80), passed(99), passed(250)], [None, Some(80), Some(80), Some(100)]);
    }

    fn any_limit() -> impl Strategy<Value = Limit> {
        (0..2_000_000u64, 0..2_000_000_000u64).prop_map(|(tokens, cost)| Limit { tokens, cost: NanoUsd(cost) })
    }

    fn any_amount() -> impl Strategy<Value = Amount> {
        (any::<u64>(), any::<u64>()).prop_map(|(tokens, cost)| Amount { tokens, cost: NanoUsd(cost) })
    }

    proptest! {
        #[test]
        fn whatever_lets_background_work_through_lets_answers_through(limit in any_limit(), spent in any_amount()) {
            if let Some(standing) = Standing::of(limit, spent) {
                let allowed = Spending::ALL.map(|spending| standing.allows(spending));
                prop_assert!(allowed.is_sorted(), "{:?}", allowed);
            } else {
                prop_assert!(!limit.is_set());
            }
        }

        #[test]
        fn spending_more_never_allows_more(limit in any_limit(), spent in any_amount(), more in any_amount()) {
            let after = Amount {
                tokens: spent.tokens.saturating_add(more.tokens),
                cost: NanoUsd(spent.cost.0.saturating_add(more.cost.0)),
            };
            if let (Some(before), Some(after)) = (Standing::of(limit, spent), Standing::of(limit, after)) {
                prop_assert!(before.percent <= after.percent);
            }
        }

        #[test]
        fn answers_stop_exactly_when_a_part_of_the_limit_is_used_up(limit in any_limit(), spent in any_amount()) {
            let used_up = (limit.tokens > 0 && spent.tokens >= limit.tokens)
                || (limit.cost.0 > 0 && spent.cost >= limit.cost);
            let allows = Standing::of(limit, spent).is_none_or(|standing| standing.allows(Spending::Reply));
            prop_assert_eq!(allows, !used_up);
        }
    }
}

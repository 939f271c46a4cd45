//! What the owner should see to: models that are about to be switched off, counts that drift, budgets that end.
//!
//! Each notice says what is the matter and what to do about it. None makes a part of the process degraded: everything works
//! today. `/readyz`, the rail, the usage page and `souvenir check` tell the same.

use std::collections::{BTreeMap, BTreeSet};

use souvenir_memory::{Timestamp, TokenCount, calibration};

use super::{Engine, error::Result, spending::Budget};
use crate::{clock, llm::retirement};

/// Models are warned of for so many days before they are switched off: time to try another.
pub const WARNED_DAYS: i64 = 120;
/// So many of a model's last turns are looked at for drift.
pub const TURNS_LOOKED_AT: u32 = 20;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A model is or will be switched off.
    Retirement,
    /// Tokens are counted otherwise than the provider does.
    Drift,
    /// A budget of the day is used so far that something stops.
    Budget,
    /// A budget in money does not see all that is spent.
    Unpriced,
}

impl NoticeKind {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retirement => "retirement",
            Self::Drift => "drift",
            Self::Budget => "budget",
            Self::Unpriced => "unpriced",
        }
    }
}

/// Something that the owner should see to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// The same in few words, for the rail.
    pub short: String,
    /// What is the matter, as a sentence.
    pub told: String,
    /// What to do about it, as a sentence.
    pub remedy: String,
}

/// The notice of a model's end; none while that is far, or not known.
#[must_use]
pub fn retirement_notice(model: &str, announced: Option<&str>, now: Timestamp) -> Option<Notice> {
    let date = announced.or_else(|| retirement::shutdown_date(model))?;
    let days = clock::days_until(date, now).filter(|days| *days <= WARNED_DAYS)?;
    let (short, told) = match days {
        ..0 => (format!("{model} ended on {date}"), format!("{model} was switched off on {date}.")),
        0 => (format!("{model} ends today"), format!("{model} is switched off today, on {date}.")),
        1 => (format!("{model} ends tomorrow"), format!("{model} is switched off tomorrow, on {date}.")),
        _ => (format!("{model} ends on {date}"), format!("{model} is switched off on {date}, in {days} days.")),
    };
    let remedy = "Set another model: in the settings of the dashboard and of chats that have their own, or with \
                  SOUVENIR_CHAT_MODEL and SOUVENIR_MEMORY_MODEL. Test it there before."
        .to_owned();
    Some(Notice { kind: NoticeKind::Retirement, short, told, remedy })
}

/// The notices of models whose counts drift, from their last turns: model, predicted, reported.
#[must_use]
pub fn drift_notices(turns: &[(String, TokenCount, TokenCount)]) -> Vec<Notice> {
    let mut of_model: BTreeMap<&str, Vec<(TokenCount, TokenCount)>> = BTreeMap::new();
    for (model, predicted, reported) in turns {
        of_model.entry(model).or_default().push((*predicted, *reported));
    }
    let far = |turns: &[_]| calibration::drift_percent(turns).filter(|drift| calibration::is_far(*drift));
    of_model.into_iter().filter_map(|(model, turns)| Some(drift_notice(model, far(&turns)?, turns.len()))).collect()
}

fn drift_notice(model: &str, drift: f64, turns: usize) -> Notice {
    let how = if drift > 0.0 { "too few" } else { "too many" };
    let percent = drift.abs();
    let remedy = if drift > 0.0 {
        "The scale learns from each report and should close the gap within a few turns. If it stays, the endpoint adds tokens \
         of its own, such as a template: leave room by a larger reserve_tokens."
    } else {
        "Nothing is cut off, but contexts hold less than they could. An endpoint that counts fewer tokens than we do is never \
         taken at its word, so that a budget holds: raise max_context_tokens if you like."
    };
    Notice {
        kind: NoticeKind::Drift,
        short: format!("{model} counts {percent:.1} % off"),
        told: format!("Tokens of {model} are predicted {percent:.1} % {how}, in the middle of its last {turns} turns."),
        remedy: remedy.to_owned(),
    }
}

fn budget_notices(title: Option<&str>, budget: &Budget) -> Vec<Notice> {
    let whose = title.map_or_else(|| "of all chats".to_owned(), |title| format!("of “{title}”"));
    let percent = budget.standing.percent;
    let stopped = budget.stopped();
    let (used, ends) = (budget.told(), budget.ends_at());
    let nearly = budget.standing.passed().map(|_| Notice {
        kind: NoticeKind::Budget,
        short: format!("{percent} % of the day's budget"),
        told: format!(
            "{percent} % of today's budget {whose} is used: {used}. Paused until {ends}: {}.",
            stopped.join(", ")
        ),
        remedy: "Raise it in the settings to go on at once.".to_owned(),
    });
    let blind = (budget.limit.cost.0 > 0 && budget.unpriced > 0).then(|| Notice {
        kind: NoticeKind::Unpriced,
        short: "a model has no known price".to_owned(),
        told: format!(
            "Today's budget {whose} does not see all that is spent: {} answers or calls have no known price.",
            budget.unpriced
        ),
        remedy: "Give the price with SOUVENIR_PRICES, or set the budget in tokens.".to_owned(),
    });
    nearly.into_iter().chain(blind).collect()
}

impl Engine {
    /// What the owner should see to; nothing where no language model answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notices(&self) -> Result<Vec<Notice>> {
        if !self.has_language_model() {
            return Ok(Vec::new());
        }
        let mut notices = Vec::new();
        let announced: BTreeMap<String, String> = {
            let reported = self.inner.reported.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            reported.retiring.iter().cloned().collect()
        };
        for model in self.models_in_use().await? {
            notices.extend(retirement_notice(&model, announced.get(&model).map(String::as_str), self.now()));
        }
        notices.extend(drift_notices(&self.store().last_counts(TURNS_LOOKED_AT).await?));
        for (title, budget) in self.budgets_to_show().await? {
            notices.extend(budget_notices(title.as_deref(), &budget));
        }
        Ok(notices)
    }

    /// The models that any chat asks, for answers or for work on memory.
    pub(super) async fn models_in_use(&self) -> Result<BTreeSet<String>> {
        let of_all = self.settings_at(None, self.now()).await?;
        let mut models = BTreeSet::from([of_all.chat_model.value, of_all.memory_model.value]);
        models.extend(self.store().models_set().await?);
        Ok(models)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        clock::parse_rfc3339(&format!("{day}T09:30:00Z")).unwrap()
    }

    #[test]
    fn a_model_is_warned_of_well_before_its_end_and_after_it() {
        let told = |day| retirement_notice("gpt-5-mini", None, at(day)).map(|notice| notice.told);
        assert_eq!(told("2026-08-12"), None, "that is far");
        assert_eq!(told("2026-11-22").as_deref(), Some("gpt-5-mini is switched off on 2026-12-11, in 19 days."));
        assert_eq!(told("2026-12-10").as_deref(), Some("gpt-5-mini is switched off tomorrow, on 2026-12-11."));
        assert_eq!(told("2026-12-11").as_deref(), Some("gpt-5-mini is switched off today, on 2026-12-11."));
        assert_eq!(told("2027-01-02").as_deref(), Some("gpt-5-mini was switched off on 2026-12-11."));
        assert_eq!(retirement_notice("gpt-6-luna", None, at("2026-11-22")), None);
    }

    #[test]
    fn what_the_endpoint_announces_stands_over_the_table() {
        let notice = |announced| retirement_notice("gpt-5", Some(announced), at("2026-11-22"));
        assert_eq!(notice("2028-01-01"), None);
        assert!(notice("2026-11-30").unwrap().remedy.contains("SOUVENIR_CHAT_MODEL"));
    }

    #[test]
    fn drift_is_told_by_model_and_direction() {
        let turns = |model: &str, predicted| {
            std::iter::repeat_n((model.to_owned(), TokenCount(predicted), TokenCount(1000)), 6).collect::<Vec<_>>()
        };
        let all = [turns("far", 900), turns("near", 960), turns("over", 1_100)].concat();
        let told: Vec<_> = drift_notices(&all).into_iter().map(|notice| notice.told).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("far are predicted 10.0 % too few, in the middle of its last 6 turns"), "{told:?}");
        assert!(told[1].contains("over are predicted 10.0 % too many"), "{told:?}");
    }
}

//! What is said about `/goals`.

use souvenir_memory::{Fact, GoalState};

use super::facts;
use crate::telegram::{format::escape, language::Language};

/// So much of a goal stands in a list.
const IN_A_LIST: usize = 300;

/// How the date of a goal is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telegram) enum Due {
    /// It is to come.
    Ahead,
    /// It has passed, and the goal is still open.
    Overdue,
}

/// The head of the list: how many are open.
pub(in crate::telegram) fn title(language: Language, open: usize) -> String {
    let open = language.number(open as u64);
    match language {
        Language::English => format!("**Goals** · open: {open}"),
        Language::Russian => format!("**Цели** · открытых: {open}"),
        Language::French => format!("**Objectifs** · ouverts : {open}"),
    }
}

/// One line of the list.
pub(in crate::telegram) fn line(language: Language, number: usize, goal: &Fact, due: Option<(&str, Due)>) -> String {
    let mark = match goal.goal_state {
        Some(GoalState::Done) => "✅",
        Some(GoalState::Dropped) => "🚫",
        _ => "🎯",
    };
    let due = match (due, goal.goal_state) {
        (Some((date, Due::Overdue)), Some(GoalState::Open)) => match language {
            Language::English => format!(" — ⚠ was due {date}"),
            Language::Russian => format!(" — ⚠ срок прошёл {date}"),
            Language::French => format!(" — ⚠ échu le {date}"),
        },
        (Some((date, _)), Some(GoalState::Open)) => match language {
            Language::English => format!(" — due {date}"),
            Language::Russian => format!(" — до {date}"),
            Language::French => format!(" — pour le {date}"),
        },
        _ => String::new(),
    };
    let whole = match &goal.subject {
        Some(subject) => format!("{subject}: {}", goal.statement),
        None => goal.statement.clone(),
    };
    format!("**{number}.** {mark} {}{}", escape(&facts::shortened(&whole, IN_A_LIST)), escape(&due))
}

/// How a goal comes about.
pub(in crate::telegram) fn how(language: Language) -> &'static str {
    language.pick(
        "Set one with `/goals Learn to swim by 2027-06-30` (the date is optional), or just tell me what you want to finish: I \
         note it when the conversation ends.",
        "Поставьте цель так: `/goals Научиться плавать до 2027-06-30` (дата необязательна), или просто скажите, что хотите \
         закончить: я запишу, когда разговор завершится.",
        "Fixez-en un avec `/goals Apprendre à nager pour le 2027-06-30` (la date est facultative), ou dites-moi ce que vous \
         voulez terminer : je le note à la fin de la conversation.",
    )
}

/// When there are none.
pub(in crate::telegram) fn none(language: Language) -> String {
    let none = language.pick("**No goals.**", "**Целей нет.**", "**Aucun objectif.**");
    format!("{none} {}", how(language))
}

/// The buttons of a goal.
pub(in crate::telegram) fn button(language: Language, state: GoalState, number: usize) -> String {
    match state {
        GoalState::Done => format!("✅ {number} {}", language.pick("done", "готово", "fait")),
        GoalState::Dropped => format!("🚫 {number} {}", language.pick("drop", "отказаться", "abandonner")),
        GoalState::Open => format!("↩ {number} {}", language.pick("reopen", "открыть снова", "rouvrir")),
    }
}

/// After a goal's state was changed.
pub(in crate::telegram) fn set(language: Language, state: GoalState) -> String {
    let text = match state {
        GoalState::Done => language.pick("Done. Well done!", "Готово. Поздравляю!", "C'est fait. Bravo !"),
        GoalState::Dropped => language.pick("Dropped.", "Цель снята.", "Abandonné."),
        GoalState::Open => language.pick("Open again.", "Снова открыта.", "Rouvert."),
    };
    text.to_owned()
}

/// After a goal was set.
pub(in crate::telegram) fn added(language: Language, goal: &Fact, due: Option<&str>) -> String {
    let about = language.pick("A new goal:", "Новая цель:", "Nouvel objectif :");
    let due = due.map(|date| match language {
        Language::English => format!("\n\nDue {date}."),
        Language::Russian => format!("\n\nСрок: {date}."),
        Language::French => format!("\n\nÉchéance : {date}."),
    });
    format!("{about}\n\n> {}{}", facts::statement(goal), due.unwrap_or_default())
}

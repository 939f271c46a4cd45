//! `/goals`: what is to be reached and until when, with buttons that say how far it is; and a way to set one.

use jiff::tz::TimeZone;
use souvenir_memory::{
    Fact, FactId, FactKind, FactSource, FactStatus, GoalState, Timestamp,
    fact::{InvalidStatement, clean_statement},
};
use teloxide::types::InlineKeyboardMarkup;

use super::{
    Door,
    commands::Speaker,
    facts::page::{place, turning, undo_adding},
    language::Language,
    press::button,
    replies::{self, goals as texts, goals::Due, recorded},
    reply::Reply,
};
use crate::{
    clock, days,
    engine::{
        Engine, EngineError,
        facts::{FactDraft, FactItem, FactPatch, FactQuery},
        remember::Remembered,
    },
};

/// So many goals are on a page.
const ON_A_PAGE: usize = 5;
/// A goal that is done or dropped is listed for so long.
const LISTED_AFTERWARDS_MS: i64 = 30 * 86_400_000;

/// What stands after `/goals`, or what a button of it says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wish {
    List { page: usize },
    Set { goal: FactId, state: GoalState, page: usize },
    Add(String),
}

impl Wish {
    fn read(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            [] => Self::List { page: 1 },
            [page] if page.parse::<usize>().is_ok() => Self::List { page: page.parse().unwrap_or(1) },
            ["page", page] if page.parse::<usize>().is_ok() => Self::List { page: page.parse().unwrap_or(1) },
            [state, goal, page] => match (state.parse(), goal.parse(), page.parse()) {
                (Ok(state), Ok(goal), Ok(page)) => Self::Set { goal: FactId(goal), state, page },
                _ => Self::Add(text.to_owned()),
            },
            _ => Self::Add(text.to_owned()),
        }
    }

    fn data(&self) -> String {
        match self {
            Self::List { page } => format!("goals:page:{page}"),
            Self::Set { goal, state, page } => format!("goals:{state}:{goal}:{page}"),
            // No button: it is typed.
            Self::Add(_) => "goals".to_owned(),
        }
    }
}

/// Shows the goals of a chat, sets one, or says how far one is.
pub(super) async fn run(door: &Door, speaker: Speaker, wish: &str) -> Result<Reply, EngineError> {
    match Wish::read(wish) {
        Wish::List { page } => list(&door.engine, speaker, page).await,
        _ if !door.may_edit(speaker).await => Ok(Reply::alert(replies::only_administrators(speaker.language))),
        Wish::Set { goal, state, page } => set(&door.engine, speaker, goal, state, page).await,
        Wish::Add(text) => add(&door.engine, speaker, &text).await,
    }
}

/// Open goals, those due first before the others; then those done or dropped lately.
async fn listed(engine: &Engine, speaker: Speaker) -> Result<Vec<FactItem>, EngineError> {
    let query = FactQuery { kind: Some(FactKind::Goal), status: Some(FactStatus::Active), ..FactQuery::default() };
    let (now, mut goals) = (engine.now(), engine.facts(speaker.chat, query).await?);
    goals.retain(|item| {
        let lately = now.millis_since(item.fact.recorded_at) < LISTED_AFTERWARDS_MS;
        is_open(&item.fact) && item.fact.is_in_force(now) || !is_open(&item.fact) && lately
    });
    goals.sort_by_key(|item| {
        let due = item.fact.due_at.map_or(i64::MAX, |due| due.0);
        if is_open(&item.fact) { (false, due) } else { (true, -item.fact.recorded_at.0) }
    });
    Ok(goals)
}

fn is_open(goal: &Fact) -> bool {
    goal.goal_state == Some(GoalState::Open)
}

async fn list(engine: &Engine, speaker: Speaker, page: usize) -> Result<Reply, EngineError> {
    let language = speaker.language;
    let goals = listed(engine, speaker).await?;
    if goals.is_empty() {
        return Ok(Reply::text(texts::none(language)).instead());
    }
    let zone = engine.settings(Some(speaker.chat)).await?.zone();
    let (page, pages, shown) = place(goals.len(), page, ON_A_PAGE);
    let mut lines =
        vec![texts::title(language, goals.iter().filter(|item| is_open(&item.fact)).count()), String::new()];
    let mut rows = Vec::new();
    for (index, item) in shown.clone().zip(&goals[shown.clone()]) {
        let due = item.fact.due_at.map(|due| (clock::local(due, &zone, language.date_format()), due < engine.now()));
        let due = due.as_ref().map(|(date, over)| (date.as_str(), if *over { Due::Overdue } else { Due::Ahead }));
        lines.push(texts::line(language, index + 1, &item.fact, due));
        rows.push(buttons(language, index + 1, &item.fact, page));
    }
    lines.extend([String::new(), texts::how(language).to_owned()]);
    rows.extend(turning(page, pages, |page| Wish::List { page }.data()));
    let recorded = Some(recorded::goals(language, &shown, goals.len()));
    Ok(Reply { recorded, ..Reply::text(lines.join("\n")).with(InlineKeyboardMarkup::new(rows)).instead() })
}

fn buttons(language: Language, number: usize, goal: &Fact, page: usize) -> Vec<teloxide::types::InlineKeyboardButton> {
    let states: &[GoalState] = if is_open(goal) { &[GoalState::Done, GoalState::Dropped] } else { &[GoalState::Open] };
    let to = |state: &GoalState| {
        button(texts::button(language, *state, number), Wish::Set { goal: goal.id, state: *state, page }.data())
    };
    states.iter().map(to).collect()
}

/// Says how far a goal is; the way back is the other button.
async fn set(
    engine: &Engine,
    speaker: Speaker,
    goal: FactId,
    state: GoalState,
    page: usize,
) -> Result<Reply, EngineError> {
    let gone = || replies::facts::gone(speaker.language);
    let fact = match engine.fact(speaker.chat, goal).await {
        Ok(item) if item.fact.status == FactStatus::Active && item.fact.kind == FactKind::Goal => item.fact,
        Ok(_) | Err(EngineError::NoFact(_)) => return Ok(list(engine, speaker, page).await?.noticed(gone())),
        Err(error) => return Err(error),
    };
    // How far it is changes no word of it: it stays whose it was, if that is the owner's.
    let by = if fact.source == FactSource::Owner { FactSource::Owner } else { speaker.source() };
    let patch = FactPatch { goal_state: Some(state), ..FactPatch::default() };
    engine.edit_fact(speaker.chat, goal, patch, by).await?;
    Ok(list(engine, speaker, page).await?.noticed(texts::set(speaker.language, state)))
}

async fn add(engine: &Engine, speaker: Speaker, text: &str) -> Result<Reply, EngineError> {
    let language = speaker.language;
    let statement = match clean_statement(text) {
        Ok(statement) => statement,
        Err(InvalidStatement::Empty) => return Ok(Reply::text(texts::how(language).to_owned())),
        Err(InvalidStatement::TooLong(long)) => return Ok(Reply::text(replies::facts::unusable(language, long))),
    };
    let zone = engine.settings(Some(speaker.chat)).await?.zone();
    let due_at = due_in(&statement, engine.now(), &zone);
    let draft = FactDraft { statement, kind: Some(FactKind::Goal), due_at, ..FactDraft::default() };
    match engine.remember(speaker.chat, draft, speaker.source(), None).await? {
        Remembered::Known(_) => list(engine, speaker, 1).await,
        Remembered::New(item) => {
            let due = item.fact.due_at.map(|due| clock::local(due, &zone, language.date_format()));
            let added = Reply::text(texts::added(language, &item.fact, due.as_deref()));
            let recorded = Some(replies::remember::recorded(language));
            Ok(Reply { recorded, ..added.with(undo_adding(language, &item)) })
        }
    }
}

/// The last minute of the last day that a text names.
fn due_in(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let today = clock::local(now, zone, "%Y-%m-%d").parse().ok()?;
    let last = days::last_named(text, today)?.at(23, 59, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(Timestamp(last.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_reads_back_and_fits_whatever_the_numbers() {
        for state in GoalState::ALL {
            let wish = Wish::Set { goal: FactId(i64::MAX), state: *state, page: usize::MAX };
            let data = wish.data();
            assert!(data.len() <= 64, "{data}");
            let (_, arguments) = data.split_once(':').unwrap();
            assert_eq!(Wish::read(&arguments.replace(':', " ")), wish);
        }
        assert_eq!(Wish::read("page 2"), Wish::List { page: 2 });
        assert_eq!(Wish::read(""), Wish::List { page: 1 });
    }

    #[test]
    fn what_is_no_button_is_a_goal() {
        for text in ["Learn to swim", "done with sugar", "page turner", "Open a café"] {
            assert_eq!(Wish::read(text), Wish::Add(text.to_owned()));
        }
    }

    #[test]
    fn a_goal_is_due_on_the_last_day_it_names() {
        let due = |text: &str| {
            due_in(text, Timestamp(0), &TimeZone::UTC).map(|at| clock::local(at, &TimeZone::UTC, "%Y-%m-%d %H:%M"))
        };
        for text in
            ["Swim by 2027-06-30.", "Плавать до 30 июня 2027", "nager pour le 30/06/2027", "2026-01-01 to 30 June 2027"]
        {
            assert_eq!(due(text).as_deref(), Some("2027-06-30 23:59"), "{text}");
        }
        assert_eq!(due("Learn to swim"), None);
    }
}

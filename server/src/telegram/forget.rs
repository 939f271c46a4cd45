//! `/forget`: a message it replies to, or what a menu offers, for good. What would go is shown first, and only a button does
//! it, since it cannot be undone.
//!
//! A button says exactly what it forgets, by number or by time, and never "the last" anew: pressed late or twice, it takes
//! nothing else. In a group, members forget their own words, and the owner all.

use souvenir_memory::{MessageId, MessageKind, Timestamp, forgetting::ForgetReport};
use teloxide::types::InlineKeyboardMarkup;

use super::{
    Door,
    commands::Speaker,
    press::button,
    replies::{
        self,
        forget::{self as texts, Extent},
    },
    reply::Reply,
};
use crate::{
    clock,
    engine::{Engine, EngineError, forget::Forget, inspect::MessageQuery, spoken::Spoken},
};

const HOUR_MS: i64 = 3_600_000;
/// So far back the last words of a conversation are looked for among commands.
const LOOKED_THROUGH: u32 = 500;

/// What stands after `/forget`, or what a button of it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Show what can be forgotten, or what forgetting the replied message would take.
    Ask,
    /// Show what a choice would take.
    Preview(Extent),
    /// Do it.
    Do(Target),
    /// Do nothing.
    Cancel,
}

/// Exactly what a button forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Message(MessageId),
    /// The last exchange, as long as this is its last message.
    LastExchange(MessageId),
    /// All since then.
    Since(Extent, Timestamp),
    Everything,
}

impl Wish {
    fn read(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |text: &str| text.parse::<i64>().ok();
        let target = match words.as_slice() {
            ["last"] => return Self::Preview(Extent::LastExchange),
            ["hour"] => return Self::Preview(Extent::Hour),
            ["today"] => return Self::Preview(Extent::Today),
            ["all"] => return Self::Preview(Extent::Everything),
            ["cancel"] => return Self::Cancel,
            ["do", "message", id] => number(id).map(|id| Target::Message(MessageId(id))),
            ["do", "last", id] => number(id).map(|id| Target::LastExchange(MessageId(id))),
            ["do", "hour", at] => number(at).map(|at| Target::Since(Extent::Hour, Timestamp(at))),
            ["do", "today", at] => number(at).map(|at| Target::Since(Extent::Today, Timestamp(at))),
            ["do", "all"] => Some(Target::Everything),
            _ => None,
        };
        target.map_or(Self::Ask, Self::Do)
    }

    fn data(self) -> String {
        match self {
            Self::Ask => "forget".to_owned(),
            Self::Preview(extent) => format!("forget:{}", short(extent)),
            Self::Do(Target::Message(id)) => format!("forget:do:message:{id}"),
            Self::Do(Target::LastExchange(id)) => format!("forget:do:last:{id}"),
            Self::Do(Target::Since(extent, at)) => format!("forget:do:{}:{}", short(extent), at.0),
            Self::Do(Target::Everything) => "forget:do:all".to_owned(),
            Self::Cancel => "forget:cancel".to_owned(),
        }
    }
}

fn short(extent: Extent) -> &'static str {
    match extent {
        Extent::Message => "message",
        Extent::LastExchange => "last",
        Extent::Hour => "hour",
        Extent::Today => "today",
        Extent::Everything => "all",
    }
}

impl Target {
    fn extent(self) -> Extent {
        match self {
            Self::Message(_) => Extent::Message,
            Self::LastExchange(_) => Extent::LastExchange,
            Self::Since(extent, _) => extent,
            Self::Everything => Extent::Everything,
        }
    }

    fn what(self) -> Forget {
        match self {
            Self::Message(id) => Forget::Messages(vec![id]),
            Self::LastExchange(_) => Forget::LastTurn,
            Self::Since(_, at) => Forget::Since(at),
            Self::Everything => Forget::Everything,
        }
    }
}

/// Asks what to forget, shows what would go, or lets it go.
pub(super) async fn run(door: &Door, speaker: Speaker, wish: &str) -> Result<Reply, EngineError> {
    let engine = &door.engine;
    let done = match Wish::read(wish) {
        Wish::Ask => ask(engine, speaker).await,
        Wish::Cancel => Ok(Reply::text(texts::cancelled(speaker.language)).instead()),
        Wish::Preview(_) | Wish::Do(_) if !may_forget_all(speaker) && !names_a_message(wish) => {
            return Ok(Reply::alert(texts::only_own_words(speaker.language)));
        }
        Wish::Preview(extent) => choose(engine, speaker, extent).await.map(Reply::instead),
        Wish::Do(target) => carry_out(engine, speaker, target).await,
    };
    match done {
        Err(EngineError::NoMessage(_)) => Ok(Reply::text(texts::not_held(speaker.language)).instead()),
        done => done,
    }
}

fn names_a_message(wish: &str) -> bool {
    matches!(Wish::read(wish), Wish::Do(Target::Message(_)))
}

fn may_forget_all(speaker: Speaker) -> bool {
    speaker.private || speaker.is_owner
}

/// In reply to a message: what would go with it. Alone: the menu.
async fn ask(engine: &Engine, speaker: Speaker) -> Result<Reply, EngineError> {
    let language = speaker.language;
    let command = match speaker.message {
        Some(command) => Some(engine.spoken(speaker.chat, command).await?),
        None => None,
    };
    let Some(replied) = command.and_then(|command| command.reply_to) else {
        return Ok(if may_forget_all(speaker) { menu(speaker) } else { Reply::text(texts::only_own_words(language)) });
    };
    let Some(message) = engine.spoken_in_telegram(speaker.chat, replied).await? else {
        return Ok(Reply::text(texts::not_held(language)));
    };
    if !is_theirs(speaker, &message) {
        return Ok(Reply::alert(texts::only_own_words(language)));
    }
    // It stands as a reply to the message, so that nobody has to guess which is meant.
    Ok(Reply { answers: Some(replied), ..preview(engine, speaker, Target::Message(message.id)).await? })
}

fn is_theirs(speaker: Speaker, message: &Spoken) -> bool {
    may_forget_all(speaker) || message.author_id == Some(speaker.user)
}

fn menu(speaker: Speaker) -> Reply {
    let language = speaker.language;
    let offer = |extent| vec![button(texts::name(language, extent), Wish::Preview(extent).data())];
    let mut rows: Vec<_> = Extent::OFFERED.map(offer).to_vec();
    rows.push(vec![button(texts::cancel(language), Wish::Cancel.data())]);
    Reply::text(texts::menu(language)).with(InlineKeyboardMarkup::new(rows))
}

/// What a choice of the menu would take.
async fn choose(engine: &Engine, speaker: Speaker, extent: Extent) -> Result<Reply, EngineError> {
    let target = match extent {
        Extent::LastExchange | Extent::Message => match last_words(engine, speaker).await? {
            Some(last) => Target::LastExchange(last),
            None => return Ok(Reply::text(texts::nothing(speaker.language))),
        },
        Extent::Hour => Target::Since(extent, Timestamp(engine.now().0 - HOUR_MS)),
        Extent::Today => {
            let zone = engine.settings(Some(speaker.chat)).await?.zone();
            Target::Since(extent, clock::day_start(engine.now(), &zone))
        }
        Extent::Everything => Target::Everything,
    };
    preview(engine, speaker, target).await
}

/// The newest message of conversation.
async fn last_words(engine: &Engine, speaker: Speaker) -> Result<Option<MessageId>, EngineError> {
    let query = MessageQuery { limit: LOOKED_THROUGH, ..MessageQuery::default() };
    let newest = engine.messages(speaker.chat, query).await?.items;
    let said = |kind| matches!(kind, MessageKind::Text | MessageKind::Media);
    Ok(newest.into_iter().find(|message| said(message.kind)).map(|message| message.id))
}

/// What would go, with a button that lets it go.
async fn preview(engine: &Engine, speaker: Speaker, target: Target) -> Result<Reply, EngineError> {
    let language = speaker.language;
    let report = engine.forget_preview(speaker.chat, &target.what()).await?;
    if is_empty(&report) {
        return Ok(Reply::text(texts::nothing(language)));
    }
    let confirm = button(texts::confirm(language), Wish::Do(target).data());
    let cancel = button(texts::cancel(language), Wish::Cancel.data());
    let keyboard = InlineKeyboardMarkup::new([[confirm], [cancel]]);
    Ok(Reply::text(texts::preview(language, target.extent(), &report)).with(keyboard))
}

fn is_empty(report: &ForgetReport) -> bool {
    report.messages == 0 && report.facts == 0
}

/// Forgets, and tells what went.
async fn carry_out(engine: &Engine, speaker: Speaker, target: Target) -> Result<Reply, EngineError> {
    let language = speaker.language;
    match target {
        Target::Message(id) if !is_theirs(speaker, &engine.spoken(speaker.chat, id).await?) => {
            return Ok(Reply::alert(texts::only_own_words(language)));
        }
        Target::LastExchange(last) if last_words(engine, speaker).await? != Some(last) => {
            let now = choose(engine, speaker, Extent::LastExchange).await?;
            return Ok(now.instead().noticed(texts::moved_on(language)));
        }
        _ => {}
    }
    let report = engine.forget(speaker.chat, &target.what()).await?;
    let facts = vec![button(replies::buttons::back(language), "facts:page:1".to_owned())];
    let rows: Vec<_> = Some(facts).into_iter().filter(|_| !report.kept_by_hand.is_empty()).collect();
    Ok(Reply::text(texts::done(language, &report)).with(InlineKeyboardMarkup::new(rows)).instead())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_reads_back_and_fits_whatever_the_numbers() {
        let at = Timestamp(i64::MAX);
        let targets = [
            Target::Message(MessageId(i64::MAX)),
            Target::LastExchange(MessageId(i64::MAX)),
            Target::Since(Extent::Hour, at),
            Target::Since(Extent::Today, at),
            Target::Everything,
        ];
        let wishes = Extent::OFFERED.map(Wish::Preview).into_iter().chain(targets.map(Wish::Do)).chain([Wish::Cancel]);
        for wish in wishes {
            let data = wish.data();
            assert!(data.len() <= 64, "{data}");
            let (_, arguments) = data.split_once(':').unwrap();
            assert_eq!(Wish::read(&arguments.replace(':', " ")), wish);
        }
    }

    #[test]
    fn what_is_not_understood_forgets_nothing() {
        for text in ["", "everything", "do", "do message", "do message x", "do hour soon", "do all now", "all of it"] {
            assert_eq!(Wish::read(text), Wish::Ask, "{text}");
        }
    }
}

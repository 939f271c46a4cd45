//! The words a fact rests on: who said them, when, and where they stand.

use souvenir_memory::FactId;

use super::living;
use crate::{
    clock,
    engine::{Engine, EngineError, facts::EvidenceItem, spoken::Spoken},
    telegram::{
        commands::Speaker,
        replies::{facts as texts, quotes, recorded},
        reply::Reply,
    },
};

/// So many quotes are shown.
const MOST_QUOTES: usize = 3;
/// So much of each.
const MOST_OF_A_QUOTE: usize = 1_000;
/// Ids of supergroups begin below this, and links name what is beyond it.
const SUPERGROUPS: i64 = -1_000_000_000_000;

/// The quotes as a reply to the message they stand in: Telegram leads there when it is tapped.
pub(super) async fn show(engine: &Engine, speaker: Speaker, fact: FactId) -> Result<Reply, EngineError> {
    let item = living(engine, speaker, fact).await?;
    let mut found = Vec::new();
    for piece in distinct(&item.evidence) {
        // What was forgotten meanwhile is quoted no more.
        match engine.spoken(speaker.chat, piece.message).await {
            Ok(message) => found.push((piece, message)),
            Err(EngineError::NoMessage(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let Some((_, first)) = found.first() else {
        return Ok(Reply::alert(quotes::no_quote(speaker.language, item.fact.source)));
    };
    let answers = first.telegram_message_id;
    let zone = engine.settings(Some(speaker.chat)).await?.zone();
    let mut parts = vec![quotes::rests_on(speaker.language, &item.fact)];
    parts.extend(found.iter().map(|(piece, message)| {
        let when = clock::local(message.at, &zone, speaker.language.moment_format());
        let words = texts::shortened(&piece.quote, MOST_OF_A_QUOTE);
        quotes::quoted(speaker.language, &words, &who(speaker, message), &when, link(speaker, message).as_deref())
    }));
    let recorded = Some(recorded::words_of(speaker.language, fact));
    Ok(Reply { recorded, answers, ..Reply::text(parts.join("\n\n")) })
}

/// A whole message as a quote: its words, who said them and when, and where it stands.
pub(in crate::telegram) fn of_message(speaker: Speaker, message: &Spoken, when: &str) -> String {
    let words = texts::shortened(&message.text, MOST_OF_A_QUOTE);
    quotes::quoted(speaker.language, &words, &who(speaker, message), when, link(speaker, message).as_deref())
}

/// Each quote once, however many wordings rested on it.
fn distinct(evidence: &[EvidenceItem]) -> Vec<&EvidenceItem> {
    let mut seen: Vec<&EvidenceItem> = Vec::new();
    for piece in evidence {
        if !seen.iter().any(|known| known.message == piece.message && known.quote == piece.quote) {
            seen.push(piece);
        }
    }
    seen.truncate(MOST_QUOTES);
    seen
}

fn who(speaker: Speaker, message: &Spoken) -> String {
    let name = message.author.as_deref().unwrap_or("?");
    match &message.forwarded_from {
        Some(from) => quotes::forwarded(speaker.language, name, from),
        None => name.to_owned(),
    }
}

/// Where a message stands; only supergroups have such addresses.
fn link(speaker: Speaker, message: &Spoken) -> Option<String> {
    let group = SUPERGROUPS.checked_sub(speaker.telegram_chat).filter(|id| *id > 0)?;
    message.telegram_message_id.map(|id| format!("https://t.me/c/{group}/{id}"))
}

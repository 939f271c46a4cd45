//! What is said of the words that a fact rests on.

use souvenir_memory::{Fact, FactSource};

use super::facts::{IN_A_LIST, plain, shortened};
use crate::telegram::{format::escape, language::Language};

/// Above the words a fact rests on.
pub(in crate::telegram) fn rests_on(language: Language, fact: &Fact) -> String {
    let about = language.pick("rests on these words:", "держится на этих словах:", "repose sur ces mots :");
    format!("“{}” {about}", escape(&shortened(&plain(fact), IN_A_LIST)))
}

/// One quote: the words, who said them and when, and where they stand if there is a link.
pub(in crate::telegram) fn quoted(
    language: Language,
    words: &str,
    who: &str,
    when: &str,
    link: Option<&str>,
) -> String {
    let open = language.pick("open the message", "открыть сообщение", "ouvrir le message");
    let link = link.map(|link| format!(" · [{open}]({link})")).unwrap_or_default();
    format!("> {}\n\n— {}, {when}{link}", escape(words), escape(who))
}

/// Who said something that came from somebody else.
pub(in crate::telegram) fn forwarded(language: Language, who: &str, from: &str) -> String {
    match language {
        Language::English => format!("{who} (forwarded from {from})"),
        Language::Russian => format!("{who} (переслано от {from})"),
        Language::French => format!("{who} (transféré de {from})"),
    }
}

/// Why there are no words to show.
pub(in crate::telegram) fn no_quote(language: Language, source: FactSource) -> String {
    let text = match source {
        FactSource::Owner => language.pick(
            "The owner wrote it; there is no quote.",
            "Это написал владелец; цитаты нет.",
            "Le propriétaire l'a écrit ; il n'y a pas de citation.",
        ),
        FactSource::Chatter => language.pick(
            "It was told me by command; there is no quote.",
            "Мне сказали это командой; цитаты нет.",
            "On me l'a dit par commande ; il n'y a pas de citation.",
        ),
        FactSource::Extracted | FactSource::Imported => {
            language.pick("Its quote is gone.", "Цитаты больше нет.", "Sa citation n'existe plus.")
        }
    };
    text.to_owned()
}

//! What is said about `/context`.

use souvenir_memory::manifest::{Reason, Section};

use crate::telegram::language::Language;

/// The head: what the next message would be answered with.
pub(in crate::telegram) fn title(language: Language, used: u32, window: u32) -> String {
    let (used, window) = (language.number(u64::from(used)), language.number(u64::from(window)));
    match language {
        Language::English => format!("**What I would see with your next message**: {used} of {window} tokens"),
        Language::Russian => format!("**Что я увижу со следующим сообщением**: {used} из {window} токенов"),
        Language::French => format!("**Ce que je verrais avec votre prochain message** : {used} tokens sur {window}"),
    }
}

/// A section's name in the table: short.
pub(in crate::telegram) fn section(language: Language, section: Section) -> &'static str {
    match section {
        Section::System => language.pick("system", "система", "système"),
        Section::Facts => language.pick("facts", "факты", "faits"),
        Section::Summaries => language.pick("summaries", "сводки", "résumés"),
        Section::Recent => language.pick("recent", "недавнее", "récents"),
        Section::Recalled => language.pick("recalled", "найдено", "retrouvés"),
        Section::Current => language.pick("current", "текущее", "actuel"),
    }
}

/// Kept free for the answer.
pub(in crate::telegram) fn reserve(language: Language) -> &'static str {
    language.pick("answer", "на ответ", "réponse")
}

/// Nobody uses it.
pub(in crate::telegram) fn free(language: Language) -> &'static str {
    language.pick("free", "свободно", "libre")
}

/// How long messages stay in short-term memory.
pub(in crate::telegram) fn session(language: Language, duration: &str) -> String {
    match language {
        Language::English => format!("Session duration: {duration} (/session changes it)."),
        Language::Russian => format!("Длительность сессии: {duration} (меняется через /session)."),
        Language::French => format!("Durée de session : {duration} (/session la change)."),
    }
}

/// How many messages it would not hold word for word.
pub(in crate::telegram) fn left_out(language: Language, messages: u64) -> String {
    let messages = language.number(messages);
    match language {
        Language::English => format!("Messages not read word for word: {messages}"),
        Language::Russian => format!("Сообщений не читаю дословно: {messages}"),
        Language::French => format!("Messages non lus mot pour mot : {messages}"),
    }
}

/// When all of it is there.
pub(in crate::telegram) fn all_in(language: Language) -> &'static str {
    language.pick(
        "Every message of this chat would be read word for word.",
        "Все сообщения этого чата будут прочитаны дословно.",
        "Tous les messages de ce chat seraient lus mot pour mot.",
    )
}

/// That what is left out can still be found.
pub(in crate::telegram) fn findable(language: Language) -> &'static str {
    language.pick(
        "Those that match your message are looked up and added, as far as there is room.",
        "Подходящие к вашему сообщению я найду и добавлю, насколько хватит места.",
        "Ceux qui correspondent à votre message sont retrouvés et ajoutés, selon la place.",
    )
}

/// Why messages are left out.
pub(in crate::telegram) fn reason(language: Language, reason: &Reason) -> &'static str {
    match reason {
        Reason::OlderThanSession { .. } => {
            language.pick("older than the session", "старше сессии", "plus anciens que la session")
        }
        Reason::BeforeReset => {
            language.pick("before a reset", "до начала разговора заново", "d'avant une remise à zéro")
        }
        Reason::Archived => language.pick("put away", "убраны", "archivés"),
        Reason::NotConversation => language.pick("commands", "команды", "commandes"),
        Reason::NoRoom { .. } | Reason::Trimmed => language.pick("no room", "нет места", "pas de place"),
        Reason::RankedLower { .. } => {
            language.pick("others match better", "другие подходят лучше", "d'autres correspondent mieux")
        }
        Reason::Pending => language.pick("not accepted yet", "ещё не приняты", "pas encore acceptés"),
        Reason::NotInForce => language.pick("no longer true", "больше не верны", "plus valables"),
    }
}

/// How many facts it would not hold.
pub(in crate::telegram) fn facts_left_out(language: Language, facts: u64) -> String {
    let facts = language.number(facts);
    match language {
        Language::English => format!("Facts left out: {facts}"),
        Language::Russian => format!("Фактов не вошло: {facts}"),
        Language::French => format!("Faits laissés de côté : {facts}"),
    }
}

/// Where the owner sees more.
pub(in crate::telegram) fn more(language: Language, link: &str) -> String {
    let about = language.pick("All of it, item by item:", "Всё по пунктам:", "Le détail, élément par élément :");
    format!("{about} <{link}>")
}

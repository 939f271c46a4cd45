//! Everything the offline model says of its own, in three languages.

use souvenir_memory::months;

use crate::language::Language;

/// The words of one language.
#[derive(Debug)]
pub(super) struct Texts {
    /// Who answers here, why it is so limited, and the remedy.
    pub(super) introduction: &'static str,
    pub(super) greeting: &'static str,
    pub(super) thanks: &'static str,
    /// Before quotes that answer a question.
    pub(super) found: &'static str,
    /// When there is nothing to quote.
    pub(super) nothing: &'static str,
    /// After a statement.
    pub(super) noted: &'static str,
    /// Before quotes that have to do with a statement.
    pub(super) related: &'static str,
    /// Before all facts.
    pub(super) facts: &'static str,
    /// When there are no facts, and where they come from.
    pub(super) no_facts: &'static str,
    /// Before summaries.
    pub(super) summaries: &'static str,
    /// Before recent messages.
    pub(super) lately: &'static str,
    /// Stands around words that someone said.
    pub(super) quotes: (&'static str, &'static str),
    /// January to December as they stand in a date.
    pub(super) months: [&'static str; 12],
}

/// The words of a language.
pub(super) fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Russian => &RUSSIAN,
        Language::French => &FRENCH,
    }
}

/// Whether an answer is of this model: only that there is nothing, or what people said once more.
pub(super) fn are_in(answer: &str) -> bool {
    [&ENGLISH, &RUSSIAN, &FRENCH].iter().any(|texts| {
        [texts.nothing, texts.found, texts.noted, texts.facts, texts.summaries, texts.lately]
            .iter()
            .any(|said| answer.contains(said.trim()))
    })
}

const ENGLISH: Texts = Texts {
    introduction: "I am Souvenir. No language model is configured, so I answer from the memory of this chat alone: I keep \
                   every message word for word, and quote what fits. For real conversation set OPENAI_API_KEY, or \
                   OPENAI_BASE_URL for any OpenAI-compatible server, and start me again.",
    greeting: "Hello! Tell me something to keep, or ask me about something you told me.",
    thanks: "You are welcome.",
    found: "This is what I have on that:",
    nothing: "I find nothing about that in what I remember of this chat.",
    noted: "Noted. I keep it word for word.",
    related: "It goes with what I have already:",
    facts: "These facts are remembered about this chat:",
    no_facts: "No facts are remembered about this chat yet. They are found once a conversation ends, and can be added on the dashboard.",
    summaries: "Of earlier conversations:",
    lately: "Lately you told me:",
    quotes: ("“", "”"),
    months: months::ENGLISH,
};

const RUSSIAN: Texts = Texts {
    introduction: "Я Souvenir. Языковая модель не настроена, поэтому я отвечаю только по памяти этого чата: храню каждое \
                   сообщение слово в слово и цитирую подходящее. Для настоящей беседы задайте OPENAI_API_KEY или \
                   OPENAI_BASE_URL (подойдёт любой сервер, совместимый с OpenAI) и перезапустите меня.",
    greeting: "Здравствуйте! Расскажите, что запомнить, или спросите о том, что уже рассказывали.",
    thanks: "Пожалуйста.",
    found: "Вот что у меня об этом есть:",
    nothing: "В памяти этого чата я ничего об этом не нахожу.",
    noted: "Записано, слово в слово.",
    related: "С этим связано то, что уже есть:",
    facts: "Вот факты, которые я помню об этом чате:",
    no_facts: "Фактов об этом чате в памяти пока нет. Они находятся, когда разговор окончен, и их можно добавить на панели управления.",
    summaries: "Из прежних разговоров:",
    lately: "Недавно вы писали:",
    quotes: ("«", "»"),
    months: months::RUSSIAN,
};

const FRENCH: Texts = Texts {
    introduction: "Je suis Souvenir. Aucun modèle de langage n’est configuré : je réponds seulement avec la mémoire de cette \
                   conversation. Je garde chaque message mot pour mot, et je cite ce qui convient. Pour une vraie \
                   conversation, définissez OPENAI_API_KEY, ou OPENAI_BASE_URL pour tout serveur compatible avec OpenAI, \
                   puis relancez-moi.",
    greeting: "Bonjour ! Dites-moi quelque chose à retenir, ou interrogez-moi sur ce que vous m’avez déjà dit.",
    thanks: "Je vous en prie.",
    found: "Voici ce que j’ai à ce sujet :",
    nothing: "Je ne trouve rien à ce sujet dans la mémoire de cette conversation.",
    noted: "C’est noté, mot pour mot.",
    related: "Cela va avec ce que j’ai déjà :",
    facts: "Voici les faits retenus pour cette conversation :",
    no_facts: "Aucun fait n’est encore retenu pour cette conversation. On en trouve quand un échange est terminé, et on peut en ajouter sur le tableau de bord.",
    summaries: "De conversations précédentes :",
    lately: "Vous m’avez dit récemment :",
    quotes: ("« ", " »"),
    months: months::FRENCH,
};

impl Texts {
    /// A date of the context, with its month in this language: `22 November 2026, 14:18` is `22 ноября 2026, 14:18`.
    pub(super) fn date(&self, said: &str) -> String {
        let known = months::ENGLISH.iter().zip(self.months).find(|(english, _)| said.contains(*english));
        known.map_or_else(|| said.to_owned(), |(english, own)| said.replace(english, own))
    }

    /// Words that someone said, in quotation marks, on one line.
    pub(super) fn quoted(&self, text: &str) -> String {
        let (open, close) = self.quotes;
        format!("{open}{}{close}", text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

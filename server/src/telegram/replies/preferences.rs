//! What is said about `/settings`.

use crate::{
    engine::settings::{GroupAnswers, Settings, Switch},
    telegram::{format::escape, language::Language},
};

/// The settings in force.
pub(in crate::telegram) fn settings(language: Language, settings: &Settings, private: bool) -> String {
    let title =
        language.pick("**Settings of this chat**", "**Настройки этого чата**", "**Réglages de cette discussion**");
    let colon = if language == Language::French { " :" } else { ":" };
    let line = |name: &str, value: &str| format!("{name}{colon} {}", escape(value));
    let session = language.duration(settings.session_duration.value);
    let mut lines = vec![
        title.to_owned(),
        line(language.pick("Session", "Сессия", "Session"), &session),
        line(language.pick("Model", "Модель", "Modèle"), &settings.chat_model.value),
        line(
            language.pick("Tokens in a request", "Токенов в запросе", "Jetons par requête"),
            &language.number(u64::from(settings.max_context_tokens.value)),
        ),
        line(language.pick("Time zone", "Часовой пояс", "Fuseau horaire"), &settings.time_zone.value),
        line(
            language.pick(
                "The model may search what was said",
                "Модель может искать в сказанном",
                "Le modèle peut chercher dans ce qui a été dit",
            ),
            yes_or_no(language, settings.search_memory.value),
        ),
    ];
    let remind = language.pick("Reminders of goals", "Напоминания о целях", "Rappels des objectifs");
    let when = match settings.reminders.value {
        Switch::Off => language.pick("none", "нет", "aucun"),
        on => remind_button(language, on),
    };
    lines.push(line(remind, when));
    if !private {
        let answers = language.pick("I answer", "Я отвечаю", "Je réponds");
        lines.push(line(answers, group_button(language, settings.group_answers.value)));
    }
    lines.join("\n")
}

/// After a change.
pub(in crate::telegram) fn changed(language: Language) -> String {
    language.pick("Changed.", "Изменено.", "C'est modifié.").to_owned()
}

/// The button that leads to the session durations.
pub(in crate::telegram) fn session_button(language: Language) -> &'static str {
    language.pick("⏱ Session duration", "⏱ Длительность сессии", "⏱ Durée de session")
}

/// A choice of what to answer in groups.
pub(in crate::telegram) fn group_button(language: Language, choice: GroupAnswers) -> &'static str {
    match choice {
        GroupAnswers::Mentions => language.pick("when mentioned", "по упоминанию", "si l'on me nomme"),
        GroupAnswers::Always => language.pick("always", "всегда", "toujours"),
    }
}

fn yes_or_no(language: Language, choice: Switch) -> &'static str {
    match choice {
        Switch::Off => language.pick("no", "нет", "non"),
        Switch::On => language.pick("yes", "да", "oui"),
    }
}

/// Whether the chat is reminded of goals.
pub(in crate::telegram) fn remind_button(language: Language, choice: Switch) -> &'static str {
    match choice {
        Switch::Off => language.pick("no reminders", "не напоминать", "aucun rappel"),
        Switch::On => language.pick("on the day they are due", "в день срока", "le jour dit"),
    }
}

/// Whether the model may search.
pub(in crate::telegram) fn search_button(language: Language, choice: Switch) -> &'static str {
    match choice {
        Switch::Off => language.pick("search off", "поиск: нет", "recherche : non"),
        Switch::On => language.pick("search on", "поиск: да", "recherche : oui"),
    }
}

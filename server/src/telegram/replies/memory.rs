//! What is said about `/memory`.

use crate::telegram::{holdings::Holdings, language::Language};

/// To `/memory`.
pub(in crate::telegram) fn memory(language: Language, held: &Holdings, is_owner: bool) -> String {
    let n = |number| language.number(number);
    let line = |name: &str, messages: u64, tokens: u64| match language {
        Language::English => format!("{name}: messages {}, tokens {}", n(messages), n(tokens)),
        Language::Russian => format!("{name}: сообщений {}, токенов {}", n(messages), n(tokens)),
        Language::French => format!("{name} : messages {}, tokens {}", n(messages), n(tokens)),
    };
    let title = language.pick(
        "**What I hold of this chat**",
        "**Что я помню об этом чате**",
        "**Ce que je retiens de ce chat**",
    );
    let short = format!(
        "{} ({})",
        language.pick("Short-term", "Краткосрочная", "Mémoire vive"),
        language.duration(held.session)
    );
    let mut lines = vec![
        title.to_owned(),
        line(&short, held.short_term.messages, held.short_term.tokens),
        line(language.pick("Mid-term", "Среднесрочная", "Moyen terme"), held.mid_term.messages, held.mid_term.tokens),
        line(
            language.pick("Whole history", "Вся история", "Tout l'historique"),
            held.whole.messages,
            held.whole.tokens,
        ),
        line(language.pick("Archived", "В архиве", "Archivés"), held.archived.messages, held.archived.tokens),
        String::new(),
    ];
    lines.push(match language {
        Language::English => format!("Facts: {}, open goals: {}", n(held.facts), n(held.open_goals)),
        Language::Russian => format!("Факты: {}, открытые цели: {}", n(held.facts), n(held.open_goals)),
        Language::French => format!("Faits : {}, objectifs ouverts : {}", n(held.facts), n(held.open_goals)),
    });
    lines.push(match language {
        Language::English => format!("Next context: {} of {} tokens", n(held.next_context), n(held.available)),
        Language::Russian => format!("Следующий контекст: {} из {} токенов", n(held.next_context), n(held.available)),
        Language::French => format!("Prochain contexte : {} tokens sur {}", n(held.next_context), n(held.available)),
    });
    if is_owner {
        lines.push(
            language
                .pick("/dashboard shows all of it.", "/dashboard показывает всё это.", "/dashboard montre tout.")
                .to_owned(),
        );
    }
    lines.join("\n")
}

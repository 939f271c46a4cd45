//! What is said about `/session`.

use souvenir_memory::SessionDuration;

use crate::telegram::{format::escape, language::Language};

/// Above the buttons of `/session`.
pub(in crate::telegram) fn session_choice(language: Language, current: SessionDuration) -> String {
    let current = language.duration(current);
    match language {
        Language::English => {
            format!(
                "A message stays in short-term memory for **{current}**. Choose how long, or send /session with minutes."
            )
        }
        Language::Russian => {
            format!(
                "Сообщение остаётся в краткосрочной памяти **{current}**. Выберите срок или пришлите /session с минутами."
            )
        }
        Language::French => {
            format!(
                "Un message reste en mémoire vive pendant **{current}**. Choisissez la durée, ou envoyez /session avec des minutes."
            )
        }
    }
}

/// The label of a button of `/session`.
pub(in crate::telegram) fn session_button(language: Language, duration: SessionDuration, is_current: bool) -> String {
    let name = match duration {
        SessionDuration::Short => language.pick("Short", "Короткая", "Courte"),
        SessionDuration::Medium => language.pick("Medium", "Средняя", "Moyenne"),
        SessionDuration::Long => language.pick("Long", "Долгая", "Longue"),
        SessionDuration::Custom(_) => language.pick("Custom", "Своя", "Libre"),
    };
    let mark = if is_current { "✓ " } else { "" };
    format!("{mark}{name} · {}", language.duration(duration))
}

/// After the duration has been changed, by button or by minutes.
pub(in crate::telegram) fn session_set(language: Language, duration: SessionDuration) -> String {
    let duration = language.duration(duration);
    match language {
        Language::English => format!("Messages now stay in short-term memory for {duration}."),
        Language::Russian => format!("Теперь сообщения остаются в краткосрочной памяти {duration}."),
        Language::French => format!("Les messages restent désormais en mémoire vive pendant {duration}."),
    }
}

/// To a duration that cannot be.
pub(in crate::telegram) fn session_invalid(language: Language, wanted: &str) -> String {
    let wanted: String = escape(&wanted.chars().take(40).collect::<String>());
    match language {
        Language::English => {
            format!("“{wanted}” is no duration: use short, medium, long, or minutes from 15 to 10080 (7 days).")
        }
        Language::Russian => {
            format!("«{wanted}» — не срок: подойдёт short, medium, long или минуты от 15 до 10080 (7 дней).")
        }
        Language::French => {
            format!(
                "« {wanted} » n'est pas une durée : utilisez short, medium, long, ou des minutes de 15 à 10080 (7 jours)."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telegram::format;

    #[test]
    fn a_wrong_duration_is_shown_as_it_was_written() {
        let told = format::plain(&session_invalid(Language::English, "<b>*soon*_"));
        assert!(told.starts_with("“<b>*soon*_” is no duration"), "{told}");
    }
}

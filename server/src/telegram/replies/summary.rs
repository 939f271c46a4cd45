//! What is said about `/summary`.

use crate::telegram::{format::escape, language::Language};

/// So many lost things are named.
const NAMED: usize = 12;

/// To a number of days that cannot be.
pub(in crate::telegram) fn invalid(language: Language, wanted: &str, most: u32) -> String {
    let wanted = escape(&wanted.chars().take(40).collect::<String>());
    match language {
        Language::English => format!("“{wanted}” is no number of days: use 1 to {most}, such as `/summary 7`."),
        Language::Russian => format!("«{wanted}» — не число дней: подойдёт от 1 до {most}, например `/summary 7`."),
        Language::French => {
            format!("« {wanted} » n'est pas un nombre de jours : de 1 à {most}, par exemple `/summary 7`.")
        }
    }
}

/// While it is being made, when that takes a while.
pub(in crate::telegram) fn being_made(language: Language, days: u32) -> String {
    match language {
        Language::English => {
            format!("I am summing up the last days ({days}). It can take a few minutes; write on meanwhile.")
        }
        Language::Russian => {
            format!("Подвожу итог последних дней ({days}). Это может занять несколько минут; пишите пока дальше.")
        }
        Language::French => {
            format!("Je résume les derniers jours ({days}). Cela peut prendre quelques minutes ; continuez d'écrire.")
        }
    }
}

/// When nothing was said in those days.
pub(in crate::telegram) fn nothing(language: Language, days: u32) -> String {
    match language {
        Language::English => format!("There is nothing to sum up: days looked at {days}, messages 0."),
        Language::Russian => format!("Подводить нечего: дней просмотрено {days}, сообщений 0."),
        Language::French => format!("Rien à résumer : jours examinés {days}, messages 0."),
    }
}

/// What a summary covers.
#[derive(Clone, Copy, Debug)]
pub(in crate::telegram) struct Covered<'a> {
    pub(in crate::telegram) days: u32,
    pub(in crate::telegram) messages: u32,
    pub(in crate::telegram) tokens_before: u32,
    pub(in crate::telegram) tokens_after: u32,
    pub(in crate::telegram) lost: &'a [String],
}

/// The summary, with what it covers and what it left out.
pub(in crate::telegram) fn made(language: Language, text: &str, covered: Covered<'_>) -> String {
    let n = |number: u32| language.number(u64::from(number));
    let (messages, before, after) = (n(covered.messages), n(covered.tokens_before), n(covered.tokens_after));
    let days = covered.days;
    let (title, size) = match language {
        Language::English => (
            format!("**The last days ({days}), summed up**"),
            format!("Messages {messages}; tokens {before} → {after}."),
        ),
        Language::Russian => {
            (format!("**Итог последних дней ({days})**"), format!("Сообщений {messages}; токенов {before} → {after}."))
        }
        Language::French => (
            format!("**Résumé des derniers jours ({days})**"),
            format!("Messages {messages} ; tokens {before} → {after}."),
        ),
    };
    let paragraphs: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(escape).collect();
    let lost = lost(language, covered.lost).map(|lost| format!(" {lost}")).unwrap_or_default();
    format!("{title}\n\n{}\n\n{size}{lost}", paragraphs.join("\n\n"))
}

/// Names, numbers, dates and links that it does not mention.
fn lost(language: Language, lost: &[String]) -> Option<String> {
    if lost.is_empty() {
        return None;
    }
    let named: Vec<String> = lost.iter().take(NAMED).map(|thing| escape(thing)).collect();
    let more = if lost.len() > NAMED { format!(", … (+{})", lost.len() - NAMED) } else { String::new() };
    let about = language.pick("Not in it:", "Не вошло:", "N'y figurent pas :");
    Some(format!("{about} {}{more}", named.join(", ")))
}

/// What is stored of it: the text stands among the summaries.
pub(in crate::telegram) fn recorded(language: Language, days: u32) -> String {
    match language {
        Language::English => format!("(a summary of the last days was shown: {days})"),
        Language::Russian => format!("(показан итог последних дней: {days})"),
        Language::French => format!("(un résumé des derniers jours a été montré : {days})"),
    }
}

/// When the memory model gave none.
pub(in crate::telegram) fn failed(language: Language, why: &str) -> String {
    let why = escape(why);
    match language {
        Language::English => format!("The model gave no summary: {why}. Nothing is lost; try /summary again later."),
        Language::Russian => format!("Модель не дала итога: {why}. Ничего не потеряно; повторите /summary позже."),
        Language::French => {
            format!("Le modèle n'a pas donné de résumé : {why}. Rien n'est perdu ; réessayez /summary plus tard.")
        }
    }
}

/// Said when the day's budget is used too far for a summary.
pub(in crate::telegram) fn paused(language: Language, at: &str) -> String {
    match language {
        Language::English => {
            format!("Today's budget is nearly used, and what is left is kept for answers. Ask again after {at}.")
        }
        Language::Russian => {
            format!("Дневной бюджет почти исчерпан, остаток оставлен для ответов. Спросите снова после {at}.")
        }
        Language::French => format!(
            "Le budget du jour est presque épuisé, et le reste est gardé pour les réponses. Redemandez après {at}."
        ),
    }
}

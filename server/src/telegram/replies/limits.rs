//! What is said to people who write too much.

use crate::telegram::{language::Language, limits::Verdict};

/// What a person is told, if anything.
pub(in crate::telegram) fn told(language: Language, verdict: Verdict) -> Option<String> {
    match verdict {
        Verdict::Nearly { percent, tokens } => Some(nearly(language, percent, tokens)),
        Verdict::TooFast { tell: true } => Some(too_fast(language)),
        Verdict::UsedUp { tell: true } => Some(used_up(language)),
        Verdict::Fine | Verdict::TooFast { .. } | Verdict::UsedUp { .. } => None,
    }
}

fn nearly(language: Language, percent: u64, tokens: u64) -> String {
    let budget = language.number(tokens);
    match language {
        Language::English => format!("{percent} % of your {budget} tokens of today are used. /usage shows more."),
        Language::Russian => {
            format!("Использовано {percent} % из ваших {budget} токенов на сегодня. Подробнее: /usage.")
        }
        Language::French => {
            format!("Vous avez utilisé {percent} % de vos {budget} jetons d'aujourd'hui. Détails : /usage.")
        }
    }
}

/// At the end of a day's budget.
pub(in crate::telegram) fn used_up(language: Language) -> String {
    let text = language.pick(
        "Your tokens of today are used up. I keep what you write and answer again tomorrow.",
        "Ваши токены на сегодня закончились. Я сохраню написанное и снова отвечу завтра.",
        "Vos jetons d'aujourd'hui sont épuisés. Je garde ce que vous écrivez et réponds de nouveau demain.",
    );
    text.to_owned()
}

fn too_fast(language: Language) -> String {
    let text = language.pick(
        "That is more than I answer in a minute. I keep what you write; give me a moment before you go on.",
        "Это больше, чем я успеваю за минуту. Я сохраню написанное; подождите немного.",
        "C'est plus que je n'en traite par minute. Je garde ce que vous écrivez ; attendez un instant avant de continuer.",
    );
    text.to_owned()
}

//! What is said about `/usage`.

use crate::{
    engine::allowance::{Use, Used},
    telegram::language::Language,
};

const NANOS: f64 = 1e9;

/// What this chat took.
pub(in crate::telegram) fn of_chat(language: Language, used: &Used) -> String {
    lines(language, language.pick("**This chat**", "**Этот чат**", "**Cette discussion**"), used)
}

/// What all chats took, for the owner.
pub(in crate::telegram) fn of_all(language: Language, used: &Used) -> String {
    lines(language, language.pick("**All chats**", "**Все чаты**", "**Toutes les discussions**"), used)
}

/// What is left of a person's day.
pub(in crate::telegram) fn budget(language: Language, used: u64, tokens: u64) -> String {
    let (used, tokens) = (language.number(used), language.number(tokens));
    match language {
        Language::English => format!("Your tokens today: {used} of {tokens}."),
        Language::Russian => format!("Ваши токены сегодня: {used} из {tokens}."),
        Language::French => format!("Vos jetons aujourd'hui : {used} sur {tokens}."),
    }
}

fn lines(language: Language, title: &str, used: &Used) -> String {
    let today = language.pick("Today", "Сегодня", "Aujourd'hui");
    let month = language.pick("This month", "В этом месяце", "Ce mois-ci");
    let colon = if language == Language::French { " :" } else { ":" };
    let line = |name: &str, part: &Use| format!("{name}{colon} {}", amount(language, part));
    format!("{title}\n{}\n{}", line(today, &used.today), line(month, &used.month))
}

/// Tokens, and what they cost where the price is known.
fn amount(language: Language, used: &Use) -> String {
    let tokens = language.number(used.tokens);
    let tokens = match language {
        Language::English => format!("{tokens} tokens"),
        Language::Russian => format!("токены: {tokens}"),
        Language::French => format!("{tokens} jetons"),
    };
    match used.cost_nanousd.filter(|cost| *cost > 0) {
        #[expect(clippy::cast_precision_loss, reason = "an amount for people to read")]
        Some(nanos) => format!("{tokens}, ${:.4}", nanos as f64 / NANOS),
        None => tokens,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_told_where_it_is_known() {
        let known = Use { tokens: 12_345, cost_nanousd: Some(1_234_500) };
        assert_eq!(amount(Language::English, &known), "12,345 tokens, $0.0012");
        assert_eq!(amount(Language::French, &Use { tokens: 7, cost_nanousd: None }), "7 jetons");
    }
}

//! What the engine itself says to people when a turn goes wrong, in English, Russian and French.

use souvenir_memory::{context::MessageTooLarge, spending::ALL_PERCENT};

use super::spending::{Budget, Pause};
use crate::{clock, language::Language, llm::ModelError};

/// What a person is told when no model answered.
#[must_use]
pub(super) fn no_answer(language: Language, error: &ModelError) -> String {
    let why = error.to_string();
    match language {
        Language::English => {
            format!(
                "I could not answer: {why}. Your message is kept, and my next reply will see it. Try again in a while."
            )
        }
        Language::Russian => format!(
            "Ответить не получилось: {why}. Сообщение сохранено, следующий ответ его учтёт. Попробуйте ещё раз немного позже."
        ),
        Language::French => format!(
            "Je n’ai pas pu répondre : {why}. Votre message est gardé, ma prochaine réponse le verra. Réessayez un peu plus tard."
        ),
    }
}

/// What a person is told when a message is larger than any context.
#[must_use]
pub(super) fn too_large(language: Language, error: &MessageTooLarge) -> String {
    let MessageTooLarge { tokens, limit } = error;
    match language {
        Language::English => format!(
            "That message has {tokens} tokens, and at most {limit} fit the budget. It is kept, but I cannot read it whole: \
             send it in parts, or raise the token budget."
        ),
        Language::Russian => format!(
            "В сообщении {tokens} токенов, а в бюджет помещается не больше {limit}. Оно сохранено, но прочесть его целиком \
             нельзя: пришлите по частям или увеличьте бюджет токенов."
        ),
        Language::French => format!(
            "Ce message compte {tokens} jetons, et {limit} au plus tiennent dans le budget. Il est gardé, mais je ne peux pas \
             le lire en entier : envoyez-le par morceaux, ou augmentez le budget."
        ),
    }
}

/// What a person is told once a budget of the day is used up.
#[must_use]
pub(super) fn used_up(language: Language, pause: &Pause) -> String {
    let at = pause.budget.ends_at();
    match (language, pause.budget.chat.is_some()) {
        (Language::English, true) => format!(
            "What this chat may use in a day is used up. I answer again from {at}; your message is kept, and my next \
             reply will see it."
        ),
        (Language::English, false) => format!(
            "What I may use in a day is used up. I answer again from {at}; your message is kept, and my next reply \
             will see it."
        ),
        (Language::Russian, true) => format!(
            "Дневной лимит этого чата исчерпан. Я снова отвечу после {at}; сообщение сохранено, следующий ответ его \
             учтёт."
        ),
        (Language::Russian, false) => format!(
            "Мой дневной лимит исчерпан. Я снова отвечу после {at}; сообщение сохранено, следующий ответ его учтёт."
        ),
        (Language::French, true) => format!(
            "Le budget quotidien de cette discussion est épuisé. Je répondrai de nouveau à partir de {at} ; votre \
             message est gardé, ma prochaine réponse le verra."
        ),
        (Language::French, false) => format!(
            "Mon budget quotidien est épuisé. Je répondrai de nouveau à partir de {at} ; votre message est gardé, ma \
             prochaine réponse le verra."
        ),
    }
}

/// What a chat is told of its own budget before it ends.
#[must_use]
pub(super) fn budget_nearly(language: Language, budget: &Budget) -> String {
    let percent = budget.standing.percent;
    match language {
        Language::English => format!("{percent} % of what this chat may use today is used."),
        Language::Russian => format!("Использовано {percent} % того, что этому чату отведено на сегодня."),
        Language::French => format!("{percent} % de ce que cette discussion peut utiliser aujourd’hui est utilisé."),
    }
}

/// What the owner is told of a budget; of which chat, where it is a chat's.
#[must_use]
pub(super) fn budget_for_owner(language: Language, chat: Option<&str>, budget: &Budget) -> String {
    let (used, percent) = (budget.told(), budget.standing.percent);
    let (ends, all) = (clock::local(budget.until, &budget.zone, "%H:%M"), percent >= ALL_PERCENT);
    match language {
        Language::English => {
            let whose = chat.map_or_else(|| "of all chats".to_owned(), |title| format!("of the chat “{title}”"));
            let now = if all { "Answers stop" } else { "Work on memory in the background pauses" };
            format!("{percent} % of today's budget {whose} is used: {used}. {now} until {ends}, or until you raise it.")
        }
        Language::Russian => {
            let whose = chat.map_or_else(|| "всех чатов".to_owned(), |title| format!("чата «{title}»"));
            let now = if all {
                "Ответов не будет"
            } else {
                "Фоновая работа с памятью остановлена"
            };
            format!(
                "Использовано {percent} % дневного бюджета {whose}: {used}. {now} до {ends} или пока вы его не увеличите."
            )
        }
        Language::French => {
            let whose = chat.map_or_else(
                || "de toutes les discussions".to_owned(),
                |title| format!("de la discussion « {title} »"),
            );
            let now =
                if all { "Les réponses s’arrêtent" } else { "Le travail de fond sur la mémoire est suspendu" };
            format!(
                "{percent} % du budget du jour {whose} est utilisé : {used}. {now} jusqu’à {ends}, ou jusqu’à ce que vous \
                 l’augmentiez."
            )
        }
    }
}

/// Stands after an answer that broke off.
#[must_use]
pub(super) fn broke_off(language: Language) -> &'static str {
    match language {
        Language::English => "… (the answer broke off here)",
        Language::Russian => "… (здесь ответ оборвался)",
        Language::French => "… (la réponse s’est interrompue ici)",
    }
}

/// What a person is told when Souvenir itself failed.
#[must_use]
pub(super) fn internal(language: Language) -> &'static str {
    match language {
        Language::English => "Something went wrong on my side. Your message is kept.",
        Language::Russian => "У меня что-то сломалось. Сообщение сохранено.",
        Language::French => "Une erreur est survenue de mon côté. Votre message est gardé.",
    }
}

/// What a person is told who stopped an answer of which nothing was written.
#[must_use]
pub(super) fn stopped(language: Language) -> &'static str {
    match language {
        Language::English => "⏹ Stopped before anything was written.",
        Language::Russian => "⏹ Остановлено: ничего ещё не было написано.",
        Language::French => "⏹ Arrêté avant que rien ne soit écrit.",
    }
}

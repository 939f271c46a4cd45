//! What the engine itself says to people when a turn goes wrong, in English, Russian and French.

use souvenir_memory::context::MessageTooLarge;

use crate::{language::Language, llm::ModelError};

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

//! What is said about answering anew.

use crate::telegram::language::Language;

/// Under a message that was changed after it was answered.
pub(in crate::telegram) fn offer(language: Language) -> String {
    let text = language.pick(
        "You changed this message. I have noted it; my answer is to what it said before.",
        "Вы изменили это сообщение. Я учту новый текст; мой ответ был на прежний.",
        "Vous avez modifié ce message. J'en prends note ; ma réponse portait sur l'ancien texte.",
    );
    text.to_owned()
}

/// The button that has it answered.
pub(in crate::telegram) fn button(language: Language) -> &'static str {
    language.pick("↻ Answer it anew", "↻ Ответить заново", "↻ Répondre à nouveau")
}

/// Over the chat, when that was pressed.
pub(in crate::telegram) fn answering(language: Language) -> String {
    language.pick("Answering anew…", "Отвечаю заново…", "Je réponds à nouveau…").to_owned()
}

/// Where there is no question to answer anew.
pub(in crate::telegram) fn nothing(language: Language) -> String {
    let text = language.pick(
        "There is no last question here that I could answer anew.",
        "Здесь нет последнего вопроса, на который можно ответить заново.",
        "Il n'y a pas ici de dernière question à laquelle répondre à nouveau.",
    );
    text.to_owned()
}

//! What is said about `/remember`.

use souvenir_memory::Fact;

use super::facts;
use crate::telegram::language::Language;

/// To `/remember` without anything to remember.
pub(in crate::telegram) fn how(language: Language) -> String {
    let text = language.pick(
        "Write what to remember after the command, such as `/remember I am allergic to nuts`, or send /remember in reply to a \
         message of text.",
        "Напишите после команды, что запомнить, например `/remember У меня аллергия на орехи`, или отправьте /remember в \
         ответ на текстовое сообщение.",
        "Écrivez ce qu'il faut retenir après la commande, par exemple `/remember Je suis allergique aux noix`, ou envoyez \
         /remember en réponse à un message de texte.",
    );
    text.to_owned()
}

/// To a reply to a message that is not held.
pub(in crate::telegram) fn not_held(language: Language) -> String {
    let text = language.pick(
        "I do not hold that message. Write its words after /remember.",
        "Этого сообщения у меня нет. Напишите его слова после /remember.",
        "Je n'ai pas ce message. Écrivez ses mots après /remember.",
    );
    text.to_owned()
}

/// After something was taken down.
pub(in crate::telegram) fn remembered(language: Language, fact: &Fact) -> String {
    let about = language.pick("I will remember:", "Запомню:", "Je le retiens :");
    format!("{about}\n\n> {}", facts::statement(fact))
}

/// To something that is known.
pub(in crate::telegram) fn known(language: Language, fact: &Fact) -> String {
    let about = language.pick("I remember that already:", "Это я уже помню:", "Je le sais déjà :");
    format!("{about}\n\n> {}", facts::statement(fact))
}

/// What is stored of it: the words stand in the fact.
pub(in crate::telegram) fn recorded(language: Language) -> String {
    language.pick("(a fact was noted)", "(факт записан)", "(un fait a été noté)").to_owned()
}

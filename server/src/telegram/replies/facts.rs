//! What is said about `/facts`.

use souvenir_memory::{Fact, FactId, FactKind, FactSource, FactStatus, GoalState, fact::MAX_STATEMENT_CHARS};

use crate::telegram::{format::escape, language::Language};

/// So much of a statement stands in a list.
pub(super) const IN_A_LIST: usize = 160;
/// What a question for another wording begins with: by it a reply is known, whatever process asked.
const ASKING: &str = "✏️ #";

/// The head of the list.
pub(in crate::telegram) fn title(language: Language, total: usize) -> String {
    let name = language.pick("What I remember", "Что я помню", "Ce que je retiens");
    format!("**{name}** · {}", language.number(total as u64))
}

/// Under the list.
pub(in crate::telegram) fn open_one(language: Language) -> &'static str {
    language.pick(
        "A number opens a fact: correct it, pin it, delete it, see the words it rests on.",
        "Номер открывает факт: исправить, закрепить, удалить, увидеть слова, на которых он держится.",
        "Un numéro ouvre un fait : le corriger, l'épingler, le supprimer, voir les mots sur lesquels il repose.",
    )
}

/// When nothing is remembered.
pub(in crate::telegram) fn none(language: Language) -> String {
    let text = language.pick(
        "**No facts yet.** I note them by myself when a conversation ends: something you said here, with your words as \
         evidence. /remember and a sentence notes one at once, or send /remember in reply to a message.",
        "**Фактов пока нет.** Я записываю их сам, когда разговор заканчивается: то, что вы здесь сказали, с вашими словами \
         как основанием. /remember и предложение — запомню сразу; или отправьте /remember в ответ на сообщение.",
        "**Aucun fait pour l'instant.** Je les note moi-même quand une conversation se termine : ce que vous avez dit ici, \
         avec vos mots à l'appui. /remember suivi d'une phrase en note un tout de suite ; ou envoyez /remember en réponse à \
         un message.",
    );
    text.to_owned()
}

/// A fact as people read it, escaped: whom it is about, and the statement.
pub(in crate::telegram) fn statement(fact: &Fact) -> String {
    escape(&plain(fact))
}

pub(super) fn plain(fact: &Fact) -> String {
    match &fact.subject {
        Some(subject) => format!("{subject}: {}", fact.statement),
        None => fact.statement.clone(),
    }
}

/// One line of the list; `number` is what its button says.
pub(in crate::telegram) fn line(number: usize, fact: &Fact) -> String {
    format!("**{number}.** {}{}", marks(fact), escape(&shortened(&plain(fact), IN_A_LIST)))
}

/// `text`, or as much of it as `most` characters hold.
pub(in crate::telegram) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn marks(fact: &Fact) -> String {
    let pin = if fact.pinned { "📌 " } else { "" };
    let waits = if fact.status == FactStatus::Pending { "⏳ " } else { "" };
    let goal = match (fact.kind, fact.goal_state) {
        (FactKind::Goal, Some(GoalState::Done)) => "✅ ",
        (FactKind::Goal, Some(GoalState::Dropped)) => "🚫 ",
        (FactKind::Goal, _) => "🎯 ",
        _ => "",
    };
    format!("{pin}{waits}{goal}")
}

/// One fact with all that is known of it. `since` is when this wording was written down.
pub(in crate::telegram) fn view(language: Language, fact: &Fact, since: &str, valid: Option<&str>) -> String {
    let mut lines = vec![format!("{}{}", marks(fact), statement(fact)), String::new()];
    lines.push(format!("{}: {}", language.pick("Kind", "Вид", "Genre"), kind(language, fact.kind)));
    lines.push(format!("{} · {since}", source(language, fact.source)));
    if let Some(valid) = valid {
        lines.push(format!("{} {valid}", language.pick("True since", "Верно с", "Vrai depuis le")));
    }
    if fact.status == FactStatus::Pending {
        let waits = language.pick(
            "Not used yet: it waits for the owner's decision.",
            "Пока не используется: ждёт решения владельца.",
            "Pas encore utilisé : il attend la décision du propriétaire.",
        );
        lines.push(waits.to_owned());
    }
    lines.join("\n")
}

fn kind(language: Language, kind: FactKind) -> &'static str {
    match kind {
        FactKind::Identity => language.pick("who someone is", "о человеке", "identité"),
        FactKind::Preference => language.pick("preference", "предпочтение", "préférence"),
        FactKind::Relationship => language.pick("relationship", "отношения", "relation"),
        FactKind::Goal => language.pick("goal", "цель", "objectif"),
        FactKind::Event => language.pick("event", "событие", "événement"),
        FactKind::Task => language.pick("task", "дело", "tâche"),
        FactKind::Other => language.pick("other", "прочее", "autre"),
    }
}

fn source(language: Language, source: FactSource) -> &'static str {
    match source {
        FactSource::Extracted => {
            language.pick("Found in what was said", "Найдено в сказанном", "Trouvé dans vos propos")
        }
        FactSource::Owner => language.pick("The owner's word", "Слово владельца", "Parole du propriétaire"),
        FactSource::Chatter => language.pick("Told in this chat", "Сказано в этом чате", "Dit dans ce chat"),
        FactSource::Imported => language.pick("Imported", "Импортировано", "Importé"),
    }
}

/// After a pin was set or taken.
pub(in crate::telegram) fn pinned(language: Language, pinned: bool) -> String {
    let text = if pinned {
        language.pick(
            "Pinned: it comes first in every answer, and I never change it by myself.",
            "Закреплено: учитывается в каждом ответе первым, и сам я его не изменю.",
            "Épinglé : il vient en premier dans chaque réponse, et je ne le change jamais de moi-même.",
        )
    } else {
        language.pick("Unpinned.", "Откреплено.", "Détaché.")
    };
    text.to_owned()
}

/// In place of a fact that was deleted.
pub(in crate::telegram) fn deleted(language: Language, fact: &Fact) -> String {
    let about = language.pick(
        "Deleted: no answer uses it, and I will not learn it again. Its words are kept for *Undo* until you erase them. The \
         message it came from stays; /forget in reply to that removes it.",
        "Удалено: больше не используется в ответах и не будет выучено снова. Его слова хранятся для отмены, пока вы их не сотрёте. \
         Само сообщение остаётся; /forget в ответ на него стирает и его.",
        "Supprimé : plus aucune réponse ne l'utilise et je ne le réapprendrai pas. Ses mots sont gardés pour annuler, jusqu'à \
         ce que vous les effaciez. Le message d'origine reste ; /forget en réponse à celui-ci l'efface.",
    );
    format!("~~{}~~\n\n{about}", statement(fact))
}

/// In place of a fact that was forgotten. Nothing of it is repeated.
pub(in crate::telegram) fn forgotten(language: Language, erased: bool) -> String {
    let about = language.pick(
        "**Erased for good**, with everything that repeated it, and not to be learnt again. What was said in the chat stays: \
         /forget in reply to a message erases that. Messages in Telegram itself are for you to delete.",
        "**Стёрто насовсем** вместе со всем, что это повторяло, и снова выучено не будет. Сказанное в чате остаётся: /forget в \
         ответ на сообщение стирает и его. Сообщения в самом Telegram удалите сами.",
        "**Effacé pour de bon**, avec tout ce qui le répétait, et ne sera pas réappris. Ce qui a été dit ici reste : /forget en \
         réponse à un message l'efface. Les messages dans Telegram même sont à supprimer par vous.",
    );
    let later = language.pick(
        "The file on disk is still being cleaned; that finishes by itself.",
        "Файл на диске ещё очищается; это завершится само.",
        "Le fichier sur disque est encore en cours de nettoyage ; cela se termine tout seul.",
    );
    if erased { about.to_owned() } else { format!("{about}\n\n{later}") }
}

/// After *Undo*.
pub(in crate::telegram) fn restored(language: Language) -> String {
    language.pick("It is back as it was.", "Всё снова как было.", "Tout est revenu comme avant.").to_owned()
}

/// The question for another wording.
pub(in crate::telegram) fn ask_wording(language: Language, fact: &Fact) -> String {
    let about = language.pick(
        "Reply to this message with the right wording. It says now:",
        "Ответьте на это сообщение правильной формулировкой. Сейчас там:",
        "Répondez à ce message avec la bonne formulation. Il dit maintenant :",
    );
    format!("{ASKING}{} · {about}\n\n> {}", fact.id, escape(&fact.statement))
}

/// What stands in the field of that reply before anything is typed: at most 64 characters.
pub(in crate::telegram) fn wording_placeholder(language: Language) -> &'static str {
    language.pick("The fact as it should be", "Как должно быть", "Le fait tel qu'il devrait être")
}

/// The fact that a message asks another wording of, when it is such a question.
pub(in crate::telegram) fn asked_about(text: &str) -> Option<FactId> {
    let rest = text.strip_prefix('✏')?.trim_start_matches('\u{fe0f}').trim_start().strip_prefix('#')?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    rest[..digits].parse().ok().map(FactId)
}

/// After a correction.
pub(in crate::telegram) fn corrected(language: Language, fact: &Fact) -> String {
    let about = language.pick("Corrected. I remember:", "Исправлено. Я помню:", "Corrigé. Je retiens :");
    format!("{about}\n\n> {}", statement(fact))
}

/// To a correction that changes nothing.
pub(in crate::telegram) fn same_wording(language: Language) -> String {
    language.pick("That is what it says already.", "Именно так и записано.", "C'est déjà ce qui est écrit.").to_owned()
}

/// To a wording that is too long, or none.
pub(in crate::telegram) fn unusable(language: Language, characters: usize) -> String {
    let (most, has) = (language.number(MAX_STATEMENT_CHARS as u64), language.number(characters as u64));
    match (language, characters) {
        (Language::English, 0) => "A fact cannot be empty: write one sentence.".to_owned(),
        (Language::Russian, 0) => "Факт не может быть пустым: напишите одно предложение.".to_owned(),
        (Language::French, 0) => "Un fait ne peut pas être vide : écrivez une phrase.".to_owned(),
        (Language::English, _) => {
            format!("A fact holds {most} characters at most and this has {has}: make it several facts.")
        }
        (Language::Russian, _) => {
            format!("В факте может быть до {most} символов, а здесь {has}: разделите на несколько фактов.")
        }
        (Language::French, _) => {
            format!("Un fait compte au plus {most} caractères et celui-ci en a {has} : faites-en plusieurs.")
        }
    }
}

/// To a button of a fact that is gone.
pub(in crate::telegram) fn gone(language: Language) -> String {
    language.pick("This fact is no longer there.", "Этого факта больше нет.", "Ce fait n'existe plus.").to_owned()
}

/// To a button of a fact that has changed since.
pub(in crate::telegram) fn changed(language: Language) -> String {
    let text = language.pick(
        "It has changed meanwhile. This is how it stands now.",
        "Тем временем факт изменился. Вот как он звучит теперь.",
        "Il a changé entre-temps. Voici où il en est.",
    );
    text.to_owned()
}

/// To a chatter who would change the owner's words.
pub(in crate::telegram) fn owners_word(language: Language) -> String {
    let text = language.pick(
        "The owner wrote this: only the owner can change it.",
        "Это написал владелец: изменить может только он.",
        "Le propriétaire l'a écrit : lui seul peut le changer.",
    );
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_for_a_wording_says_of_which_fact_whatever_the_emoji_became() {
        for text in ["✏️ #12 · Reply to this", "✏ #12 · Ответьте", "✏️ #12"] {
            assert_eq!(asked_about(text), Some(FactId(12)), "{text}");
        }
        for text in ["#12", "✏️ 12", "✏️ #", "hello", "✏️ #99999999999999999999"] {
            assert_eq!(asked_about(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_shortened_between_characters() {
        assert_eq!(shortened("éèà", 3), "éèà");
        assert_eq!(shortened("éèàù", 3), "éè…");
    }
}

//! What is said about files that were not read, or not as a whole.

use souvenir_memory::media::FileKind;

use crate::{
    engine::files::{DueFile, Taken, Unread},
    telegram::{format::escape, language::Language},
};

/// Something to tell about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::telegram) struct Told {
    kind: FileKind,
    name: Option<String>,
    taken: Taken,
}

impl Told {
    /// What there is to tell, if anything.
    pub(in crate::telegram) fn of(file: &DueFile, taken: &Taken) -> Option<Self> {
        let told = Self { kind: file.file.kind, name: file.file.name.clone(), taken: taken.clone() };
        (*taken != Taken::Whole).then_some(told)
    }
}

/// All that there is to tell, each thing once.
pub(in crate::telegram) fn told(language: Language, all: &[Told]) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    for told in all {
        let line = line(language, told);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn line(language: Language, told: &Told) -> String {
    let what = what(language, told.kind, told.name.as_deref());
    match &told.taken {
        Taken::Partly { lines, of } => partly(language, &what, *lines, *of),
        Taken::Unread(why) => format!("{what}: {}", unread(language, why)),
        Taken::Whole => what,
    }
}

fn what(language: Language, kind: FileKind, name: Option<&str>) -> String {
    if let Some(name) = name {
        return format!("**{}**", escape(name));
    }
    let what = match kind {
        FileKind::Picture => language.pick("Picture", "Изображение", "Image"),
        FileKind::Voice => language.pick("Voice message", "Голосовое сообщение", "Message vocal"),
        FileKind::Audio => language.pick("Audio", "Аудио", "Audio"),
        FileKind::Document => language.pick("File", "Файл", "Fichier"),
    };
    format!("**{what}**")
}

fn partly(language: Language, what: &str, lines: usize, of: Option<usize>) -> String {
    let number = |number: usize| language.number(u64::try_from(number).unwrap_or(u64::MAX));
    let lines = number(lines);
    match (language, of.map(number)) {
        (Language::English, Some(of)) => format!("{what}: I read its first {lines} of {of} lines; more finds no room."),
        (Language::English, None) => format!("{what}: I read its first {lines} lines; more finds no room."),
        (Language::Russian, Some(of)) => {
            format!("{what}: я читаю первые {lines} строк из {of}, больше не помещается.")
        }
        (Language::Russian, None) => format!("{what}: я читаю первые {lines} строк, больше не помещается."),
        (Language::French, Some(of)) => {
            format!("{what} : je lis les {lines} premières lignes sur {of} ; le reste ne tient pas.")
        }
        (Language::French, None) => format!("{what} : je lis les {lines} premières lignes ; le reste ne tient pas."),
    }
}

fn unread(language: Language, why: &Unread) -> String {
    let text = match why {
        Unread::Blind => language.pick(
            "the model of this chat sees no pictures. I keep a note that it came.",
            "модель этого чата не видит изображений. Я запомню, что оно было.",
            "le modèle de cette discussion ne voit pas les images. J'en garde une note.",
        ),
        Unread::Deaf => language.pick(
            "no model is set up here that listens. I keep a note that it came.",
            "здесь не настроена модель, которая слушает. Я запомню, что оно было.",
            "aucun modèle d'écoute n'est configuré ici. J'en garde une note.",
        ),
        Unread::TooLarge => language.pick(
            "it is larger than I may fetch. I keep a note that it came.",
            "файл больше, чем мне можно скачать. Я запомню, что он был.",
            "il est plus gros que ce que je peux télécharger. J'en garde une note.",
        ),
        Unread::Unreadable => language.pick(
            "I cannot read what is in it. I keep a note that it came.",
            "не могу прочитать, что внутри. Я запомню, что это было.",
            "je ne peux pas lire son contenu. J'en garde une note.",
        ),
        Unread::Silent => language.pick(
            "I hear no words in it. I keep a note that it came.",
            "слов в нём не слышно. Я запомню, что оно было.",
            "je n'y entends pas de paroles. J'en garde une note.",
        ),
        Unread::Failed { again: true } => language.pick(
            "it could not be read just now. I keep a note that it came; /retry tries again.",
            "сейчас прочитать не получилось. Я запомню, что это было; /retry попробует ещё раз.",
            "la lecture a échoué pour l'instant. J'en garde une note ; /retry réessaie.",
        ),
        Unread::Failed { again: false } => language.pick(
            "it could not be read after all. I keep a note that it came.",
            "прочитать так и не получилось. Я запомню, что это было.",
            "la lecture a échoué. J'en garde une note.",
        ),
    };
    text.to_owned()
}

/// When the model was not shown some of the pictures after all.
pub(in crate::telegram) fn unseen(language: Language, pictures: usize) -> String {
    let number = language.number(u64::try_from(pictures).unwrap_or(u64::MAX));
    match language {
        Language::English if pictures == 1 => "The model did not see one of the pictures.".to_owned(),
        Language::English => format!("The model did not see {number} of the pictures."),
        Language::Russian => format!("Модель не видела изображений: {number}."),
        Language::French if pictures == 1 => "Le modèle n'a pas vu une des images.".to_owned(),
        Language::French => format!("Le modèle n'a pas vu {number} des images."),
    }
}

/// When Telegram does not take a file of ours.
pub(in crate::telegram) fn not_taken(language: Language) -> String {
    let text = language.pick(
        "The file could not be sent: Telegram's server refused it. The bot's owner can export it.",
        "Файл отправить не удалось: сервер Telegram его не принял. Выгрузить может владелец бота.",
        "Le fichier n'a pas pu être envoyé : le serveur de Telegram l'a refusé. Le propriétaire du bot peut l'exporter.",
    );
    text.to_owned()
}

/// To what came without words, and of which nothing can be read.
pub(in crate::telegram) fn only_noted(language: Language) -> String {
    let text = language.pick(
        "I read text, pictures, voice messages and text files. Of this I keep a note that you sent it.",
        "Я понимаю текст, изображения, голосовые сообщения и текстовые файлы. Это я только запомню.",
        "Je lis le texte, les images, les messages vocaux et les fichiers texte. De ceci, je garde une note.",
    );
    text.to_owned()
}

/// To words that came with something of which nothing can be read.
pub(in crate::telegram) fn words_only(language: Language) -> String {
    let text = language.pick(
        "I cannot read what came with your words; I answer the words.",
        "Приложенное я прочитать не могу; отвечаю на слова.",
        "Je ne peux pas lire ce qui accompagne vos mots ; je réponds aux mots.",
    );
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use souvenir_memory::{MessageId, media::File};

    use super::*;

    #[test]
    fn each_thing_is_told_once_and_what_is_well_not_at_all() {
        let file =
            File { kind: FileKind::Picture, id: "f".to_owned(), name: None, mime: None, bytes: None, seconds: None };
        let due = DueFile { message: MessageId(1), of_reply: false, file, tries: 0 };
        assert_eq!(Told::of(&due, &Taken::Whole), None);
        let blind = Told::of(&due, &Taken::Unread(Unread::Blind)).unwrap();
        let said = told(Language::English, &[blind.clone(), blind]).unwrap();
        assert_eq!(said.matches("sees no pictures").count(), 1, "{said}");
        assert_eq!(told(Language::French, &[]), None);
    }
}

//! What is said about `/search`.

use souvenir_memory::Role;

use super::{buttons::FOUND, facts::shortened};
use crate::{
    engine::{excerpt::Stretch, search::FoundMessage},
    telegram::{format::escape, language::Language},
};

/// So much of what was asked is repeated.
const ASKED: usize = 60;

/// To `/search` alone.
pub(in crate::telegram) fn how(language: Language) -> String {
    let text = language.pick(
        "Write after the command what to look for in this chat, such as `/search the recipe with walnuts`. Names and dates \
         are words too.",
        "Напишите после команды, что найти в этом чате, например `/search рецепт с орехами`. Имена и даты — тоже слова.",
        "Écrivez après la commande ce qu'il faut chercher dans ce chat, par exemple `/search la recette aux noix`. Les noms \
         et les dates sont aussi des mots.",
    );
    text.to_owned()
}

/// Above what was found.
pub(in crate::telegram) fn title(language: Language, words: &str, found: usize) -> String {
    let words = escape(&shortened(words, ASKED));
    let found = language.number(found as u64);
    match language {
        Language::English => format!("{FOUND} **{words}**: found {found}, the best first"),
        Language::Russian => format!("{FOUND} **{words}**: найдено {found}, сначала лучшее"),
        Language::French => format!("{FOUND} **{words}** : {found} trouvés, les meilleurs d'abord"),
    }
}

/// One hit: its number, who and when, and the piece with what matched.
pub(in crate::telegram) fn hit(
    language: Language,
    number: usize,
    found: &FoundMessage,
    when: &str,
    piece: &[Stretch],
) -> String {
    let message = &found.message;
    let who = match (message.role, message.author.as_deref()) {
        (Role::Assistant, _) => language.pick("me", "я", "moi").to_owned(),
        (_, author) => escape(author.unwrap_or("?")),
    };
    let away = if message.archived_at.is_some() {
        language.pick(" · put away", " · в архиве", " · archivé")
    } else {
        ""
    };
    let words: String = piece.iter().map(said).collect();
    format!("**{number}.** {when} · {who}{away}\n> {}", words.trim())
}

/// A stretch on one line, bold where it is what was searched for.
fn said(stretch: &Stretch) -> String {
    let line =
        escape(&stretch.text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "));
    let (before, after) = (edge(stretch.text.chars().next()), edge(stretch.text.chars().next_back()));
    if stretch.marked { format!("**{}**", line.trim()) } else { format!("{before}{}{after}", line.trim()) }
}

/// The space that stood at the edge of a stretch.
fn edge(letter: Option<char>) -> &'static str {
    if letter.is_some_and(char::is_whitespace) { " " } else { "" }
}

/// When there is none.
pub(in crate::telegram) fn nothing(language: Language, words: &str) -> String {
    let words = escape(&shortened(words, ASKED));
    match language {
        Language::English => format!("Nothing was said here that matches **{words}**. Other words may find it."),
        Language::Russian => format!("Здесь не сказано ничего похожего на **{words}**. Попробуйте другие слова."),
        Language::French => {
            format!("Rien de ce qui a été dit ici ne correspond à **{words}**. D'autres mots le trouveront peut-être.")
        }
    }
}

/// To more than can be searched for.
pub(in crate::telegram) fn too_long(language: Language, most: usize) -> String {
    let most = language.number(most as u64);
    match language {
        Language::English => format!("Search for a few words: {most} characters at most."),
        Language::Russian => format!("Ищите по нескольким словам: не больше {most} символов."),
        Language::French => format!("Cherchez quelques mots : {most} caractères au plus."),
    }
}

/// To a button whose question is gone.
pub(in crate::telegram) fn gone(language: Language) -> String {
    let text = language.pick(
        "What was asked here has been forgotten. Search again.",
        "Этот вопрос уже стёрт. Поищите ещё раз.",
        "Ce qui était demandé ici a été oublié. Cherchez à nouveau.",
    );
    text.to_owned()
}

/// To a button whose message is gone.
pub(in crate::telegram) fn message_gone(language: Language) -> String {
    let text =
        language.pick("This message has been forgotten.", "Это сообщение уже стёрто.", "Ce message a été oublié.");
    text.to_owned()
}

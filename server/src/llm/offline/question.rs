//! What a message wants, told from its words and marks alone.

use crate::words;

/// What a message wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To be greeted.
    Greeting,
    /// To have thanked.
    Thanks,
    /// To know who answers here, and what that can do.
    Introduction,
    /// To know all that is remembered.
    Inventory,
    /// To be told something remembered, by these terms.
    Question(Vec<String>),
    /// To have something kept, about these terms.
    Statement(Vec<String>),
}

/// Words as they are after folding; a star stands for any ending.
const GREETINGS: &str = "hello hi hey morning afternoon evening привет здравствуй* утро день вечер хай салют bonjour bonsoir \
salut coucou";
const THANKS: &str = "thank* спасибо благодар* merci";
/// What a greeting or thanks may hold besides.
const POLITE: &str =
    "good there dear you very much a lot so добрый доброе большое вам тебе очень beaucoup bien souvenir";
const ASKING: &str = "who what when where why how which whose do does did is are was were can could will would am \
кто что где когда куда откуда почему зачем как какой какая какое какие каких сколько чей чья чьи помнишь знаешь \
qui que quoi quand ou pourquoi comment combien quel quelle quels quelles est qu";
const ORDERS: &str = "tell show list find remind search recall напомни* найди* покажи* расскажи* перечисли* вспомни* поищи* \
dis montre trouve rappelle cherche raconte liste";
const OF_MEMORY: &str = "remember* know* recall* memor* forget forgot* помни* знаешь знаете запомни* памят* вспомни* \
sais savez souven* souvien* rappel* memoire* connai* reten*";
/// What a wish for everything is made of, besides words of memory.
const OF_ALL: &str = "everything all anything something thing* fact* list show tell remind find so far now today \
весь всего расскажи* покажи* перечисли* факт* список сейчас \
tout tous toute faits fait liste dis montre chose* maintenant";
/// Orders to keep something, which speak of memory and yet ask nothing.
const KEEP: [&str; 8] =
    ["remember that", "запомни", "запиши", "не забудь", "souviens toi que", "retiens", "retenez", "note que"];
const WHO_ARE_YOU: [&str; 14] = [
    "who are you",
    "what are you",
    "what can you do",
    "what do you do",
    "your name",
    "help me",
    "кто ты",
    "кто вы",
    "что ты умеешь",
    "что вы умеете",
    "qui es tu",
    "qui etes vous",
    "tu es qui",
    "peux tu faire",
];

/// What `text` wants.
pub(super) fn wish_of(text: &str) -> Wish {
    let words: Vec<String> = words::of(text).map(words::fold).collect();
    let line = words.join(" ");
    if is_only(&words, GREETINGS) {
        return Wish::Greeting;
    }
    if is_only(&words, THANKS) {
        return Wish::Thanks;
    }
    let says_one_of = |phrases: &[&str]| phrases.iter().any(|phrase| line.contains(phrase));
    if !asks(text, &words) || says_one_of(&KEEP) {
        return Wish::Statement(words::terms(text).collect());
    }
    if says_one_of(&WHO_ARE_YOU) {
        return Wish::Introduction;
    }
    // What is left is what the question is about.
    let asking = [OF_MEMORY, ORDERS, GREETINGS, ASKING];
    let subject: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !asking.iter().any(|list| is_among(word, list))).collect();
    let of_memory = words.iter().any(|word| is_among(word, OF_MEMORY));
    if of_memory && subject.iter().all(|word| is_among(word, OF_ALL) || words::terms(word).next().is_none()) {
        return Wish::Inventory;
    }
    Wish::Question(words::terms(&subject.join(" ")).collect())
}

/// Whether there is a word of the list, and nothing else but politeness.
fn is_only(words: &[String], list: &str) -> bool {
    words.iter().any(|word| is_among(word, list))
        && words.iter().all(|word| is_among(word, list) || is_among(word, POLITE))
}

/// A question mark; or a word that begins a question or an order, unless a full stop says otherwise.
fn asks(text: &str, words: &[String]) -> bool {
    let first = words.iter().find(|word| !is_among(word, GREETINGS));
    let begins = |list: &str| first.is_some_and(|word| is_among(word, list));
    text.contains('?') || begins(ORDERS) || (begins(ASKING) && !text.trim_end().ends_with(['.', '!', '…', ')']))
}

fn is_among(word: &str, list: &str) -> bool {
    list.split_whitespace().any(|entry| match entry.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == entry,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_told_apart_in_three_languages() {
        for (text, wish) in [
            ("Hello!", Wish::Greeting),
            ("Добрый день", Wish::Greeting),
            ("Bonjour Souvenir", Wish::Greeting),
            ("Good morning", Wish::Greeting),
            ("Thank you very much", Wish::Thanks),
            ("спасибо!", Wish::Thanks),
            ("Merci bien", Wish::Thanks),
            ("Hello, who are you?", Wish::Introduction),
            ("Привет, кто ты?", Wish::Introduction),
            ("Bonjour, qui es-tu ?", Wish::Introduction),
            ("What do you know about me?", Wish::Inventory),
            ("what do you remember", Wish::Inventory),
            ("Tell me everything you know about me.", Wish::Inventory),
            ("Что ты помнишь?", Wish::Inventory),
            ("Привет! Что ты обо мне знаешь", Wish::Inventory),
            ("Que sais-tu de moi ?", Wish::Inventory),
            ("De quoi te souviens-tu ?", Wish::Inventory),
        ] {
            assert_eq!(wish_of(text), wish, "{text}");
        }
    }

    #[test]
    fn questions_and_statements_carry_what_they_are_about() {
        for (text, asks, term) in [
            ("Where did Natalie move?", true, "natali"),
            ("What do you remember about Natalie?", true, "natali"),
            ("remind me of the dentist", true, "dentist"),
            ("где живёт Наталья", true, "натал"),
            ("Напомни про договор.", true, "договор"),
            ("Où habite Natalie ?", true, "natali"),
            ("My sister Natalie moved to Lyon.", false, "lyon"),
            ("What a day.", false, "day"),
            ("Как хорошо сегодня!", false, "хорош"),
            ("I know that the dentist is closed", false, "dentist"),
            ("Ma sœur habite à Lyon", false, "lyon"),
            ("Can you remember that I like tea?", false, "tea"),
            ("Запомни: ключ у соседки", false, "ключ"),
            ("great", false, "great"),
        ] {
            let terms = match (wish_of(text), asks) {
                (Wish::Question(terms), true) | (Wish::Statement(terms), false) => terms,
                (other, _) => panic!("{text}: {other:?}"),
            };
            assert!(terms.iter().any(|found| found.starts_with(term)), "{text}: {terms:?}");
        }
    }
}

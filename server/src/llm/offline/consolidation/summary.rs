//! A summary of quotes: what tells most of a conversation, in its order and its language.

use souvenir_memory::{
    prompt::consolidation::{Line, Who},
    receipt::things,
};

use super::clauses::{self, sentences};
use crate::{language::Language, llm::offline::texts, words};

/// At most so many characters, whatever was said.
const MOST_CHARACTERS: usize = 1_400;
/// At least so many, where there is so much.
const LEAST_CHARACTERS: usize = 480;
/// One quote has at most so many characters.
const QUOTE_CHARACTERS: usize = 220;
/// What stays of the summary so far.
const SO_FAR_CHARACTERS: usize = 900;

/// Something worth quoting.
struct Item {
    order: usize,
    weight: usize,
    text: String,
}

/// Sums up the messages of a batch, after what was summed up before.
pub(super) fn write(lines: &[Line], so_far: Option<&str>) -> String {
    let said: Vec<&str> = lines.iter().filter(|line| line.who != Who::Bot).map(|line| line.text.as_str()).collect();
    let language = Language::of_text(&said.join(" ")).unwrap_or(Language::English);
    let whole: usize = lines.iter().map(|line| line.text.chars().count()).sum();
    let room = (whole / 3).clamp(LEAST_CHARACTERS, MOST_CHARACTERS);
    let mut items = items(lines, language);
    if items.iter().any(|item| item.weight > 0) {
        items.retain(|item| item.weight > 0);
    }
    items.sort_by_key(|item| (std::cmp::Reverse(item.weight), item.order));
    let mut used = 0;
    items.retain(|item| {
        let length = item.text.chars().count() + 2;
        let fits = used == 0 || used + length <= room;
        used += if fits { length } else { 0 };
        fits
    });
    items.sort_by_key(|item| item.order);
    let texts: Vec<String> = items.into_iter().map(|item| item.text).collect();
    let new = if texts.is_empty() { nothing(language).to_owned() } else { format!("{}.", texts.join("; ")) };
    match so_far {
        Some(before) => format!("{} {new}", cut(before, SO_FAR_CHARACTERS)),
        None => new,
    }
}

fn items(lines: &[Line], language: Language) -> Vec<Item> {
    let mut items = Vec::new();
    let speakers = speakers(lines);
    for (place, line) in lines.iter().enumerate() {
        let Who::Person(name) = &line.who else { continue };
        let answer = lines.get(place + 1).filter(|next| next.who == Who::Bot && !texts::are_in(&next.text));
        for (number, sentence) in sentences(&line.text).enumerate() {
            let order = place * 100 + number.min(99);
            let quote = cut(sentence, QUOTE_CHARACTERS);
            let text = match (sentence.ends_with('?'), answer) {
                (true, Some(answer)) => {
                    let answer = sentences(&answer.text).next().unwrap_or_default();
                    asked(name, &quote, &cut(answer, QUOTE_CHARACTERS / 2), language)
                }
                _ => told(name, &quote, language),
            };
            let unanswered = sentence.ends_with('?') && answer.is_none();
            let weight = weight(sentence, &speakers) / if unanswered { 2 } else { 1 };
            items.push(Item { order, weight, text });
        }
    }
    items
}

/// The names of those who speak, folded.
fn speakers(lines: &[Line]) -> Vec<String> {
    let names = lines.iter().filter_map(|line| match &line.who {
        Who::Person(name) => Some(words::of(name).map(words::fold)),
        Who::Bot => None,
    });
    names.flatten().collect()
}

/// What a sentence tells: names, numbers and dates count most, then what someone says of themselves, then words. To call
/// each other by name, be it a short one, and to greet or thank, tells nothing.
fn weight(sentence: &str, speakers: &[String]) -> usize {
    let is_speaker = |word: &str| speakers.iter().any(|name| word.chars().count() > 2 && name.starts_with(word));
    let tells = |text: &str| words::of(text).map(words::fold).any(|word| !is_speaker(&word));
    let things = things(sentence).into_iter().filter(|thing| tells(&thing.text)).count();
    let own = clauses::of(sentence).len();
    let is_word = |word: &&str| words::terms(word).next().is_some() && !is_speaker(&words::fold(word));
    let terms = words::of(sentence).filter(is_word).count();
    let question = usize::from(sentence.ends_with('?') && terms > 1);
    things * 3 + own * 4 + question + terms.min(6) / 3
}

fn told(name: &str, quote: &str, language: Language) -> String {
    let name = speaker(name, language);
    match language {
        Language::English => format!("{name}: “{quote}”"),
        Language::Russian => format!("{name}: «{quote}»"),
        Language::French => format!("{name} : « {quote} »"),
    }
}

fn asked(name: &str, question: &str, answer: &str, language: Language) -> String {
    let name = speaker(name, language);
    match language {
        Language::English => format!("{name} asked “{question}” and was told “{answer}”"),
        Language::Russian => format!("{name}: вопрос «{question}», ответ «{answer}»"),
        Language::French => format!("{name} a demandé « {question} », réponse : « {answer} »"),
    }
}

fn speaker(name: &str, language: Language) -> &str {
    match (super::named(name), language) {
        (Some(name), _) => name,
        (None, Language::English) => "The user",
        (None, Language::Russian) => "Собеседник",
        (None, Language::French) => "L’interlocuteur",
    }
}

fn nothing(language: Language) -> &'static str {
    match language {
        Language::English => "Nothing was said in words.",
        Language::Russian => "Словами ничего сказано не было.",
        Language::French => "Rien n’a été dit en mots.",
    }
}

fn cut(text: &str, most: usize) -> String {
    let text = text.trim_end_matches(['.', ' ']);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

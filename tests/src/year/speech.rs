//! What is said: small talk in three languages, what is told of the truth, and what claims to be true and is not.

use super::{BEGINS, DAY, Dice, Line, Manner, Speaker, truth::Told};

/// Small talk that says nothing of Vera: questions.
const QUESTIONS: [&str; 18] = [
    "Which soup goes well with {}?",
    "How long does {} keep in the fridge?",
    "What is the history of {} in one paragraph?",
    "Could you compare {} and olives for me?",
    "Is there a good film about {}?",
    "What rhymes with {}?",
    "Какой суп подойдёт к {}?",
    "Сколько хранится {} в холодильнике?",
    "Расскажешь что-нибудь про {}?",
    "Как по-французски будет {}?",
    "Бывает ли выставка про {}?",
    "Что почитать о {}?",
    "Quelle soupe va avec {} ?",
    "Combien de temps se garde {} au frais ?",
    "Tu connais une chanson sur {} ?",
    "Comment dit-on {} en russe ?",
    "Y a-t-il un musée de {} ?",
    "Que lire sur {} ?",
];
/// What it is about.
const THINGS: [&str; 16] = [
    "chestnuts",
    "lentils",
    "clay tiles",
    "old maps",
    "тыква",
    "грибы",
    "керамика",
    "трамваи",
    "les coings",
    "la laine",
    "les phares",
    "les vélos",
    "saffron",
    "чабрец",
    "la neige",
    "moss",
];
const ANSWERS: [&str; 9] = [
    "In short: {}, and patience. Ask if you want the long version.",
    "There are three views on {}; the middle one is the soundest.",
    "A good question. With {} it depends on the season.",
    "Если коротко: {}, и терпение.",
    "Про {} есть три мнения; среднее надёжнее всех.",
    "С этим просто: {} зависит от сезона.",
    "En bref : {}, et de la patience.",
    "Sur {}, il y a trois avis ; celui du milieu tient le mieux.",
    "Avec {}, tout dépend de la saison.",
];
/// Around what is told.
const BEFORE: [&str; 4] = ["", "By the way. ", "Кстати. ", "Au fait. "];
const AFTER: [&str; 4] = ["", " That is settled now.", " Вот так.", " Voilà."];
const NOTED: [&str; 3] = ["Noted.", "Записано.", "C'est noté."];
/// What others claim, passed on: none of it is true of Vera.
const CLAIMS: [(&str, &str); 3] = [
    ("Ben", "I live in Atlantis, on the seventh terrace."),
    ("Лента новостей", "Я работаю на Луне с прошлой весны."),
    ("Chloé", "J'habite à Ys, sous la mer."),
];

/// All that is said, in order of time.
pub(super) fn lines(dice: &mut Dice, told: &[Told]) -> Vec<Line> {
    let mut lines = Vec::new();
    for day in 0..365 {
        small_talk(dice, &mut lines, BEGINS + day * DAY + 9 * 3600);
        if day % 40 == 25 {
            let (from, claim) = dice.pick(&CLAIMS);
            let at = BEGINS + day * DAY + 15 * 3600;
            lines.push(Line { manner: Manner::Forwarded(from), ..vera(at, (*claim).to_owned()) });
            lines.push(bot(at + 20, "Who says so?".to_owned()));
        }
    }
    for (place, told) in told.iter().enumerate() {
        let text = format!("{}{}.{}", dice.pick(&BEFORE), told.statement, dice.pick(&AFTER));
        let manner = if place % 5 == 3 { Manner::Edited(50) } else { Manner::Plain };
        lines.push(Line { manner, ..vera(told.from, text) });
        lines.push(bot(told.from + 9, (*dice.pick(&NOTED)).to_owned()));
    }
    lines.sort_by_key(|line| line.at);
    lines
}

/// Some questions on one subject, each with its answer, from a moment on.
fn small_talk(dice: &mut Dice, lines: &mut Vec<Line>, from: i64) {
    let mut at = from + dice.between(0, 3 * 3600);
    for _ in 0..dice.between(2, 6) {
        let thing = *dice.pick(&THINGS);
        let manner = if dice.between(0, 25) == 0 { Manner::Photo } else { Manner::Plain };
        lines.push(Line { manner, ..vera(at, dice.pick(&QUESTIONS).replace("{}", thing)) });
        lines.push(bot(at + dice.between(3, 15), dice.pick(&ANSWERS).replace("{}", thing)));
        at += dice.between(30, 900);
    }
}

fn vera(at: i64, text: String) -> Line {
    Line { at, by: Speaker::Vera, text, manner: Manner::Plain }
}

fn bot(at: i64, text: String) -> Line {
    Line { by: Speaker::Bot, ..vera(at, text) }
}

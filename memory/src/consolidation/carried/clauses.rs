//! The clauses of what was said, and how they were meant: as a question, with a negation, as a wish or a condition.
//!
//! Known in English, Russian and French; in other languages only a question shows.

use super::words;
use crate::consolidation::Place;

/// A piece of a sentence that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause<'a> {
    /// Its words as they were said.
    pub(super) text: &'a str,
    /// Where it stands.
    pub(super) place: Place,
    /// Whether its sentence asks.
    pub(super) asks: bool,
    /// Whether another clause of its sentence says on what condition.
    pub(super) depends: bool,
}

/// What is said with a negation without denying anything.
const IDIOMS: &[&str] = &[
    "can't wait",
    "cannot wait",
    "can not wait",
    "can't believe",
    "can't stop",
    "not only",
    "no doubt",
    "no problem",
    "no worries",
    "why not",
    "left for",
    "не только",
    "жду не дождусь",
    "не дождусь",
    "non seulement",
    "pas seulement",
    "pas mal",
    "n'importe",
];
/// What is said in several words, and what it comes to in one.
const PHRASES: &[(&str, &str)] = &[
    ("used to ", "formerly "),
    ("gave up", "quit"),
    ("given up", "quit"),
    ("giving up", "quit"),
    ("ушел из", "quit"),
    ("ушёл из", "quit"),
    ("ушла из", "quit"),
    ("'d like", " would like"),
    ("'d love", " would like"),
    ("'d rather", " would like"),
    ("thinking of", "considering"),
    ("thinking about", "considering"),
    ("peut-être", "perhaps"),
];
/// Words that deny, or say that something has ended; a star stands for any ending.
const DENIALS: &str = " not no never cannot neither nor nobody nothing none hardly anymore longer quit quits stop stopped formerly former ex lost \
sold left died divorced cancelled canceled не нет ни никогда никто ничего нельзя бросил* перестал* бывш* прежн* продал* потерял* умер* \
уволил* развел* развёл* отменил* ne pas jamais aucun aucune rien arrêté arrête cessé ancien ancienne vendu perdu quitté mort \
morte divorcé divorcée annulé ";
/// Words of what is wished, planned or only possible.
const WISHES: &str = " want wants wanted wanna wish wishes wished hope hopes hoping hoped would might maybe perhaps plan plans planning planned if \
unless should consider considers considering considered dream dreams dreaming dreamed intend intends almost nearly \
хочу хочет хотим хотят хотел* хочется бы если может возможно наверно наверное мечта* планиру* собира* надеюсь надеется намерен* чуть \
veux veut veulent voulons voudrais voudrait aimerais aimerait envisage espère rêve prévois prévoit pourrais pourrait serais ";
/// Words that a condition begins with.
const CONDITIONS: &str = " if unless если si s'il s'ils ";
/// Words after which a new clause begins.
const JOINTS: &str = " but because so although но а потому хотя mais donc ";
/// Words that a new clause begins with after an `and`.
const SUBJECTS: &str = " i i'm i've i'll we he she they my our his her я мы он она они мой моя мое моё мои мне у je j' nous on il elle ils elles \
mon ma mes ";
const ANDS: &str = " and и et ";

impl Clause<'_> {
    /// Whether it denies what its other words say.
    pub(super) fn denies(&self) -> bool {
        denies(self.text)
    }

    /// Whether it is a wish, a plan, or no more than possible.
    pub(super) fn wishes(&self) -> bool {
        self.depends || wishes(self.text)
    }
}

/// Whether words deny, or say that something has ended.
pub(super) fn denies(text: &str) -> bool {
    let denies = |word: &String| word.ends_with("n't") || word.starts_with("n'") || is_like(word, DENIALS);
    plain(text).iter().any(denies)
}

/// Whether words wish, or leave open whether it is so.
pub(super) fn wishes(text: &str) -> bool {
    plain(text).iter().any(|word| is_like(word, WISHES))
}

/// Whether whoever speaks speaks of themselves by `I`.
pub(super) fn is_of_oneself(text: &str) -> bool {
    let is_i = |word: &String| {
        word == "i" || word.starts_with("i'") || word == "я" || word == "je" || word.starts_with("j'") || word == "меня"
    };
    spelt(text).iter().any(is_i)
}

/// The clauses of a text, in order.
pub(super) fn of(text: &str) -> Vec<Clause<'_>> {
    let mut clauses = Vec::new();
    for sentence in pieces(text, Place { start: 0, end: text.len() }, ends_sentence) {
        let said = &text[sentence.start..sentence.end];
        let asks = said.trim_end().ends_with(['?', '？', '؟']);
        let parts: Vec<Place> =
            pieces(text, sentence, ends_clause).into_iter().flat_map(|part| at_joints(text, part)).collect();
        let begins_with_condition =
            |part: &Place| spelt(&text[part.start..part.end]).first().is_some_and(|word| is_like(word, CONDITIONS));
        let conditions = parts.iter().filter(|part| begins_with_condition(part)).count();
        for place in parts {
            let depends = conditions > usize::from(begins_with_condition(&place));
            clauses.push(Clause { text: text[place.start..place.end].trim(), place, asks, depends });
        }
    }
    clauses
}

/// How many words that tell something a clause shares with these.
pub(super) fn shared(clause: &Clause<'_>, told: &[String]) -> usize {
    let said = words::all(clause.text);
    told.iter().filter(|word| words::has(&said, word)).count()
}

/// The pieces of a place of a text, parted after what `ends` says.
fn pieces(text: &str, place: Place, ends: fn(char, Option<char>) -> bool) -> Vec<Place> {
    let mut pieces = Vec::new();
    let mut start = place.start;
    let mut letters = text[place.start..place.end].char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let after = place.start + at + letter.len_utf8();
        if ends(letter, letters.peek().map(|(_, next)| *next)) {
            pieces.push(Place { start, end: after });
            start = after;
        }
    }
    pieces.push(Place { start, end: place.end });
    pieces.retain(|piece| text[piece.start..piece.end].chars().any(char::is_alphanumeric));
    pieces
}

fn ends_sentence(letter: char, next: Option<char>) -> bool {
    letter == '\n'
        || matches!(letter, '。' | '？' | '！')
        || (matches!(letter, '.' | '!' | '?' | '…' | '؟')
            && next.is_none_or(|next| !next.is_alphanumeric() && next != letter))
}

fn ends_clause(letter: char, next: Option<char>) -> bool {
    matches!(letter, ',' | ';' | ':' | '—' | '–' | '(' | ')' | '、' | '，')
        && next.is_none_or(|next| !next.is_numeric())
}

/// A piece parted before words that begin a new clause.
fn at_joints(text: &str, place: Place) -> Vec<Place> {
    let said = &text[place.start..place.end];
    let words: Vec<(usize, String)> = said
        .split_whitespace()
        .map(|word| (word.as_ptr().addr() - said.as_ptr().addr(), word.to_lowercase().replace('’', "'")))
        .collect();
    let mut places = Vec::new();
    let mut start = place.start;
    for (number, (at, word)) in words.iter().enumerate().skip(1) {
        let next = words.get(number + 1).map(|(_, next)| next.split_inclusive('\'').next().unwrap_or_default());
        let begins = is_like(word, JOINTS) || (is_like(word, ANDS) && next.is_some_and(|next| is_like(next, SUBJECTS)));
        if begins {
            places.push(Place { start, end: place.start + at });
            start = place.start + at;
        }
    }
    places.push(Place { start, end: place.end });
    places
}

/// The words of a text with what is said in several words said in one, and idioms left out.
fn plain(text: &str) -> Vec<String> {
    let mut text = format!(" {} ", spelt(text).join(" "));
    for idiom in IDIOMS {
        text = text.replace(&format!(" {idiom} "), " ");
    }
    for (phrase, word) in PHRASES {
        text = text.replace(phrase, word);
    }
    text.split_whitespace().map(str::to_owned).collect()
}

/// The words of a text in small letters, with the apostrophes within them.
fn spelt(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['’', 'ʼ', '‘'], "'");
    let words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '-'));
    words.map(|word| word.trim_matches(['\'', '-'])).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_like(word: &str, list: &str) -> bool {
    list.split(' ').filter(|known| !known.is_empty()).any(|known| match known.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == known,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(text: &str) -> Vec<&str> {
        of(text).into_iter().map(|clause| clause.text).collect()
    }

    #[test]
    fn a_text_is_parted_into_clauses() {
        assert_eq!(
            parted("No, I live in Lyon. It costs 1,200 euros and I don't like it but Zoé does!"),
            ["No,", "I live in Lyon.", "It costs 1,200 euros", "and I don't like it", "but Zoé does!"]
        );
        assert_eq!(parted("Я не ем мясо и рыбу, а он ест"), ["Я не ем мясо и рыбу,", "а он ест"]);
        assert_eq!(parted("…"), Vec::<&str>::new());
    }

    #[test]
    fn how_a_clause_is_meant_shows_in_three_languages() {
        for text in [
            "I don't smoke",
            "I’ve quit smoking",
            "Я больше не курю",
            "Je ne fume pas",
            "J'ai arrêté de fumer",
            "We used to smoke",
        ] {
            assert!(denies(text), "{text}");
        }
        assert!(denies("and I sold my car in May."));
        for text in ["I smoke", "I can't wait to smoke", "Я курю", "Je fume", "I'm so happy", "Не только курю"]
        {
            assert!(!denies(text), "{text}");
        }
        for text in
            ["I'd love a yacht", "Maybe a yacht", "Я хотела бы яхту", "Je voudrais un yacht", "I'm thinking of a yacht"]
        {
            assert!(wishes(text), "{text}");
        }
        for text in ["I love my yacht", "Я люблю яхту", "J’ai un yacht", "I like it"] {
            assert!(!wishes(text), "{text}");
        }
        let conditional = of("If I get the job, I will move to Berlin. I live in Lyon.");
        assert_eq!(conditional.iter().map(Clause::wishes).collect::<Vec<_>>(), [true, true, false]);
        let asked = of("Do you live in Lyon? I do.");
        assert_eq!(asked.iter().map(|clause| clause.asks).collect::<Vec<_>>(), [true, false]);
    }
}

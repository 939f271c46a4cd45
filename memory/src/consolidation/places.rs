//! What there is room for one thing in: where someone lives and works, what they are called, when they were born.
//!
//! Each language has its own ways to fill a place, and several ways fill the same one: who moved to Paris lives there.

/// A way to fill a place: the words before what fills it.
type Way = &'static str;

/// The places, the ways of one language each.
const PLACES: &[&[Way]] = &[
    &["lives in", "live in", "lives at", "moved to", "is based in", "resides in"],
    &["живет в", "живёт в", "живу в", "переехал в", "переехала в", "переехали в"],
    &[
        "habite à",
        "habite a",
        "habite au",
        "habite en",
        "vit à",
        "vit en",
        "déménagé à",
        "déménagé au",
        "déménagé en",
        "emménagé à",
    ],
    &["works at", "works for"],
    &["работает в", "работаю в"],
    &["travaille chez"],
    &["is called"],
    &["name is"],
    &["was born in"],
    &["was born on"],
    &["birthday is"],
    &["is married to"],
    &["phone is"],
    &["number is"],
    &["email is"],
    &["address is"],
    &["favourite"],
    &["favorite"],
    &["зовут"],
    &["родился"],
    &["родилась"],
    &["женат на"],
    &["замужем за"],
    &["день рождения"],
    &["любимый"],
    &["любимая"],
    &["любимое"],
    &["s'appelle"],
    &["m'appelle"],
    &["est né"],
    &["est née"],
    &["anniversaire est"],
    &["est marié à"],
    &["est mariée à"],
    &["préféré est"],
    &["préférée est"],
];

/// Moving is told with where from, which does not fill the place: `moved from Lyon to Paris` is `moved to Paris`.
const FROM: &[(&str, &str, &str)] = &[
    ("moved from", "to", "moved to"),
    ("переехал из", "в", "переехал в"),
    ("переехала из", "в", "переехала в"),
    ("переехали из", "в", "переехали в"),
    ("déménagé de", "à", "déménagé à"),
];
/// Told with when, a move is history: where someone moved to in 2015 says nothing of where they live.
const MOVES: &[&str] = &["moved", "переехал", "переехала", "переехали", "déménagé", "emménagé"];
/// Of these there is one of each sort: a favourite colour denies no favourite book.
const SORTED: &[&str] = &["favourite", "favorite", "любимый", "любимая", "любимое"];
/// What fills no place: everybody works at home now and then.
const NO_PLACE: &[&str] = &["home", "night", "work", "once"];
/// What follows these only adds to what fills a place: `Lyon with Zoé`, `Lyon since 1999`.
const ADDING: &[&str] = &["with", "since", "near", "for", "avec", "depuis", "près", "с", "со", "около", "возле"];
/// Auxiliaries of what has happened, which are no part of a subject.
const HAPPENED: &[&str] = &["has", "have", "a", "ont"];

/// Whether both statements fill the same place with different things.
pub(super) fn filled_twice(one: &str, other: &str) -> bool {
    let (one, other) = (told(one), told(other));
    PLACES.iter().any(|ways| match (filled(ways, &one), filled(ways, &other)) {
        (Some(one), Some(other)) => one.subject == other.subject && one.differs(&other),
        _ => false,
    })
}

/// What fills a place, and of whom.
struct Filled {
    way: Way,
    subject: Vec<String>,
    thing: Vec<String>,
}

impl Filled {
    fn differs(&self, other: &Self) -> bool {
        let same_sort = !SORTED.contains(&self.way) || self.thing.first() == other.thing.first();
        let is_place = |thing: &[String]| thing.first().is_some_and(|word| !NO_PLACE.contains(&word.as_str()));
        // `Lyon` and `Lyon, France` are one; so are `Москве` and `Москву`.
        let agree = self.thing.iter().zip(&other.thing).all(|(one, other)| alike(one, other));
        same_sort && !agree && is_place(&self.thing) && is_place(&other.thing)
    }
}

/// The words of a statement with where somebody moved to said plainly. What stands before an apostrophe is a word: `j'habite`
/// is where I live.
fn told(statement: &str) -> Vec<String> {
    let words = |text: &str| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let mut said = words(&statement.replace('\'', "' "));
    // Who is named before that is who speaks.
    if let Some(place) = said.iter().position(|word| word == "j'").filter(|place| *place > 0) {
        said.remove(place);
    }
    for (from, to, way) in FROM {
        let Some(at) = place_of(&said, &words(from)) else { continue };
        let rest = &said[at + 2..];
        if let Some(there) = rest.iter().position(|word| word == to).filter(|there| *there > 0) {
            return [&said[..at], &words(way), &rest[there + 1..]].concat();
        }
    }
    said
}

fn filled(ways: &[Way], said: &[String]) -> Option<Filled> {
    let is_history = || said.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    ways.iter().find_map(|way| {
        let words: Vec<String> =
            way.replace('\'', "' ").split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let at = place_of(said, &words)?;
        let is_move = words.first().is_some_and(|word| MOVES.contains(&word.as_str()));
        if is_move && is_history() {
            return None;
        }
        let happened = is_move && at > 0 && HAPPENED.contains(&said[at - 1].as_str());
        let subject = said[..at - usize::from(happened)].to_vec();
        let thing = said[at + words.len()..].iter().take_while(|word| !ADDING.contains(&word.as_str()));
        Some(Filled { way, subject, thing: thing.cloned().collect() })
    })
}

fn place_of(said: &[String], words: &[String]) -> Option<usize> {
    said.windows(words.len()).position(|window| window == words)
}

/// Whether two words are one, whatever their endings where a language has cases: `Москве` and `Москву`, `мясо` and `мяса`.
pub(super) fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let is_cyrillic = |word: &str| word.chars().all(|c| matches!(c, 'а'..='я' | 'ё' | '-'));
    if !is_cyrillic(one) || !is_cyrillic(other) {
        return false;
    }
    let (length, others) = (one.chars().count(), other.chars().count());
    let common = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    length.abs_diff(others) <= 1 && common >= 3 && common + 1 >= length.min(others)
}

/// Words by which a text touches where somebody lives or works, or what they are called, by their beginnings.
const TOUCHED: &[&[&str]] = &[
    &[
        "live",
        "living",
        "move",
        "moving",
        "reside",
        "жив",
        "жил",
        "переех",
        "переезж",
        "habit",
        "vis",
        "vit",
        "déménag",
        "emménag",
    ],
    &["work", "job", "employ", "hired", "работ", "уволи", "устрои", "travail", "emploi", "embauch"],
    &[
        "married",
        "marry",
        "wife",
        "husband",
        "divorc",
        "жен",
        "муж",
        "замуж",
        "развел",
        "mari",
        "femme",
        "époux",
        "épouse",
    ],
    &["birthday", "born", "рожд", "родил", "anniversaire", "né"],
    &["called", "name", "зовут", "имя", "appelle", "nom", "prénom"],
    &["phone", "number", "email", "address", "телефон", "адрес", "почт", "téléphone", "adresse", "courriel"],
];

/// The places of life that a text touches, whatever its language: facts about the same are worth showing beside it.
#[must_use]
pub fn touched(text: &str) -> Vec<usize> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // Short beginnings are whole words: `vis` is no `visit`.
    let begins = |word: &str, stem: &str| if stem.chars().count() <= 3 { word == stem } else { word.starts_with(stem) };
    let touches = |stems: &&[&str]| stems.iter().any(|stem| words.iter().any(|word| begins(word, stem)));
    (0..TOUCHED.len()).filter(|place| touches(&TOUCHED[*place])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_touches_the_places_of_life_that_it_speaks_of_in_three_languages() {
        for text in [
            "We are moving to Paris!",
            "Мы переехали в Париж",
            "On a déménagé à Paris",
            "lives in Lyon",
            "J’habite à Lyon",
        ] {
            assert_eq!(touched(text), [0], "{text}");
        }
        assert_eq!(touched("My new job starts in May"), [1]);
        assert_eq!(touched("Нашёл новую работу"), [1]);
        assert!(touched("I visited the museum and like tea").is_empty());
    }

    #[test]
    fn words_are_alike_whatever_their_case_and_no_others_are() {
        for (one, other) in [("москве", "москву"), ("мясо", "мяса"), ("париже", "париж"), ("tea", "tea")]
        {
            assert!(alike(one, other) && alike(other, one), "{one} {other}");
        }
        for (one, other) in
            [("чай", "кофе"), ("омске", "томске"), ("lyon", "lyons"), ("кот", "код"), ("лионе", "париже")]
        {
            assert!(!alike(one, other) && !alike(other, one), "{one} {other}");
        }
    }
}

//! What people say of themselves, by how such clauses begin.

use souvenir_memory::FactKind::{self, Event, Goal, Identity, Other, Preference, Relationship, Task};

use crate::words;

/// What someone said of themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clause<'a> {
    /// The words as they were said.
    pub(super) text: &'a str,
    /// What they are about.
    pub(super) kind: FactKind,
}

/// The longest clause worth keeping, in characters.
const MOST_CHARACTERS: usize = 300;

/// How clauses begin, as folded words parted at apostrophes; a star stands for any word or ending.
const BEGINNINGS: &[(FactKind, &str)] = &[
    (
        Identity,
        "my name is|call me|i am called|i m called|i live in|i live at|i live near|i live with|i moved to|i m moving to|i am moving to|i am from|i m from|i come from|i was born|i work|i study|i speak|i am a|i m a|i am an|i m an|i am * years|i m * years|i have a|i have an|i have two|i have three|i have four|i ve got|i own|my birthday|my phone|my number|my email|my address|my job",
    ),
    (
        Preference,
        "i like|i love|i hate|i dislike|i don t like|i do not like|i prefer|i enjoy|i can t stand|my favourite|my favorite|i m allergic|i am allergic|i don t eat|i do not eat|i don t drink|i do not drink|i m vegetarian|i am vegetarian|i m vegan|i am vegan",
    ),
    (
        Relationship,
        "i am married|i m married|my wife|my husband|my partner|my girlfriend|my boyfriend|my sister|my brother|my mother|my father|my mum|my mom|my dad|my son|my daughter|my friend|my best friend|my boss|my colleague|my grandmother|my grandfather|my aunt|my uncle|my cousin|my cat|my dog|my parents|my kids|my children",
    ),
    (
        Goal,
        "i want to|i d like to|i would like to|i plan to|i m planning|i am planning|my goal|my goals|my dream|i hope to|i intend to",
    ),
    (Task, "i need to|i have to|i must|i should|remind me to|don t let me forget"),
    (
        Event,
        "i decided|i ve decided|we decided|we agreed|i bought|i booked|i planted|i started|i quit|i finished|i got a|i have an appointment|my appointment",
    ),
    (
        Identity,
        "меня зовут|я живу|я переехал*|я родом|я родил*|мне * лет|мне * год*|я работаю|я учусь|я говорю на|у меня|мой день рождения|мой телефон|мой адрес|моя почта|моя работа",
    ),
    (
        Preference,
        "я люблю|я не люблю|я обожаю|я ненавижу|мне нравится|мне нравятся|мне не нравится|мне не нравятся|я предпочитаю|мой любим*|моя любим*|мое любим*|у меня аллергия|я не ем|я не пью|я вегетариан*|я веган*",
    ),
    (
        Relationship,
        "я замужем|я женат|моя жена|моя сестра|моя мама|моя мать|моя дочь|моя подруга|моя девушка|моя бабушка|моя собака|моя кошка|мой муж|мой брат|мой отец|мой папа|мой сын|мой друг|мой начальник|мой дедушка|мой кот|мой пес|мои родители|мои дети|мою сестру|моего брата|мою жену|моего мужа",
    ),
    (Goal, "я хочу|я хотел бы|я хотела бы|я планирую|я собираюсь|моя цель|моя мечта|я мечтаю|я намерен*"),
    (Task, "мне нужно|мне надо|я должен|я должна|напомни мне"),
    (Event, "я решил*|мы решили|мы договорились|я купил*|я заказал*|я посадил*|я начал*|я закончил*|я записал*"),
    (
        Identity,
        "je m appelle|mon nom est|j habite|je vis|je viens de|je suis ne|je suis nee|j ai demenage|j ai * ans|je travaille|j etudie|je parle|je suis un|je suis une|j ai un|j ai une|j ai deux|j ai trois|mon anniversaire|mon telephone|mon numero|mon adresse|mon travail",
    ),
    (
        Preference,
        "j aime|j adore|je deteste|je n aime pas|je prefere|mon plat prefere|ma couleur preferee|je suis allergique|je ne mange pas|je ne bois pas|je suis vegetarien*|je suis vegan*",
    ),
    (
        Relationship,
        "je suis marie|je suis mariee|ma femme|ma sœur|ma soeur|ma mere|ma fille|ma copine|ma grand mere|ma tante|ma chienne|mon mari|mon frere|mon pere|mon fils|mon ami|mon copain|mon patron|mon chef|mon chat|mon chien|mon grand pere|mes parents|mes enfants",
    ),
    (Goal, "je veux|je voudrais|j aimerais|je compte|je prevois|j ai l intention|mon objectif|mon but|mon reve"),
    (Task, "je dois|il faut que je|rappelle moi"),
    (
        Event,
        "j ai decide|nous avons decide|on a decide|j ai achete|j ai reserve|j ai plante|j ai commence|j ai fini|j ai rendez vous",
    ),
];

/// Orders to keep something: what follows them is kept.
const KEEP: &str = "remember that|please remember that|please remember|remember|don t forget that|note that|запомни что|\
запомни пожалуйста что|запомни|не забудь что|запиши что|запиши|souviens toi que|souvenez vous que|n oublie pas que|retiens que|note que";

/// Words that may stand before a clause and say nothing.
const FILLERS: &str = " well and but so oh ok okay yes no hi hello hey also actually anyway btw please by the way then today now \
ну и а но да нет привет здравствуйте кстати еще вообще сегодня сейчас так \
alors et mais oui non bonjour salut bonsoir au fait aussi donc bon aujourd hui maintenant ";
/// Words that a new clause may follow within a sentence.
const JOINTS: &str = " and but because so и а но потому et mais car donc ";

/// What the speaker of `text` says of themselves, in order. Questions say nothing.
pub(super) fn of(text: &str) -> Vec<Clause<'_>> {
    sentences(text).filter(|sentence| !sentence.ends_with('?')).flat_map(of_sentence).collect()
}

/// The sentences of a text, each with its closing mark.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let ends = |at: usize, c: char| {
            let after = rest[at + c.len_utf8()..].chars().next();
            matches!(c, '.' | '!' | '?' | '…' | ';' | '\n')
                && after.is_none_or(|next| next.is_whitespace() || next == '»' || next == '”')
        };
        let end = rest.char_indices().find(|(at, c)| ends(*at, *c)).map_or(rest.len(), |(at, c)| at + c.len_utf8());
        let (sentence, after) = rest.split_at(end);
        rest = after;
        Some(sentence.trim())
    })
    .filter(|sentence| !sentence.is_empty())
}

/// A word of a sentence and where it stands.
struct Word<'a> {
    start: usize,
    end: usize,
    folded: String,
    text: &'a str,
}

fn of_sentence(sentence: &str) -> Vec<Clause<'_>> {
    let words = words_of(sentence);
    let begin = words.iter().take_while(|word| is_among(&word.folded, FILLERS)).count().min(4);
    if let Some(length) = longest(&words[begin..], KEEP) {
        let kept = words.get(begin + length).map(|word| sentence[word.start..].trim());
        return kept.into_iter().filter_map(|text| clause(text, kind_of(text))).collect();
    }
    let mut starts: Vec<(usize, FactKind)> = Vec::new();
    for at in begin..words.len() {
        if (at == begin || follows_a_joint(sentence, &words, at))
            && let Some((kind, length)) = beginning(&words[at..])
            && at + length < words.len()
        {
            starts.push((at, kind));
        }
    }
    let ends = starts.iter().skip(1).map(|(at, _)| words[*at].start).chain([sentence.len()]);
    let pieces = starts.iter().zip(ends);
    pieces.filter_map(|((at, kind), end)| clause(&sentence[words[*at].start..end], *kind)).collect()
}

fn words_of(sentence: &str) -> Vec<Word<'_>> {
    words::of(sentence)
        .map(|text| {
            let start = text.as_ptr() as usize - sentence.as_ptr() as usize;
            Word { start, end: start + text.len(), folded: words::fold(text), text }
        })
        .collect()
}

fn follows_a_joint(sentence: &str, words: &[Word<'_>], at: usize) -> bool {
    let before = &words[at - 1];
    is_among(&before.folded, JOINTS) || sentence[before.end..words[at].start].contains([',', ':', '—', '–'])
}

/// The kind of clause that begins here, and how many words its beginning has.
fn beginning(words: &[Word<'_>]) -> Option<(FactKind, usize)> {
    let found = BEGINNINGS.iter().filter_map(|(kind, list)| Some((*kind, longest(words, list)?)));
    found.max_by_key(|(_, length)| *length)
}

fn kind_of(text: &str) -> FactKind {
    beginning(&words_of(text)).map_or(Other, |(kind, _)| kind)
}

/// The length in words of the longest of the beginnings that these words have.
fn longest(words: &[Word<'_>], list: &str) -> Option<usize> {
    let fits = |beginning: &str| {
        let wanted: Vec<&str> = beginning.split(' ').collect();
        let all = words.len() >= wanted.len()
            && words.iter().zip(&wanted).all(|(word, wanted)| is_like(&word.folded, wanted));
        all.then_some(wanted.len())
    };
    list.split('|').filter_map(fits).max()
}

fn is_like(word: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == wanted,
    }
}

fn is_among(word: &str, list: &str) -> bool {
    list.contains(&format!(" {word} "))
}

/// A clause without what joins it to the next, if enough of it is left.
fn clause(text: &str, kind: FactKind) -> Option<Clause<'_>> {
    let mut text = text;
    loop {
        let trimmed = text.trim_end_matches(|c: char| {
            c.is_whitespace() || matches!(c, ',' | '.' | '!' | ';' | ':' | '…' | '—' | '–')
        });
        let last = words_of(trimmed).pop();
        match last {
            Some(word) if is_among(&word.folded, JOINTS) && word.end == trimmed.len() => text = &trimmed[..word.start],
            _ => {
                text = trimmed;
                break;
            }
        }
    }
    let words = words_of(text);
    let long = text.chars().count() > MOST_CHARACTERS;
    (words.len() >= 2 && !long && words.iter().any(|word| word.text.len() > 1)).then_some(Clause { text, kind })
}

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

/// How clauses begin, as folded words parted at apostrophes; a star stands for any word or ending, and what ends with an
/// exclamation mark tells something by itself.
const BEGINNINGS: &[(FactKind, &str)] = &[
    (
        Identity,
        "my name is|call me|i am called|i m called|i live in|i live at|i live near|i live with|i moved to|i m moving to|i am moving to|i am from|i m from|i come from|i was born|i work|i study|i speak|i am a|i m a|i am an|i m an|i am * years|i m * years|i have a|i have an|i have two|i have three|i have four|i ve got|i own|i don t live|i do not live|i no longer live|i don t work|i do not work|i no longer work|i don t study|i no longer study|i don t speak|i do not speak|i don t drive!|i do not drive!|i no longer drive!|i don t have a|i don t have any|i do not have a|i do not have any|i no longer have|i don t own|i do not own|i m not from|i am not from|i m no longer|i am no longer|my birthday|my phone|my number|my email|my address|my job",
    ),
    (
        Preference,
        "i like|i love|i hate|i dislike|i don t like|i do not like|i prefer|i enjoy|i can t stand|my favourite|my favorite|i m allergic|i am allergic|i don t eat|i do not eat|i don t drink|i do not drink|i m vegetarian!|i am vegetarian!|i m vegan!|i am vegan!|i no longer like|i no longer eat|i no longer drink|i never eat|i never drink|i stopped eating|i stopped drinking|i gave up|i don t smoke!|i do not smoke!|i no longer smoke!|i never smoke!|i stopped smoking!|i quit smoking!|i m not allergic|i am not allergic|i m not vegetarian!|i m not vegan!",
    ),
    (
        Relationship,
        "i am married!|i m married!|i m not married!|i am not married!|i m divorced!|i am divorced!|i m no longer married!|my wife|my husband|my partner|my girlfriend|my boyfriend|my sister|my brother|my mother|my father|my mum|my mom|my dad|my son|my daughter|my friend|my best friend|my boss|my colleague|my grandmother|my grandfather|my aunt|my uncle|my cousin|my cat|my dog|my parents|my kids|my children",
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
        "меня зовут|живу в|живу на|живу с|работаю|учусь|я живу|я переехал*|я родом|я родил*|мне * лет|мне * год*|я работаю|я учусь|я говорю на|я больше не живу|я уже не живу|я не живу|больше не живу|я больше не работаю|я уже не работаю|я не работаю|больше не работаю|я больше не учусь|я уже не учусь|больше не учусь|я не говорю на|я не вожу машину!|у меня|у меня нет|у меня больше нет|мой день рождения|мой телефон|мой адрес|моя почта|моя работа",
    ),
    (
        Preference,
        "люблю|не люблю|обожаю|ненавижу|предпочитаю|не ем|не пью|не курю!|я люблю|я не люблю|я обожаю|я ненавижу|мне нравится|мне нравятся|мне не нравится|мне не нравятся|я предпочитаю|мой любим*|моя любим*|мое любим*|у меня аллергия|я не ем|я не пью|я вегетариан*!|я веган*!|я больше не люблю|я больше не ем|я больше не пью|я уже не ем|я уже не пью|больше не ем|больше не пью|я не курю!|я больше не курю!|больше не курю!|я никогда не курил*!|я бросил* курить!|я бросил* пить!|я бросил*|я перестал*|у меня нет аллергии",
    ),
    (
        Relationship,
        "я замужем!|я женат!|я не замужем!|я не женат!|я больше не замужем!|я больше не женат!|я в разводе!|я разведен*!|моя жена|моя сестра|моя мама|моя мать|моя дочь|моя подруга|моя девушка|моя бабушка|моя собака|моя кошка|мой муж|мой брат|мой отец|мой папа|мой сын|мой друг|мой начальник|мой дедушка|мой кот|мой пес|мои родители|мои дети|мою сестру|моего брата|мою жену|моего мужа",
    ),
    (
        Goal,
        "хочу|хотел бы|хотела бы|планирую|собираюсь|мечтаю|я хочу|я хотел бы|я хотела бы|я планирую|я собираюсь|моя цель|моя мечта|я мечтаю|я намерен*",
    ),
    (Task, "нужно|надо|мне нужно|мне надо|я должен|я должна|напомни мне"),
    (Event, "я решил*|мы решили|мы договорились|я купил*|я заказал*|я посадил*|я начал*|я закончил*|я записал*"),
    (
        Identity,
        "je m appelle|mon nom est|j habite|je vis|je viens de|je suis ne|je suis nee|j ai demenage|j ai * ans|je travaille|j etudie|je parle|je suis un|je suis une|j ai un|j ai une|j ai deux|j ai trois|je n habite pas|je n habite plus|je ne vis plus|je ne travaille pas|je ne travaille plus|je n etudie plus|je ne conduis pas!|je ne conduis plus!|je n ai pas de|je n ai pas d|je n ai plus de|je n ai plus d|je ne suis plus|mon anniversaire|mon telephone|mon numero|mon adresse|mon travail",
    ),
    (
        Preference,
        "j aime|j adore|je deteste|je n aime pas|je prefere|mon plat prefere|ma couleur preferee|je suis allergique|je ne mange pas|je ne bois pas|je suis vegetarien*!|je suis vegan*!|je n aime plus|je ne mange plus|je ne bois plus|je ne mange jamais|je ne bois jamais|je ne fume pas!|je ne fume plus!|j ai arrete de fumer!|j ai arrete de boire!|j ai arrete de|je ne suis pas allergique|je ne suis pas vegetarien*!",
    ),
    (
        Relationship,
        "je suis marie!|je suis mariee!|je ne suis pas marie!|je ne suis pas mariee!|je ne suis plus marie!|je ne suis plus mariee!|je suis divorce!|je suis divorcee!|ma femme|ma sœur|ma soeur|ma mere|ma fille|ma copine|ma grand mere|ma tante|ma chienne|mon mari|mon frere|mon pere|mon fils|mon ami|mon copain|mon patron|mon chef|mon chat|mon chien|mon grand pere|mes parents|mes enfants",
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

/// Words that point at something said elsewhere: a clause with one of them says nothing by itself.
const POINTERS: &str = " it this these those them you your yours \
это этого этому этом этим эти этих этой эту его её ее их ты тебя тебе тобой твой твоя твое твои вы вас вам вами ваш ваша ваше ваши \
ca cela ceci celui celle ceux tu te toi ton ta tes vous votre vos ";
/// What a pointing word may stand before without pointing elsewhere: `this spring` is a time.
const TIMES: &str = " spring summer autumn fall winter week weekend month year morning afternoon evening monday tuesday wednesday thursday friday \
saturday sunday весной летом осенью зимой неделе неделю месяце месяца году года весну лето осень зиму утром вечером выходные выходных ";
/// Words that leave open what is meant.
const VAGUE: &str = " few lot lots more much thing things others someone something many \
много мало вещи кое что нибудь другим другие plus chose choses autres beaucoup peu ";

/// What somebody is without for the moment only, or in a manner of speaking.
const PASSING: &str = " time clue idea doubt problem choice energy patience words strength времени сил слов сомнений проблем выбора идей настроения \
temps idee doute probleme choix envie patience force mots ";

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
    if let Some(order) = longest(&words[begin..], KEEP) {
        let kept = words.get(begin + order.split(' ').count()).map(|word| sentence[word.start..].trim());
        return kept.into_iter().filter_map(|text| clause(text, kind_of(text))).collect();
    }
    let mut starts: Vec<(usize, Beginning)> = Vec::new();
    for at in begin..words.len() {
        if (at == begin || follows_a_joint(sentence, &words, at))
            && let Some(beginning) = beginning(&words[at..])
        {
            starts.push((at, beginning));
        }
    }
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([words.len()]);
    let pieces = starts.iter().zip(ends).filter_map(|((at, beginning), end)| {
        // What follows a comma may point elsewhere, and what stands before it tell enough.
        let head = (*at + 1..end).find(|next| sentence[words[next - 1].end..words[*next].start].contains(','));
        let end = [Some(end), head].into_iter().flatten().find(|end| beginning.is_told(&words[*at..*end]))?;
        Some((*at, end, beginning.kind))
    });
    let text =
        |at: usize, end: usize| &sentence[words[at].start..words.get(end).map_or(sentence.len(), |word| word.start)];
    pieces.filter_map(|(at, end, kind)| clause(text(at, end), kind)).collect()
}

/// The part of a clause before what only adds to it: `I don't eat meat any more` of `I don't eat meat any more, I feel better`.
pub(super) fn head(clause: &str) -> &str {
    let ends = [",", ";", " since ", " depuis ", " because ", " parce ", " потому "];
    let end = ends.iter().filter_map(|end| clause.find(end)).min();
    end.map_or(clause, |end| clause[..end].trim_end())
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

/// How a clause begins.
#[derive(Clone, Copy)]
struct Beginning {
    kind: FactKind,
    /// How many words it has.
    length: usize,
    /// Whether they tell something themselves: one of them may be any (`I am 34 years`), or nothing need follow (`I don't smoke`).
    is_telling: bool,
}

impl Beginning {
    /// Whether a clause of these words tells something that can be understood without what was said around it.
    fn is_told(self, words: &[Word<'_>]) -> bool {
        let rest = &words[self.length.min(words.len())..];
        let tells = |word: &Word<'_>| words::terms(word.text).next().is_some() && !is_among(&word.folded, VAGUE);
        let is_time = |place: usize| rest.get(place + 1).is_some_and(|next| is_among(&next.folded, TIMES));
        let points = |(place, word): (usize, &Word<'_>)| is_among(&word.folded, POINTERS) && !is_time(place);
        let passes = |word: &Word<'_>| is_among(&word.folded, PASSING);
        (self.is_telling || rest.iter().any(tells)) && !rest.iter().enumerate().any(points) && !rest.iter().any(passes)
    }
}

/// How the clause begins that these words are, if it is one.
fn beginning(words: &[Word<'_>]) -> Option<Beginning> {
    let found = BEGINNINGS.iter().filter_map(|(kind, list)| {
        let wanted = longest(words, list)?;
        let is_telling = wanted.ends_with('!') || wanted.split(' ').any(|word| word == "*");
        Some(Beginning { kind: *kind, length: wanted.split(' ').count(), is_telling })
    });
    found.max_by_key(|beginning| beginning.length)
}

fn kind_of(text: &str) -> FactKind {
    beginning(&words_of(text)).map_or(Other, |beginning| beginning.kind)
}

/// The longest of the beginnings that these words have.
fn longest<'a>(words: &[Word<'_>], list: &'a str) -> Option<&'a str> {
    let fits = |beginning: &&str| {
        let mut wanted = beginning.trim_end_matches('!').split(' ');
        words.iter().zip(wanted.by_ref()).all(|(word, wanted)| is_like(&word.folded, wanted)) && wanted.next().is_none()
    };
    list.split('|').filter(fits).max_by_key(|beginning| beginning.split(' ').count())
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
        let after = &text[trimmed.len()..];
        // Only what another clause follows at once joins: `car` is French for `because`, and what `I bought a car` ends with.
        let joins = !after.is_empty() && after.chars().all(char::is_whitespace);
        let last = words_of(trimmed).pop();
        match last {
            Some(word) if joins && is_among(&word.folded, JOINTS) && word.end == trimmed.len() => {
                text = &trimmed[..word.start];
            }
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

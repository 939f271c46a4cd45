//! The words that tell something, and when two of them are one word in other forms.
//!
//! No stemmer and no dictionary: words agree by how they begin, so that this holds for any language with endings. What is
//! written without spaces is compared letter by letter, without the letters that only join others.

/// Words that say nothing about a subject, or only who said it and when: what a statement may add to what was said.
const EMPTY: &str = " the and has have had having was were are been being his her hers him its their they them she with for from that this \
these those who whom whose which what about into than then very also some any all does did doing can will shall could not but our ours your \
you there when while because during get gets got getting own owns really currently recently usually often still just like other another one \
user person speaker says said tells told mentions mentioned states stated reports reported expresses expressed feels felt named called \
это этот эта эти этого этой как что кто который которая которое которые которого его ему ней них ним неё нее для при про под над или уже ещё еще \
есть был была было были быть будет так тоже также очень сейчас теперь том тот чтобы когда где потому себя себе свой своя своё свои своего своей \
своему своих своим своими пользователь собеседник говорит сказал сказала сообщил сообщила имеет зовут \
les des une aux dans pour par sur avec sans est sont était étaient été être avoir avait ont ses son leur leurs elle elles ils lui qui que quoi \
dont cet cette ces mais très aussi plus pas dit utilisateur utilisatrice personne actuellement maintenant depuis chez fait ai suis appelle \
nomme s'appelle ";

/// How speakers without a name are called.
const NAMELESS: &str = " user the speaker person author owner they he she i me we пользователь собеседник автор utilisateur utilisatrice \
l interlocuteur ";

/// Numbers as people write them out, beside their figures; those that are also other words (`one`, `un`) are not here.
const NUMBERS: &[(&str, &str)] = &[
    ("2", " two two's twice два две двое двух двумя двум deux "),
    ("3", " three три трое трёх трех тремя трём trois "),
    ("4", " four четыре четверо четырёх четырех четырьмя quatre "),
    ("5", " five пять пятеро пяти cinq "),
    ("6", " six шесть шести "),
    ("7", " seven семь семи sept "),
    ("8", " eight восемь восьми huit "),
    ("9", " nine девять девяти neuf "),
    ("10", " ten десять десяти dix "),
    ("11", " eleven одиннадцать onze "),
    ("12", " twelve двенадцать douze "),
];

/// All words of a text in small letters, figures for numbers.
pub(super) fn all(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for piece in text.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty()) {
        let folded = piece.to_lowercase();
        if folded.chars().any(is_written_without_spaces) {
            words.extend(folded.chars().filter(|c| !is_joining(*c)).map(String::from));
        } else {
            let number = NUMBERS.iter().find(|(_, written)| is_among(&folded, written));
            words.push(number.map_or(folded, |(figure, _)| (*figure).to_owned()));
        }
    }
    words
}

/// The words of a text that tell something, each once.
pub(super) fn telling(text: &str) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for word in all(text) {
        let short = word.chars().count() < 3 && !word.chars().any(|c| c.is_numeric() || is_written_without_spaces(c));
        if !short && !is_among(&word, EMPTY) && !told.contains(&word) {
            told.push(word);
        }
    }
    told
}

/// Whether a word stands among others in this or another form.
pub(super) fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|other| alike(other, word))
}

/// Whether a word only stands for whoever speaks.
pub(super) fn is_nameless(word: &str) -> bool {
    is_among(word, NAMELESS)
}

/// Whether two words are one but for their endings: `lives` and `living`, `Москве` and `Москва`. Numbers have none.
fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if one.chars().chain(other.chars()).any(char::is_numeric) {
        return false;
    }
    let (length, others) = (one.chars().count(), other.chars().count());
    let common = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let longest = length.max(others);
    // Cases put longer endings on words.
    let endings = usize::from(one.chars().all(|c| matches!(c, 'а'..='я' | 'ё')));
    common >= 3 && longest - common <= 4 && common * 2 + endings >= longest
}

fn is_among(word: &str, list: &str) -> bool {
    list.contains(&format!(" {word} "))
}

/// Scripts from Thai on part no words.
fn is_written_without_spaces(letter: char) -> bool {
    letter >= '\u{e00}' && !('\u{1c80}'..='\u{2dff}').contains(&letter) && letter.is_alphabetic()
}

/// Hiragana joins what other signs say.
fn is_joining(letter: char) -> bool {
    ('\u{3040}'..='\u{309f}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_are_one_word_and_others_are_not() {
        for (one, other) in [
            ("lives", "living"),
            ("adopt", "adoption"),
            ("москве", "москвы"),
            ("живу", "живёт"),
            ("habite", "habiter"),
            ("studies", "study"),
            ("кошками", "кошек"),
        ] {
            assert!(alike(one, other) && alike(other, one), "{one} {other}");
        }
        for (one, other) in [("lyon", "paris"), ("12", "120"), ("tea", "teacher"), ("кот", "код"), ("boat", "book")]
        {
            assert!(!alike(one, other) && !alike(other, one), "{one} {other}");
        }
    }

    #[test]
    fn what_tells_nothing_is_passed_over_and_numbers_are_figures() {
        assert_eq!(telling("Ann has two cats, and she is called Ann"), ["ann", "2", "cats"]);
        assert_eq!(telling("私は東京に住んでいます"), ["私", "東", "京", "住"]);
        assert_eq!(telling("У неё есть кот"), ["кот"]);
    }
}

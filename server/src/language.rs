//! The languages that Souvenir's own texts exist in, and which of them a text is in.

use crate::words;

/// A language that texts exist in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, for everyone else too.
    English,
    /// Russian.
    Russian,
    /// French.
    French,
}

/// Words that only one of the two languages of Latin script has, of those that are in nearly every sentence. They are
/// parted at apostrophes, as [`words::of`] does.
const ENGLISH: &str = " about and are at be can did do does don for from had has have he hello her hey hi his how i if in is \
it its just know like ll my not of re remember she so tell thank thanks that the their them there they this to us ve was we \
were what when where which who why will with would you your ";
const FRENCH: &str = " ai aime alors au aussi aux avec avez bonjour bonsoir c ce ces cette chez combien comment d dans de des dis \
du elle elles es est et être il ils j je l la le les leur lui ma mais merci mes moi mon ne notre nous où oui par pas pour \
pourquoi qu quand que quel quelle quelles quels qui quoi sa sais salut ses si son sont souviens suis sur ta te tes toi ton \
très tu un une va vous votre y ";

impl Language {
    /// By an IETF tag where there is one that says it, else by the text; English if neither tells.
    #[must_use]
    pub fn of(tag: Option<&str>, text: &str) -> Self {
        match tag.map(|tag| tag.get(..2).unwrap_or(tag).to_ascii_lowercase()).as_deref() {
            Some("ru") => Self::Russian,
            Some("fr") => Self::French,
            Some("en") => Self::English,
            _ => Self::of_text(text).unwrap_or(Self::English),
        }
    }

    /// The language of a text, by its letters and commonest words; none if they do not tell.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        // Addresses are in no language.
        let said: Vec<&str> = text.split_whitespace().filter(|part| !part.contains(['@', '/'])).collect();
        let text = said.join(" ");
        let letters = |is: fn(&char) -> bool| text.chars().filter(is).count();
        let cyrillic = letters(|c| matches!(c, 'Ѐ'..='ӿ'));
        if cyrillic > letters(|c| matches!(c, 'a'..='z' | 'A'..='Z' | 'À'..='ÿ')) {
            return Some(Self::Russian);
        }
        let words: Vec<String> = words::of(&text).map(str::to_lowercase).collect();
        let among = |list: &str| words.iter().filter(|word| list.contains(&format!(" {word} "))).count();
        // Letters and marks that English does not write.
        let accents = letters(|c| "éèêëàâçùûîïôœÉÈÊÀÇ«»".contains(*c));
        let (english, french) = (among(ENGLISH), among(FRENCH) + accents);
        match english.cmp(&french) {
            std::cmp::Ordering::Less => Some(Self::French),
            std::cmp::Ordering::Greater => Some(Self::English),
            std::cmp::Ordering::Equal => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_tells_its_language() {
        for (text, language) in [
            ("Hello, who are you?", Language::English),
            ("Where did Natalie move?", Language::English),
            ("Привет, кто ты?", Language::Russian),
            ("Мой email: ann@example.org, запомни", Language::Russian),
            ("Bonjour, qui es-tu ?", Language::French),
            ("Que sais-tu de moi ?", Language::French),
            ("J’habite à Lyon depuis l’été", Language::French),
            ("On se voit demain chez Paul", Language::French),
            ("Où est Natalie ?", Language::French),
        ] {
            assert_eq!(Language::of_text(text), Some(language), "{text}");
        }
    }

    #[test]
    fn a_tag_counts_for_more_than_a_text() {
        assert_eq!(Language::of(Some("ru-RU"), "hello"), Language::Russian);
        assert_eq!(Language::of(None, "Привет"), Language::Russian);
        assert_eq!(Language::of(None, "est-ce que tu sais"), Language::French);
        assert_eq!(Language::of(Some("de"), "wer bin ich"), Language::English);
    }

    #[test]
    fn what_tells_no_language_is_left_to_the_reader() {
        for text in ["", "42", "👍", "Lyon", "日本語"] {
            assert_eq!(Language::of_text(text), None, "{text}");
        }
    }
}

//! What a button of `/facts` wants: written into its data, and read back from the command that a press is.

use souvenir_memory::FactId;

/// What is to be done about facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Show a page of the list, from 1.
    List { page: usize },
    /// Show one fact, and lead back to that page.
    Show { fact: FactId, page: usize },
    /// Pin it, or unpin it.
    Pin { fact: FactId, pinned: bool, page: usize },
    /// Delete it, if it is still this version.
    Delete { fact: FactId, version: u32, page: usize },
    /// Forget it for good, if it is still this version.
    Forget { fact: FactId, version: u32, page: usize },
    /// Undo its deletion; pin it if it was pinned.
    Restore { fact: FactId, pinned: bool, page: usize },
    /// Ask for another wording.
    Ask { fact: FactId },
    /// Take another wording.
    Correct { fact: FactId, statement: String },
    /// Undo a correction: take this version again.
    Version { fact: FactId, version: u32 },
    /// Show the words it rests on.
    Quote { fact: FactId },
}

impl Wish {
    /// Reads what stands after `/facts`; whatever is not understood shows the list.
    pub(super) fn read(text: &str) -> Self {
        Self::read_known(text).unwrap_or_else(|| Self::List { page: text.trim().parse().unwrap_or(1) })
    }

    fn read_known(text: &str) -> Option<Self> {
        let (what, rest) = text.trim().split_once(char::is_whitespace)?;
        let mut numbers = rest.split_whitespace();
        let first: i64 = numbers.next()?.parse().ok()?;
        let fact = FactId(first);
        let second = numbers.next();
        let page = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or(1);
        let version = second.and_then(|text| text.parse().ok());
        Some(match what {
            "page" => Self::List { page: usize::try_from(first).ok()? },
            "show" => Self::Show { fact, page: page(second) },
            "pin" => Self::Pin { fact, pinned: true, page: page(second) },
            "unpin" => Self::Pin { fact, pinned: false, page: page(second) },
            "delete" => Self::Delete { fact, version: version?, page: page(numbers.next()) },
            "forget" => Self::Forget { fact, version: version?, page: page(numbers.next()) },
            "restore" => Self::Restore { fact, pinned: false, page: page(second) },
            "repin" => Self::Restore { fact, pinned: true, page: page(second) },
            "ask" => Self::Ask { fact },
            "correct" => {
                let statement = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim();
                Self::Correct { fact, statement: statement.to_owned() }
            }
            "version" => Self::Version { fact, version: version? },
            "quote" => Self::Quote { fact },
            _ => return None,
        })
    }

    /// The data of a button that wants this: at most 64 bytes.
    pub(super) fn data(&self) -> String {
        match self {
            Self::List { page } => format!("facts:page:{page}"),
            Self::Show { fact, page } => format!("facts:show:{fact}:{page}"),
            Self::Pin { fact, pinned: true, page } => format!("facts:pin:{fact}:{page}"),
            Self::Pin { fact, pinned: false, page } => format!("facts:unpin:{fact}:{page}"),
            Self::Delete { fact, version, page } => format!("facts:delete:{fact}:{version}:{page}"),
            Self::Forget { fact, version, page } => format!("facts:forget:{fact}:{version}:{page}"),
            Self::Restore { fact, pinned: false, page } => format!("facts:restore:{fact}:{page}"),
            Self::Restore { fact, pinned: true, page } => format!("facts:repin:{fact}:{page}"),
            Self::Ask { fact } => format!("facts:ask:{fact}"),
            // No button: it is what a reply to the question becomes.
            Self::Correct { fact, .. } => format!("facts:show:{fact}:1"),
            Self::Version { fact, version } => format!("facts:version:{fact}:{version}"),
            Self::Quote { fact } => format!("facts:quote:{fact}"),
        }
    }
}

/// The command that a reply with another wording is.
pub(in crate::telegram) fn correction(fact: FactId, wording: &str) -> String {
    format!("/facts correct {fact} {wording}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACT: FactId = FactId(i64::MAX);

    #[test]
    fn every_button_reads_back_and_fits_whatever_the_numbers() {
        let (page, version) = (usize::MAX, u32::MAX);
        let wishes = [
            Wish::List { page: usize::try_from(i64::MAX).unwrap() },
            Wish::Show { fact: FACT, page },
            Wish::Pin { fact: FACT, pinned: true, page },
            Wish::Pin { fact: FACT, pinned: false, page },
            Wish::Delete { fact: FACT, version, page },
            Wish::Forget { fact: FACT, version, page },
            Wish::Restore { fact: FACT, pinned: false, page },
            Wish::Restore { fact: FACT, pinned: true, page },
            Wish::Ask { fact: FACT },
            Wish::Version { fact: FACT, version },
            Wish::Quote { fact: FACT },
        ];
        for wish in wishes {
            let data = wish.data();
            assert!(data.len() <= 64, "{data}");
            let (_, arguments) = data.split_once(':').unwrap();
            assert_eq!(Wish::read(&arguments.replace(':', " ")), wish);
        }
    }

    #[test]
    fn a_correction_keeps_its_words_and_lines() {
        let text = correction(FactId(7), "12 *stars*\nand 3 more");
        let arguments = text.strip_prefix("/facts ").unwrap();
        let statement = "12 *stars*\nand 3 more".to_owned();
        assert_eq!(Wish::read(arguments), Wish::Correct { fact: FactId(7), statement });
    }

    #[test]
    fn what_is_not_understood_shows_the_list() {
        for (text, page) in
            [("", 1), ("3", 3), ("everything", 1), ("pin", 1), ("pin it", 1), ("delete 5", 1), ("show", 1)]
        {
            assert_eq!(Wish::read(text), Wish::List { page }, "{text}");
        }
    }
}

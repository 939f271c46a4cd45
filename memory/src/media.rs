//! What comes without being text, in words: `[photo] my cat`, `[voice message, 4 s, transcribed] Hello there`.
//!
//! A message of kind media begins with a note in brackets about what came. Behind it stand the words that a person wrote with
//! it, and what could be read of it: what was said in a recording, or what stands in a document. A note has no brackets
//! within, so that it always ends at the first.

use serde::{Deserialize, Serialize};

use crate::MessageKind;

/// What may be read of a file that comes with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A model may be shown it.
    Picture,
    /// Its words are the speaker's own.
    Voice,
    /// Its words may be anybody's.
    Audio,
    /// Text that somebody keeps in a file.
    Document,
}

impl FileKind {
    /// Every kind there is.
    pub const ALL: [Self; 4] = [Self::Picture, Self::Voice, Self::Audio, Self::Document];

    /// Its name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Voice => "voice",
            Self::Audio => "audio",
            Self::Document => "document",
        }
    }

    /// Whether it is something to listen to.
    #[must_use]
    pub fn is_sound(self) -> bool {
        matches!(self, Self::Voice | Self::Audio)
    }
}

/// A file that came with a message. The file itself is nowhere kept: this is how to ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What may be read of it.
    pub kind: FileKind,
    /// The name by which whoever brought it gives it out.
    pub id: String,
    /// The name its owner gave it.
    pub name: Option<String>,
    /// Its media type, as whoever brought it says.
    pub mime: Option<String>,
    /// Its size, where that was said.
    pub bytes: Option<u64>,
    /// How long a recording is, in seconds, where that was said.
    pub seconds: Option<u32>,
}

/// A note about something that came: `voice message, 4 s` becomes `[voice message, 4 s]`.
#[must_use]
pub fn note(what: &str) -> String {
    let plain: String = what.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("[{}]", plain.replace('[', "(").replace(']', ")"))
}

/// A note and the words behind it; none where a text begins with no note.
#[must_use]
pub fn split(text: &str) -> Option<(&str, &str)> {
    let end = text.strip_prefix('[')?.find(']')? + 1;
    Some((&text[1..end], text[end + 1..].trim_start()))
}

/// Where the words begin behind the note of a message of kind media.
#[must_use]
pub fn words_from(kind: MessageKind, text: &str) -> usize {
    match split(text) {
        Some((note, _)) if kind == MessageKind::Media => note.len() + 2,
        _ => 0,
    }
}

/// Whether a message is a note about something that came, and no more.
#[must_use]
pub fn is_wordless(kind: MessageKind, text: &str) -> bool {
    kind == MessageKind::Media && split(text).is_some_and(|(_, words)| words.is_empty())
}

/// Whether what stands behind the note may be anybody's words.
#[must_use]
pub fn is_of_others(kind: MessageKind, text: &str) -> bool {
    let of_others = |note: &str| ["file", "document", "audio"].iter().any(|what| note.starts_with(what));
    kind == MessageKind::Media && split(text).is_some_and(|(note, _)| of_others(note))
}

/// The text of a message once something could be read of what came: the note says how, and what was read stands last.
#[must_use]
pub fn with_reading(text: &str, how: &str, reading: &str) -> String {
    let (what, words) = split(text).unwrap_or(("", text));
    let about = if how.is_empty() { note(what) } else { note(&format!("{what}, {how}")) };
    let said = if words.is_empty() { about } else { format!("{about} {words}") };
    let gap = if words.is_empty() && !reading.contains('\n') { " " } else { "\n" };
    format!("{said}{gap}{reading}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_note_parts_from_the_words_behind_it() {
        assert_eq!(split("[photo] my cat"), Some(("photo", "my cat")));
        assert_eq!(split("[photo]"), Some(("photo", "")));
        assert_eq!(split("my cat [photo]"), None);
        assert_eq!(words_from(MessageKind::Media, "[photo] my cat"), 7);
        assert_eq!(words_from(MessageKind::Text, "[photo] my cat"), 0);
    }

    #[test]
    fn a_list_in_a_file_is_no_note() {
        assert!(is_wordless(MessageKind::Media, "[file: a.json]"));
        assert!(!is_wordless(MessageKind::Media, "[file: a.json]\n[1, 2]"));
        assert!(!is_wordless(MessageKind::Text, "[sigh]"));
    }

    #[test]
    fn what_is_read_of_a_recording_is_the_speakers_and_of_a_file_anybodys() {
        let voice = with_reading(&note("voice message, 4 s"), "transcribed", "I live in Lyon");
        assert_eq!(voice, "[voice message, 4 s, transcribed] I live in Lyon");
        assert!(!is_of_others(MessageKind::Media, &voice));
        let file = with_reading("[file: a.txt] look", "the first 2 of 9 lines", "one\ntwo");
        assert_eq!(file, "[file: a.txt, the first 2 of 9 lines] look\none\ntwo");
        assert!(is_of_others(MessageKind::Media, &file));
    }

    proptest! {
        #[test]
        fn no_name_of_a_file_ends_its_note_or_becomes_words(name in ".*", reading in ".*") {
            let base = note(&format!("file: {name}"));
            prop_assert!(is_wordless(MessageKind::Media, &base));
            let text = with_reading(&base, "", &reading);
            prop_assert!(is_of_others(MessageKind::Media, &text));
            prop_assert!(text.ends_with(&reading));
        }
    }
}

//! Documents: text in UTF-8 or UTF-16, as many of its first lines as there is room for.

use souvenir_memory::{ChatId, Encoding, TokenCount};

use super::{DueFile, Engine, Fetched, Taken, Unread};
use crate::{engine::error::Result, llm::tokens::count_off_thread, store::Reading};

/// The part of what a request may hold that all documents of an answer share, one in so many.
const SHARE: u32 = 2;
/// No beginning is cut more often than this to fit: each cut is a tenth shorter than it has to be.
const MOST_CUTS: usize = 20;

/// The beginning of a document that has room.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    text: String,
    lines: usize,
    is_whole: bool,
}

impl Engine {
    pub(super) async fn take_document(
        &self,
        chat: ChatId,
        file: &DueFile,
        fetched: &Fetched,
        among: usize,
    ) -> Result<Taken> {
        let Some(text) = decoded(&fetched.bytes, fetched.is_cut) else {
            return Ok(Taken::Unread(Unread::Unreadable));
        };
        let settings = self.settings(Some(chat)).await?;
        let model = &settings.chat_model.value;
        let encoding = Encoding::of_model(model);
        let limit = self.scale(model).await?.raw_limit(self.within_window(model, settings.budget()).hard_limit());
        let prompt = count_off_thread(encoding, &settings.system_prompt.value).await;
        let among = u32::try_from(among.max(1)).unwrap_or(u32::MAX);
        let room = TokenCount(limit.saturating_sub(prompt).0 / SHARE / among);
        let excerpt = beginning(&text, room, encoding).await;
        if excerpt.text.trim().is_empty() {
            return Ok(Taken::Unread(Unread::Unreadable));
        }
        if excerpt.is_whole && !fetched.is_cut {
            self.keep_reading(chat, file, Reading { how: "", text: &excerpt.text }).await?;
            return Ok(Taken::Whole);
        }
        let of = (!fetched.is_cut).then(|| text.lines().count());
        let how = match of {
            Some(all) => format!("the first {} of {all} lines, the rest left out", excerpt.lines),
            None => format!("the first {} lines, the rest left out", excerpt.lines),
        };
        self.keep_reading(chat, file, Reading { how: &how, text: &excerpt.text }).await?;
        Ok(Taken::Partly { lines: excerpt.lines, of })
    }
}

/// Bytes as text; none where they are none. A character that a cut broke is left out.
fn decoded(bytes: &[u8], is_cut: bool) -> Option<String> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, is_cut)?,
        _ => utf8(bytes, is_cut)?,
    };
    // Nobody writes these; what holds them is no text, whatever it is called.
    (!text.contains('\0')).then(|| text.replace("\r\n", "\n"))
}

fn utf8(bytes: &[u8], is_cut: bool) -> Option<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if is_cut && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok().map(str::to_owned)
        }
        Err(_) => None,
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// As much of the beginning of a text as so many tokens hold: whole lines, where there is room for one.
async fn beginning(text: &str, room: TokenCount, encoding: Encoding) -> Excerpt {
    let text = text.trim_end();
    // No token is longer than this many bytes on average, and counting megabytes to use a page of them would be a waste.
    let (mut kept, mut is_whole) = shortened(text, (room.0 as usize).saturating_mul(16));
    for _ in 0..MOST_CUTS {
        let tokens = count_off_thread(encoding, kept).await;
        if tokens <= room {
            return Excerpt { text: kept.to_owned(), lines: kept.lines().count(), is_whole };
        }
        let fits = kept.len() as u64 * u64::from(room.0) / u64::from(tokens.0.max(1)) * 9 / 10;
        kept = shortened(kept, usize::try_from(fits).unwrap_or(0)).0;
        is_whole = false;
    }
    Excerpt { text: String::new(), lines: 0, is_whole: false }
}

/// The beginning of a text, at most so many bytes, up to the end of a line if there is one; and whether that is all.
fn shortened(text: &str, bytes: usize) -> (&str, bool) {
    if text.len() <= bytes {
        return (text, true);
    }
    let cut = &text[..text.floor_char_boundary(bytes)];
    let line = cut.rfind('\n').filter(|end| *end > 0);
    (line.map_or(cut, |end| &cut[..end]), false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_known_by_its_bytes_and_not_by_its_name() {
        assert_eq!(decoded("жизнь".as_bytes(), false).as_deref(), Some("жизнь"));
        assert_eq!(decoded(b"\xEF\xBB\xBFone\r\ntwo", false).as_deref(), Some("one\ntwo"));
        assert_eq!(decoded(b"\xFF\xFEh\x00i\x00", false).as_deref(), Some("hi"));
        assert_eq!(decoded(b"\xFE\xFF\x00h\x00i", false).as_deref(), Some("hi"));
        assert_eq!(decoded(b"PK\x03\x04\x00\x00", false), None);
        assert_eq!(decoded(b"\xCF\xF0\xE8", false), None);
    }

    #[test]
    fn a_character_that_the_end_of_the_bytes_broke_is_left_out() {
        let bytes = "né".as_bytes();
        assert_eq!(decoded(&bytes[..2], true).as_deref(), Some("n"));
        assert_eq!(decoded(&bytes[..2], false), None);
    }

    #[tokio::test]
    async fn a_beginning_ends_with_a_line_and_fits() {
        let text: String = (0..200).map(|n| format!("line number {n}\n")).collect();
        let excerpt = beginning(&text, TokenCount(50), Encoding::O200kBase).await;
        assert!(!excerpt.is_whole && excerpt.lines > 5, "{excerpt:?}");
        assert!(text.starts_with(&excerpt.text) && text[excerpt.text.len()..].starts_with('\n'));
        assert!(count_off_thread(Encoding::O200kBase, &excerpt.text).await <= TokenCount(50));
        let whole = beginning("a\nb\n", TokenCount(50), Encoding::O200kBase).await;
        assert_eq!(whole, Excerpt { text: "a\nb".to_owned(), lines: 2, is_whole: true });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_text_has_a_beginning_that_fits(text in "(?s).{0,400}", room in 1_u32..60) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let excerpt = runtime.block_on(beginning(&text, TokenCount(room), Encoding::O200kBase));
            let tokens = runtime.block_on(count_off_thread(Encoding::O200kBase, &excerpt.text));
            prop_assert!(text.starts_with(&excerpt.text) && tokens.0 <= room);
        }
    }
}

//! Albums: Telegram brings each picture of one as a message of its own. They are gathered before they are answered, and what
//! holds for one holds for all: an album is one message of a person's, whoever it speaks to.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use souvenir_memory::ChatId;
use tokio::time::{Instant, sleep_until};

/// An album is whole once nothing of it has come for so long.
const QUIET: Duration = Duration::from_millis(500);
/// Nobody's album takes longer to arrive.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The albums that came lately.
#[derive(Debug, Default)]
pub(super) struct Albums {
    known: Mutex<HashMap<String, Album>>,
}

#[derive(Clone, Copy, Debug)]
struct Album {
    chat: ChatId,
    at: Instant,
    is_answered: bool,
}

impl Albums {
    fn known(&self) -> MutexGuard<'_, HashMap<String, Album>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what came of an album before is answered; none when nothing came.
    pub(super) fn is_answered(&self, album: &str) -> Option<bool> {
        self.known().get(album).map(|album| album.is_answered)
    }

    /// Something of an album came.
    pub(super) fn note(&self, album: &str, chat: ChatId, is_answered: bool) {
        let now = Instant::now();
        let mut known = self.known();
        known.retain(|_, album| now.duration_since(album.at) < REMEMBERED);
        let is_answered = is_answered || known.get(album).is_some_and(|album| album.is_answered);
        known.insert(album.to_owned(), Album { chat, at: now, is_answered });
    }

    /// Waits until the albums of a chat are whole.
    pub(super) async fn gather(&self, chat: ChatId) {
        while let Some(whole) = self.whole_at(chat).filter(|whole| *whole > Instant::now()) {
            sleep_until(whole).await;
        }
    }

    /// When the albums of a chat are whole, if nothing more comes.
    fn whole_at(&self, chat: ChatId) -> Option<Instant> {
        self.known().values().filter(|album| album.chat == chat).map(|album| album.at + QUIET).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_album_is_whole_after_some_quiet_and_its_pictures_are_treated_alike() {
        let albums = Albums::default();
        let (chat, other) = (ChatId(1), ChatId(2));
        assert_eq!((albums.whole_at(chat), albums.is_answered("a")), (None, None));
        albums.note("a", chat, true);
        let first = albums.whole_at(chat).unwrap();
        albums.note("a", chat, false);
        assert!(albums.whole_at(chat).unwrap() >= first && first > Instant::now());
        assert_eq!((albums.is_answered("a"), albums.is_answered("b")), (Some(true), None));
        assert_eq!(albums.whole_at(other), None, "another chat does not wait");
        albums.gather(other).await;
        albums.gather(chat).await;
        assert!(Instant::now() >= first);
    }
}

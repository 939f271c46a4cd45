//! Pictures: held until the model has seen them, and as many shown as the budget holds.

use std::sync::{Arc, PoisonError};

use souvenir_memory::{ChatId, Message, TokenCount};

use super::{DueFile, Engine, Fetched, Taken, Unread};
use crate::llm::Picture;

/// So many pictures of one answer are shown at most.
const MOST_PICTURES: usize = 10;

/// The pictures of the messages of one answer.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Shown {
    /// Those that are shown, each with the place of its message among those being answered.
    pub(in crate::engine) pictures: Vec<(usize, Arc<Picture>)>,
    /// How many found no room.
    pub(in crate::engine) without_room: usize,
}

impl Shown {
    /// The tokens of the pictures of the message at `place`.
    pub(in crate::engine) fn tokens_at(&self, place: usize) -> TokenCount {
        self.pictures.iter().filter(|(at, _)| *at == place).map(|(_, picture)| picture.tokens()).sum()
    }
}

impl Engine {
    pub(super) fn take_picture(&self, chat: ChatId, file: &DueFile, fetched: &Fetched) -> Taken {
        if fetched.is_cut {
            return Taken::Unread(Unread::TooLarge);
        }
        let Some(picture) = Picture::read(&fetched.bytes) else { return Taken::Unread(Unread::Unreadable) };
        let mut held = self.inner.files.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert((chat, file.message, file.of_reply), Arc::new(picture));
        Taken::Whole
    }

    /// The pictures of messages being answered, as many as find room in so many raw tokens.
    pub(in crate::engine) fn pictures_of(&self, chat: ChatId, messages: &[Message], room: TokenCount) -> Shown {
        let held = self.inner.files.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut shown, mut left) = (Shown::default(), room);
        for (place, message) in messages.iter().enumerate() {
            for of_reply in [true, false] {
                let Some(picture) = held.get(&(chat, message.id, of_reply)) else { continue };
                if picture.tokens() > left || shown.pictures.len() >= MOST_PICTURES {
                    shown.without_room += 1;
                    continue;
                }
                left = left.saturating_sub(picture.tokens());
                shown.pictures.push((place, Arc::clone(picture)));
            }
        }
        shown
    }

    /// Lets go of the pictures of messages that have been answered.
    pub(in crate::engine) fn let_pictures_go(&self, chat: ChatId, messages: &[Message]) {
        let mut held = self.inner.files.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(of, message, _), _| *of != chat || messages.iter().all(|answered| answered.id != *message));
    }
}

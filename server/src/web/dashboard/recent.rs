//! What an action came to, for the page that follows it.
//!
//! That may be another page, with or without scripts; so the last few are kept in memory and go by a number in the address.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// How many are kept.
const KEPT: usize = 20;

/// The last few of something, numbered from 1.
#[derive(Debug)]
pub(super) struct Recent<T>(Mutex<(u64, VecDeque<(u64, T)>)>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::new((0, VecDeque::new())))
    }
}

impl<T: Clone> Recent<T> {
    /// Keeps one and gives its number.
    pub(super) fn keep(&self, one: T) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        let number = kept.0;
        kept.1.push_back((number, one));
        if kept.1.len() > KEPT {
            kept.1.pop_front();
        }
        number
    }

    /// The one of this number, as long as it is kept.
    pub(super) fn find(&self, number: u64) -> Option<T> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1.iter().find(|(known, _)| *known == number).map(|(_, one)| one.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_few_are_found_by_their_numbers() {
        let recent = Recent::default();
        let numbers: Vec<u64> = (0..KEPT + 2).map(|each| recent.keep(each)).collect();
        assert_eq!(numbers[0], 1);
        assert_eq!((recent.find(1), recent.find(2), recent.find(3)), (None, None, Some(2)));
        assert_eq!(recent.find(KEPT as u64 + 2), Some(KEPT + 1));
    }
}

//! What vectors take: each chat pays for its messages and its questions.
//!
//! Questions are embedded while somebody waits for a reply, so what they took is noted in memory and written down by the worker
//! with its next look. A crash in between loses a note of some tokens, never a vector.

use std::{collections::BTreeMap, sync::PoisonError};

use souvenir_memory::{ChatId, TokenCount, spending::Spending};

use super::Engine;
use crate::{
    engine::{error::Result, spending::Purpose},
    llm::{Usage, openai::embeddings::Took},
    store::ToEmbed,
};

impl Engine {
    /// Notes what a question took, to be written down later.
    pub(super) fn note_question(&self, chat: ChatId, took: Took) {
        if took.tokens > 0 {
            let mut noted = self.inner.vectors.asked.lock().unwrap_or_else(PoisonError::into_inner);
            *noted.entry(chat).or_default() += took.tokens;
        }
    }

    /// Writes down what questions took since the last time.
    pub(super) async fn spend_on_questions(&self, model: &str) -> Result<()> {
        let noted = std::mem::take(&mut *self.inner.vectors.asked.lock().unwrap_or_else(PoisonError::into_inner));
        for (chat, tokens) in noted {
            self.spend_on_vectors(Some(chat), model, tokens).await?;
        }
        Ok(())
    }

    /// Writes down what one request took, shared among chats by the length of their texts.
    pub(super) async fn spend_on_passages(&self, model: &str, took: Took, lengths: &[(ChatId, usize)]) -> Result<()> {
        for (chat, tokens) in shares(took.tokens, lengths) {
            self.spend_on_vectors(Some(chat), model, tokens).await?;
        }
        Ok(())
    }

    /// Writes down what vectors took.
    pub(super) async fn spend_on_vectors(&self, chat: Option<ChatId>, model: &str, tokens: u64) -> Result<()> {
        if tokens == 0 {
            return Ok(());
        }
        self.spend_besides(chat, Purpose::Embedding, model, (usage(tokens), None)).await
    }

    /// Of these chats, those whose budgets leave room for what can wait. What costs nothing, or nobody knows what, is not held up.
    pub(super) async fn affordable(&self, model: &str, chats: Vec<ToEmbed>) -> Result<Vec<ToEmbed>> {
        let costs = self.prices().cost_of(model, usage(1_000_000), None).is_some_and(|cost| cost.0 > 0);
        if !costs {
            return Ok(chats);
        }
        let mut affordable = Vec::with_capacity(chats.len());
        for chat in chats {
            if self.may_spend(chat.chat, Spending::Background).await?.is_none() {
                affordable.push(chat);
            }
        }
        Ok(affordable)
    }
}

fn usage(tokens: u64) -> Usage {
    Usage { prompt: TokenCount(u32::try_from(tokens).unwrap_or(u32::MAX)), ..Usage::default() }
}

/// So many tokens shared out by lengths, each chat once; the shares add up to all of it.
fn shares(tokens: u64, lengths: &[(ChatId, usize)]) -> BTreeMap<ChatId, u64> {
    let all: u64 = lengths.iter().map(|(_, length)| *length as u64).sum();
    let (mut before, mut shares) = (0, BTreeMap::new());
    for (chat, length) in lengths {
        let upto = |length: u64| tokens * length / all.max(1);
        let share = upto(before + *length as u64) - upto(before);
        before += *length as u64;
        *shares.entry(*chat).or_default() += share;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chat_pays_for_its_own_texts_and_all_of_it_is_paid() {
        let lengths = [(ChatId(1), 10), (ChatId(2), 30), (ChatId(1), 11)];
        let shared = shares(100, &lengths);
        assert_eq!(shared.values().sum::<u64>(), 100);
        assert!((39..=42).contains(&shared[&ChatId(1)]), "{shared:?}");
        assert_eq!(shares(0, &lengths).values().sum::<u64>(), 0);
        assert!(shares(7, &[]).is_empty());
    }
}

//! Snapshots to build from: plain ones for examples, and any at all for properties.

use crate::{
    ChatId, Fact, FactId, FactKind, FactSource, FactStatus, Message, MessageId, MessageKind, RevisionId, Role, Scale,
    SessionDuration, Timestamp, TokenBudget, TokenCount, TurnId,
    context::{ContextSettings, Recalled, Snapshot, SystemPrompt},
};

/// The moment at which everything is built.
pub(super) const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A text of exactly `tokens` words, unlike that of any other `id`.
pub(super) fn text_of(id: i64, tokens: u32) -> String {
    match tokens {
        0 => String::new(),
        words => format!("m{id}m{}", " word".repeat(words as usize - 1)),
    }
}

/// A user's message of `tokens` tokens, one minute old for each id below a thousand.
pub(super) fn said(id: i64, tokens: u32) -> Message {
    Message {
        id: MessageId(id),
        revision: RevisionId(id + 5000),
        turn: None,
        role: Role::User,
        author: None,
        kind: MessageKind::Text,
        text: text_of(id, tokens),
        tokens: TokenCount(tokens),
        at: NOW.minus_minutes(u32::try_from(1000 - id).unwrap_or(0)),
        archived_at: None,
    }
}

/// A conversation of `turns` turns, a question and an answer of `tokens` each, with ids up to `last` and no pause.
pub(super) fn conversation(turns: i64, tokens: u32, last: i64) -> Vec<Message> {
    let first = last + 1 - turns * 2;
    (first..=last)
        .map(|id| Message {
            role: if (id - first) % 2 == 0 { Role::User } else { Role::Assistant },
            turn: Some(TurnId((id - first) / 2)),
            ..said(id, tokens)
        })
        .collect()
}

/// An active fact of `words` words, recorded in the order of its id.
pub(super) fn fact(id: i64, words: u32) -> Fact {
    Fact {
        id: FactId(id),
        chat: ChatId(1),
        version: 1,
        kind: FactKind::Other,
        subject: None,
        statement: text_of(id, words),
        status: FactStatus::Active,
        pinned: false,
        source: FactSource::Extracted,
        confidence: 1.0,
        goal_state: None,
        due_at: None,
        valid_at: None,
        invalid_at: None,
        recorded_at: Timestamp(id),
        expired_at: None,
        created_at: Timestamp(id),
    }
}

/// A hit of recall.
pub(super) fn hit(message: &Message, score: f64) -> Recalled {
    Recalled { message: message.clone(), day: "1 May".to_owned(), score }
}

/// A snapshot with a system prompt of 100 tokens, and nothing but what is given.
pub(super) fn snapshot(messages: Vec<Message>, current: Vec<Message>) -> Snapshot {
    Snapshot {
        system_prompt: SystemPrompt { text: text_of(0, 100), sha256: "00".repeat(32) },
        facts: Vec::new(),
        summaries: Vec::new(),
        digests: Vec::new(),
        messages,
        current,
        recalled: Vec::new(),
        fact_scores: std::collections::BTreeMap::new(),
        older: Vec::new(),
        trim_mark: None,
        context_start: None,
        clock: None,
    }
}

/// The default budget at a scale of 1 and a session of `minutes`.
pub(super) fn settings(minutes: u32) -> ContextSettings {
    ContextSettings {
        model: "test-model".to_owned(),
        budget: TokenBudget::default(),
        scale: Scale::EXACT,
        session: SessionDuration::from_minutes(minutes).unwrap(),
        tool: None,
    }
}

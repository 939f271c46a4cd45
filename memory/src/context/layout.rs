//! Lays the chosen parts out in the order of the prompt, and writes down what each costs.

use super::{ContextMessage, ContextSettings, block::Block};
use crate::{
    Message, MessageId, Role, Timestamp, TokenCount, TokenCounter,
    manifest::{BudgetUse, ItemKind, ItemRef, LeftOut, Manifest, Section, SectionUse, Segment, Totals},
    tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD},
};

/// The request and its segments, as they grow in the order of the prompt.
#[derive(Default)]
pub(super) struct Layout {
    pub(super) messages: Vec<ContextMessage>,
    pub(super) segments: Vec<Segment>,
}

impl Layout {
    fn segment(&mut self, section: Section, kind: ItemKind, item: Option<ItemRef>, tokens: TokenCount) {
        self.segments.push(Segment { section, kind, item, tokens, score: None });
    }

    /// Adds the system prompt, unless it is empty.
    pub(super) fn system(&mut self, message: Option<ContextMessage>, sha256: &str) {
        if let Some(message) = message {
            let item = ItemRef::Prompt { sha256: sha256.to_owned() };
            self.segment(Section::System, ItemKind::Prompt, Some(item), message.tokens);
            self.messages.push(message);
        }
    }

    /// Adds the definition of a tool, which is no message.
    pub(super) fn tool(&mut self, definition: Option<TokenCount>) {
        if let Some(tokens) = definition {
            self.segment(Section::System, ItemKind::Tool, None, tokens);
        }
    }

    /// Adds a system message made of lines, unless it is empty.
    pub(super) fn block(&mut self, block: Block) {
        block.append_to(&mut self.messages, &mut self.segments);
    }

    /// Adds the recent messages and gives the first, which is the next mark.
    pub(super) fn recent<'a>(&mut self, messages: impl Iterator<Item = &'a Message>) -> Option<MessageId> {
        let mut first = None;
        for message in messages {
            first.get_or_insert(message.id);
            self.spoken(Section::Recent, message, message.role);
        }
        first
    }

    /// Adds the messages being answered, and what primes the answer.
    pub(super) fn current(&mut self, messages: &[Message]) {
        for message in messages {
            self.spoken(Section::Current, message, Role::User);
        }
        self.segment(Section::Current, ItemKind::Priming, None, ANSWER_PRIMING);
    }

    fn spoken(&mut self, section: Section, message: &Message, role: Role) {
        let item = ItemRef::Message { message_id: message.id.0, revision_id: message.revision.0 };
        let tokens = message.tokens + MESSAGE_OVERHEAD;
        self.segment(section, ItemKind::Message, Some(item), tokens);
        self.messages.push(ContextMessage { role, content: message.text.clone(), tokens });
    }
}

/// The record of a finished layout; `caps` are those of the sections, in prompt order.
pub(super) fn manifest(
    segments: Vec<Segment>,
    left_out: Vec<LeftOut>,
    caps: [TokenCount; 6],
    settings: &ContextSettings,
    now: Timestamp,
    counter: &dyn TokenCounter,
) -> Manifest {
    let used = |name| segments.iter().filter(|segment| segment.section == name).map(|segment| segment.tokens).sum();
    let sections = Section::ALL.into_iter().zip(caps).map(|(name, cap)| SectionUse { name, cap, used: used(name) });
    let budget = BudgetUse {
        max_context_tokens: settings.budget.max_context_tokens,
        reserve: settings.budget.reserve(),
        reserve_for_response: settings.budget.reserve_for_response,
        sections: sections.collect(),
    };
    let raw = segments.iter().map(|segment| segment.tokens).sum();
    let scaled = settings.scale.apply(raw);
    let totals = Totals { raw, scale: settings.scale, scaled, predicted: scaled, reported: None, cached: None };
    Manifest {
        budget,
        segments,
        left_out,
        totals,
        model: settings.model.clone(),
        encoding: counter.encoding(),
        session_minutes: settings.session.minutes(),
        built_at: now,
        request_sha256: None,
    }
}

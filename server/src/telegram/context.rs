//! `/context`: what the next message would be answered with, as a small table, and what would be left out.

use std::collections::BTreeMap;

use souvenir_memory::{
    SessionDuration,
    manifest::{ItemKind, LeftOut, Manifest, Reason, Section},
};

use super::{commands::Speaker, language::Language, replies::context as texts, reply::Reply};
use crate::engine::{Engine, EngineError, inspect::WhatIf};

/// The longest bar. With it a line of the table fits a narrow telephone.
const BAR: u32 = 12;

/// Shows what the next message would see.
pub(super) async fn run(engine: &Engine, speaker: Speaker) -> Result<Reply, EngineError> {
    let manifest = engine.preview(speaker.chat, WhatIf::default()).await?.manifest;
    let mut text = told(speaker.language, &manifest);
    if speaker.is_owner && speaker.private {
        let link = format!("{}/chats/{}", engine.public_url(), speaker.chat);
        text.push_str("\n\n");
        text.push_str(&texts::more(speaker.language, &link));
    }
    Ok(Reply::text(text))
}

/// The table, and what stands under it.
fn told(language: Language, manifest: &Manifest) -> String {
    let window = manifest.budget.max_context_tokens.0;
    let mut parts = vec![
        texts::title(language, manifest.totals.scaled.0, window),
        format!("```\n{}\n```", table(language, manifest)),
        left_out(language, &manifest.left_out),
    ];
    if let Ok(duration) = SessionDuration::from_minutes(manifest.session_minutes) {
        parts.push(texts::session(language, &language.duration(duration)));
    }
    parts.join("\n\n")
}

/// One line a section: name, tokens, bar.
fn table(language: Language, manifest: &Manifest) -> String {
    let scaled = |section| manifest.totals.scale.apply(manifest.used(section)).0;
    let mut rows: Vec<(&str, u32)> = Section::ALL
        .into_iter()
        .map(|section| (section, scaled(section)))
        // There is no message yet: only what frames it, if that costs anything.
        .filter(|(section, tokens)| *section != Section::Current || *tokens > 0)
        .map(|(section, tokens)| (texts::section(language, section), tokens))
        .collect();
    rows.push((texts::reserve(language), manifest.budget.reserve.0));
    rows.push((texts::free(language), manifest.free().0));
    let names = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let numbers =
        rows.iter().map(|(_, tokens)| language.number(u64::from(*tokens)).chars().count()).max().unwrap_or_default();
    let line = |(name, tokens): &(&str, u32)| {
        let number = language.number(u64::from(*tokens));
        let bar = bar(*tokens, manifest.budget.max_context_tokens.0);
        format!("{name:names$} {number:>numbers$} {bar}").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A bar as long as the share of the window; whatever is there at all is seen.
fn bar(tokens: u32, window: u32) -> String {
    let length = (u64::from(tokens) * u64::from(BAR)).div_ceil(u64::from(window.max(1)));
    "█".repeat(usize::try_from(length).unwrap_or_default())
}

/// How much is left out, and why.
fn left_out(language: Language, items: &[LeftOut]) -> String {
    let messages = reasons(language, items, ItemKind::Message);
    let facts: u64 = reasons(language, items, ItemKind::Fact).values().sum();
    let total: u64 = messages.values().sum();
    let mut text = if total == 0 {
        texts::all_in(language).to_owned()
    } else {
        let why: Vec<String> =
            messages.iter().map(|(reason, count)| format!("{reason} {}", language.number(*count))).collect();
        format!("{} ({}). {}", texts::left_out(language, total), why.join(", "), texts::findable(language))
    };
    if facts > 0 {
        text.push('\n');
        text.push_str(&texts::facts_left_out(language, facts));
    }
    text
}

/// How many things of a kind are left out for each reason; commands are nobody's conversation.
fn reasons(language: Language, items: &[LeftOut], kind: ItemKind) -> BTreeMap<&'static str, u64> {
    let counted = items.iter().filter(|item| item.kind == kind && item.reason != Reason::NotConversation);
    let mut reasons = BTreeMap::new();
    for item in counted {
        *reasons.entry(texts::reason(language, &item.reason)).or_default() += u64::from(item.count);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use souvenir_memory::TokenCount;

    use super::*;

    #[test]
    fn a_bar_shows_the_share_and_hides_nothing() {
        assert_eq!((bar(0, 8_000).as_str(), bar(1, 8_000).as_str()), ("", "█"));
        assert_eq!(bar(4_000, 8_000).chars().count(), 6);
        assert_eq!(bar(8_000, 8_000).chars().count(), 12);
        assert_eq!(bar(1, 0).chars().count(), 12);
    }

    #[test]
    fn what_is_left_out_is_counted_by_reason_and_commands_are_not() {
        let out = |count, reason| LeftOut {
            kind: ItemKind::Message,
            item: None,
            range: None,
            count,
            tokens: TokenCount(10),
            reason,
        };
        let items = [
            out(30, Reason::OlderThanSession { minutes: 360 }),
            out(3, Reason::NoRoom { cap: 100 }),
            out(1, Reason::Trimmed),
            out(9, Reason::NotConversation),
        ];
        let told = left_out(Language::English, &items);
        assert!(
            told.starts_with("Messages not read word for word: 34 (no room 4, older than the session 30)."),
            "{told}"
        );
        assert_eq!(left_out(Language::English, &items[3..]), texts::all_in(Language::English));
    }
}

//! What pages show of chats, messages, turns and contexts, made from the engine's structs.

use std::borrow::Cow;

use souvenir_frontend::api::{
    BarView, ChatHead, ChatRow, ContextView, DeliveryView, Figures, HealthView, InReachView, LastView, MessageView,
    OverviewView, RecalledView, SegmentText, ServiceStatus, ServiceView, Slice, SpanView, TierView, TiersView, TurnRow,
};
use souvenir_memory::{
    DeliveryState, MessageKind, Role, Source, Timestamp,
    manifest::{ItemKind, ItemRef, Manifest},
};

use super::calendar::Calendar;
use crate::{
    engine::{
        Health, ServiceState, Status,
        inspect::{
            ChatDetail, ChatKind, ChatSummary, DeliveryDetail, EpisodeSpan, InReach, ItemText, LastMessage,
            MessageItem, Preview, TierCount, TurnItem,
        },
        notices::Notice,
    },
    web::markdown,
};

/// The longest text in a list.
const EXCERPT: usize = 200;

/// Whose words a message is.
pub(super) fn who(role: Role, author: Option<&str>) -> String {
    match (role, author) {
        (Role::User, author) => author.unwrap_or("You").to_owned(),
        _ => "Souvenir".to_owned(),
    }
}

/// What somebody said, as words to be read in passing: a model's without the marks of its Markdown, a person's as they are.
pub(super) fn plain(role: Role, text: &str) -> Cow<'_, str> {
    match role {
        Role::Assistant => markdown::to_text(text).into(),
        _ => text.into(),
    }
}

/// The beginning of a text, whole when it is short.
pub(super) fn excerpt(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

pub(super) fn health(health: &Health, notices: &[Notice]) -> HealthView {
    let named = |name: &str, state: &ServiceState| ServiceView {
        name: name.to_owned(),
        status: match state.status {
            Status::Ok => ServiceStatus::Ok,
            Status::Degraded => ServiceStatus::Degraded,
            Status::Off => ServiceStatus::Off,
        },
        // Which bot it is, `/readyz` says; the rail has room for how it is.
        detail: match state.status {
            Status::Ok => state.detail.split(" as ").next().unwrap_or_default().to_owned(),
            _ => state.detail.clone(),
        },
    };
    let mut services =
        vec![named("Telegram", &health.telegram), named("Model", &health.model), named("Recall", &health.recall)];
    if health.database.status != Status::Ok {
        services.insert(0, named("Database", &health.database));
    }
    let detail = match notices {
        [] => None,
        [one] => Some(format!("{}; see Usage", one.short)),
        [first, ..] => Some(format!("{}, and {} more; see Usage", first.short, notices.len() - 1)),
    };
    let status = ServiceStatus::Degraded;
    services.extend(detail.map(|detail| ServiceView { name: "Notice".to_owned(), status, detail }));
    HealthView { services, offline_model: health.model.status == Status::Off }
}

/// A chat in the list, without what is asked for apart.
pub(super) fn chat_row(chat: ChatSummary, calendar: &Calendar) -> ChatRow {
    ChatRow {
        id: chat.id.0,
        title: chat.title,
        kind: kind(chat.kind).to_owned(),
        last: chat.last.map(|last| last_view(&last, calendar)),
        context: BarView::from_manifest(&chat.next_context),
        messages: chat.messages,
        facts: chat.facts,
        open_goals: chat.open_goals,
        month_tokens: chat.month_tokens,
        month_cost_usd: chat.month_cost_usd,
        proposals: 0,
        analysis: false,
        imported: 0,
        job: None,
        hit: None,
    }
}

fn last_view(last: &LastMessage, calendar: &Calendar) -> LastView {
    LastView {
        who: who(last.role, last.author.as_deref()),
        text: excerpt(&plain(last.role, &last.text), EXCERPT),
        at: calendar.moment(last.at),
    }
}

fn kind(kind: ChatKind) -> &'static str {
    match kind {
        ChatKind::Console => "console",
        ChatKind::Private => "Telegram",
        ChatKind::Group => "Telegram group",
    }
}

pub(super) fn chat_head(chat: ChatDetail, proposals: u64, calendar: &Calendar) -> ChatHead {
    let since = chat.first_message_at.unwrap_or(chat.summary.created_at);
    ChatHead {
        id: chat.summary.id.0,
        console: chat.summary.kind == ChatKind::Console,
        kind: kind(chat.summary.kind).to_owned(),
        title: chat.summary.title,
        since: calendar.day(since),
        model: chat.summary.next_context.model,
        time_zone: chat.settings.time_zone.value,
        facts: chat.summary.facts,
        proposals,
        episodes: chat.episodes,
        turns: chat.turns,
        messages: chat.summary.messages,
        unreachable: chat.summary.unreachable.map(|found| {
            let since = calendar.moment(found.since);
            format!("Nothing can be sent to this chat since {}, {}: {}.", since.day, since.time, found.reason)
        }),
    }
}

pub(super) fn overview(chat: &ChatDetail, calendar: &Calendar) -> OverviewView {
    OverviewView {
        tiers: tiers(chat, calendar),
        session_minutes: chat.settings.session_duration.value.minutes(),
        max_context_tokens: chat.settings.max_context_tokens.value,
        figures: Figures {
            month: calendar.month(),
            month_tokens: chat.summary.month_tokens,
            month_cost_usd: chat.summary.month_cost_usd,
            turns: chat.turns,
            facts: chat.summary.facts,
            open_goals: chat.summary.open_goals,
        },
    }
}

fn tiers(chat: &ChatDetail, calendar: &Calendar) -> TiersView {
    let counts = &chat.summary.tiers;
    let moment = |at: Timestamp| calendar.moment(at);
    TiersView {
        whole_history: tier(counts.whole_history),
        mid_term: tier(counts.mid_term),
        short_term: tier(counts.short_term),
        archived: tier(counts.archived),
        mid_term_messages: chat.settings.mid_term_messages.value,
        first: chat.first_message_at.map(moment),
        mid_since: chat.mid_term_since.map(moment),
        short_since: moment(chat.short_term_since),
        now: moment(calendar.now),
        histogram: chat.histogram.iter().map(slice).collect(),
        episodes: chat.episodes,
        spans: chat.episode_spans.iter().map(|span| episode_span(span, &chat.summary.next_context)).collect(),
        in_reach: in_reach(chat.in_reach),
        recalled: chat.last_recalled.as_ref().map(|recalled| RecalledView {
            said: recalled.said.iter().map(|at| at.0).collect(),
            tokens: recalled.tokens.0,
        }),
    }
}

fn in_reach(of: InReach) -> InReachView {
    InReachView {
        verbatim: of.verbatim,
        summaries: of.summaries,
        facts: of.facts,
        recall: of.recall,
        waiting: of.waiting,
    }
}

fn slice((at, messages, archived): &(Timestamp, u32, u32)) -> Slice {
    Slice { ms: at.0, messages: *messages, archived: *archived }
}

fn episode_span(span: &EpisodeSpan, next: &Manifest) -> SpanView {
    let summed =
        |item: &Option<ItemRef>| matches!(item, Some(ItemRef::Summary { episode_id, .. }) if *episode_id == span.id.0);
    SpanView {
        episode: span.id.0,
        from: span.from.0,
        until: span.until.0,
        open: span.open,
        in_context: next.segments.iter().any(|segment| summed(&segment.item)),
    }
}

fn tier(count: TierCount) -> TierView {
    TierView { messages: count.messages, tokens: count.tokens }
}

pub(super) fn context(
    manifest: &Manifest,
    texts: &[ItemText],
    left_out: &[Option<String>],
    calendar: &Calendar,
) -> ContextView {
    let texts: Vec<SegmentText> = manifest
        .segments
        .iter()
        .zip(texts)
        .map(|(segment, item)| {
            let nameless = (segment.kind == ItemKind::Message).then(|| "You".to_owned());
            let at = item.at.map(|at| calendar.moment(at));
            SegmentText { text: item.text.clone(), who: item.author.clone().or(nameless), at }
        })
        .collect();
    ContextView::from_manifest(manifest, &texts, left_out)
}

pub(super) fn preview(preview: &Preview, calendar: &Calendar) -> ContextView {
    context(&preview.manifest, &preview.texts, &preview.left_out_texts, calendar)
}

pub(super) fn message(message: &MessageItem, calendar: &Calendar) -> MessageView {
    MessageView {
        id: message.id.0,
        who: who(message.role, message.author.as_deref()),
        person: message.role == Role::User,
        html: markdown::to_html(&message.text),
        lang: language(&message.text),
        tokens: message.tokens.0,
        at: calendar.moment(message.at),
        tier: message.tier,
        archived: message.archived_at.is_some(),
        note: note(message),
        trouble: undelivered(message),
        turn: message.turn.map(|turn| turn.0),
    }
}

fn note(message: &MessageItem) -> Option<String> {
    let note = match message.kind {
        MessageKind::Command => "command",
        MessageKind::Media => "media",
        MessageKind::Service => "service",
        MessageKind::Text if message.source == Source::Import => "imported",
        MessageKind::Text => return None,
    };
    Some(note.to_owned())
}

/// Russian is plain to see from its letters; anything else would be a guess.
pub(super) fn language(text: &str) -> Option<String> {
    let letters = text.chars().filter(|character| character.is_alphabetic());
    let (cyrillic, all) = letters.fold((0, 0), |(cyrillic, all), letter| {
        (cyrillic + usize::from(('\u{400}'..='\u{4ff}').contains(&letter)), all + 1)
    });
    (cyrillic * 2 > all).then(|| "ru".to_owned())
}

pub(super) fn turn_row(turn: &TurnItem, calendar: &Calendar) -> TurnRow {
    let record = &turn.record;
    TurnRow {
        id: record.id.0,
        state: record.state.as_str().to_owned(),
        question: excerpt(&turn.question, EXCERPT),
        answered_anew: turn.answered_anew.map(|turn| turn.0),
        answer: turn.answer.as_deref().map(|answer| excerpt(&plain(Role::Assistant, answer), EXCERPT)),
        model: record.model.clone().unwrap_or_default(),
        predicted: record.predicted.unwrap_or_default().0,
        reported: record.reported.map(|count| count.0),
        cached: record.cached.map(|count| count.0),
        completion: record.completion.map(|count| count.0),
        cost_usd: turn.cost_usd,
        started: calendar.moment(record.started_at),
        took_ms: took_ms(turn),
        error: record.error.clone(),
    }
}

/// From the beginning of a turn to its end.
pub(super) fn took_ms(turn: &TurnItem) -> Option<i64> {
    turn.record.finished_at.map(|end| end.millis_since(turn.record.started_at))
}

/// The way of a reply.
pub(super) fn delivery(delivery: &DeliveryDetail) -> DeliveryView {
    DeliveryView {
        state: delivery.state.as_str().to_owned(),
        told: delivery.told(),
        parts: delivery.parts.iter().map(|part| part.state.as_str().to_owned()).collect(),
        can_send_again: delivery.can_be_sent_again(),
        may_double: delivery.may_double(),
    }
}

/// What to say of a message that was stopped, or is not known to have arrived; of a command, of its answer.
fn undelivered(message: &MessageItem) -> Option<String> {
    let stopped = message.stopped.then(|| "stopped by a person".to_owned());
    let told = [stopped, not_arrived(message)].into_iter().flatten().collect::<Vec<_>>();
    (!told.is_empty()).then(|| told.join("; "))
}

fn not_arrived(message: &MessageItem) -> Option<String> {
    let words = match (message.delivery?, message.delivery_error.as_deref()) {
        (DeliveryState::Composed, _) => "not sent yet".to_owned(),
        (DeliveryState::Sending, _) => "being sent".to_owned(),
        (DeliveryState::Sent, _) => return None,
        (DeliveryState::Unknown, _) => "may not have arrived".to_owned(),
        (DeliveryState::Failed, Some(why)) => format!("did not arrive: {why}"),
        (DeliveryState::Failed, None) => "did not arrive".to_owned(),
    };
    Some(if message.role == Role::User { format!("its answer {words}") } else { words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_ends_between_characters() {
        assert_eq!(excerpt("Привет, мир", 6), "Привет…");
        assert_eq!(excerpt("short", 200), "short");
    }

    #[test]
    fn only_plain_cases_get_a_language() {
        assert_eq!(language("Привет, Vera!"), Some("ru".to_owned()));
        assert_eq!(language("Bonjour"), None);
        assert_eq!(language("123"), None);
    }
}

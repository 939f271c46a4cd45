//! The frontend's port over the engine: each method asks, and writes out the answer for a page.

use async_trait::async_trait;
use serde_json::{Map, Value};
use souvenir_frontend::api::{
    ApiError, ChatHead, ChatsView, ConsoleView, Dashboard, FactDetail, FactForm, FactsView, HistoryAsk, HistoryView,
    OverviewView, RailChat, RailView, SettingsView, TurnView, TurnsView, WhatIfAsk, WhatIfView,
};
use souvenir_memory::{
    ChatId, FactId, FactSource, MessageId, Role, SessionDuration, Tier, TurnId,
    manifest::{ItemKind, Section},
};

use super::{
    calendar::Calendar,
    errors::{told, told_problem},
    facts, settings, views,
};
use crate::{
    engine::{
        Status,
        facts::{FactPatch, FactQuery},
        inspect::{MessageQuery, Preview, TurnDetail, WhatIf},
        settings::{Settings, SettingsPatch},
    },
    web::{Web, api},
};

/// How many chats the rail shows.
const RAIL: usize = 20;
/// How many messages and turns a page has.
const PAGE: u32 = 50;

/// The dashboard's port.
pub(super) struct WebDashboard {
    pub(super) web: Web,
}

type Answer<T> = Result<T, ApiError>;

impl WebDashboard {
    pub(super) fn calendar(&self, settings: &Settings) -> Calendar {
        Calendar { zone: settings.zone(), now: self.web.config.clock.now() }
    }

    pub(super) async fn calendar_of(&self, chat: Option<ChatId>) -> Answer<Calendar> {
        Ok(self.calendar(&self.web.engine.settings(chat).await.map_err(told)?))
    }

    async fn patch(&self, chat: Option<i64>, patch: SettingsPatch) -> Answer<()> {
        self.web.engine.patch_settings(chat.map(ChatId), patch).await.map(drop).map_err(told)
    }
}

#[async_trait]
impl Dashboard for WebDashboard {
    async fn rail(&self) -> Answer<RailView> {
        let chats = self.web.engine.chat_titles().await.map_err(told)?;
        let chats = chats.into_iter().take(RAIL).map(|(id, title)| RailChat { id: id.0, title });
        Ok(RailView { chats: chats.collect(), health: views::health(&self.web.engine.health().await) })
    }

    async fn chats(&self) -> Answer<ChatsView> {
        let calendar = self.calendar_of(None).await?;
        let chats = self.web.engine.chats().await.map_err(told)?;
        let since = chats.iter().map(|chat| chat.created_at).min();
        Ok(ChatsView {
            since: since.map(|at| calendar.day(at)),
            month: calendar.month(),
            telegram: self.web.engine.health().await.telegram.status != Status::Off,
            chats: chats.into_iter().map(|chat| views::chat_row(chat, &calendar)).collect(),
        })
    }

    async fn chat_head(&self, chat: i64) -> Answer<ChatHead> {
        let detail = self.web.engine.chat(ChatId(chat)).await.map_err(told)?;
        let calendar = self.calendar(&detail.settings);
        let model = detail.summary.next_context.model.clone();
        Ok(views::chat_head(detail, model, &calendar))
    }

    async fn create_chat(&self, title: String) -> Answer<i64> {
        let title = if title.trim().is_empty() { "Console" } else { title.trim() };
        self.web.engine.create_console_chat(title).await.map(|chat| chat.0).map_err(told)
    }

    async fn reset(&self, chat: i64) -> Answer<()> {
        self.web.engine.reset(ChatId(chat), None).await.map_err(told)
    }

    async fn overview(&self, chat: i64) -> Answer<OverviewView> {
        let detail = self.web.engine.chat(ChatId(chat)).await.map_err(told)?;
        Ok(views::overview(&detail, &self.calendar(&detail.settings)))
    }

    async fn what_if(&self, chat: i64, ask: WhatIfAsk) -> Answer<WhatIfView> {
        let chat = ChatId(chat);
        let calendar = self.calendar_of(Some(chat)).await?;
        let tried = what_if(&ask)?;
        let in_force = WhatIf { text: tried.text.clone(), ..WhatIf::default() };
        let now = self.web.engine.preview(chat, in_force).await.map_err(told)?;
        let then = match ask.tries_settings() {
            true => Some(self.web.engine.preview(chat, tried).await.map_err(told)?),
            false => None,
        };
        Ok(compared(&now, then.as_ref(), &calendar))
    }

    async fn turns(&self, chat: i64, cursor: Option<i64>) -> Answer<TurnsView> {
        let calendar = self.calendar_of(Some(ChatId(chat))).await?;
        let page = self.web.engine.turns(ChatId(chat), cursor.map(TurnId), PAGE).await.map_err(told)?;
        let turns = page.items.iter().map(|turn| views::turn_row(turn, &calendar)).collect();
        Ok(TurnsView { turns, next_cursor: page.next_cursor })
    }

    async fn turn(&self, chat: i64, turn: i64) -> Answer<TurnView> {
        let calendar = self.calendar_of(Some(ChatId(chat))).await?;
        let detail = self.web.engine.turn(ChatId(chat), TurnId(turn)).await.map_err(told)?;
        Ok(turn_view(&detail, &calendar))
    }

    async fn send_again(&self, chat: i64, turn: i64, may_double: bool) -> Answer<()> {
        self.web.engine.send_again(ChatId(chat), TurnId(turn), may_double).await.map_err(told)
    }

    async fn replay(&self, chat: i64, turn: i64, ask: WhatIfAsk) -> Answer<WhatIfView> {
        let (chat, turn) = (ChatId(chat), TurnId(turn));
        let calendar = self.calendar_of(Some(chat)).await?;
        let tried = what_if(&ask)?;
        let then = self.web.engine.replay(chat, turn, tried).await.map_err(told)?;
        let detail = self.web.engine.turn(chat, turn).await.map_err(told)?;
        let then = views::preview(&then, &calendar);
        let was = detail.manifest.as_ref();
        let was = was.map(|manifest| views::context(manifest, &detail.texts, &detail.left_out_texts, &calendar));
        Ok(match was {
            Some(was) => WhatIfView::new(was, ask.tries_settings().then_some(then)),
            None => WhatIfView::new(then, None),
        })
    }

    async fn history(&self, chat: i64, ask: HistoryAsk) -> Answer<HistoryView> {
        let detail = self.web.engine.chat(ChatId(chat)).await.map_err(told)?;
        let calendar = self.calendar(&detail.settings);
        let query = MessageQuery {
            tier: tier(&ask.tier)?,
            archived: ask.archived.then_some(true),
            cursor: ask.cursor.map(MessageId),
            limit: PAGE,
        };
        let page = self.web.engine.messages(ChatId(chat), query).await.map_err(told)?;
        let tiers = detail.summary.tiers;
        let counts = [tiers.whole_history, tiers.short_term, tiers.mid_term, tiers.archived];
        Ok(HistoryView {
            messages: page.items.iter().map(|message| views::message(message, &calendar)).collect(),
            next_cursor: page.next_cursor,
            counts: counts.map(|count| count.messages),
        })
    }

    async fn archive(&self, chat: i64, message: i64, archived: bool) -> Answer<()> {
        self.web.engine.archive(ChatId(chat), &[MessageId(message)], archived).await.map(drop).map_err(told)
    }

    async fn console(&self, chat: i64) -> Answer<ConsoleView> {
        self.console_view(ChatId(chat)).await
    }

    async fn say(&self, chat: i64, text: String) -> Answer<()> {
        let chat = ChatId(chat);
        let message = api::receive(&self.web.engine, chat, text).await.map_err(|problem| told_problem(&problem))?;
        let answering = tokio::spawn(api::answered(self.web.engine.clone(), chat, message));
        // A turn that failed is on the page as such: the message was taken, and that is what was asked.
        answering.await.map(drop).map_err(|_| ApiError::Internal)
    }

    async fn stop(&self, chat: i64) -> Answer<()> {
        // Nothing to stop is as good as stopped.
        let _ = self.web.engine.stop_turn(ChatId(chat));
        Ok(())
    }

    async fn facts(&self, chat: i64) -> Answer<FactsView> {
        let chat = ChatId(chat);
        let calendar = self.calendar_of(Some(chat)).await?;
        let items = self.web.engine.facts(chat, FactQuery::default()).await.map_err(told)?;
        let next = self.web.engine.preview(chat, WhatIf::default()).await.map_err(told)?.manifest;
        let in_use = next.segments.iter().filter(|segment| segment.section == Section::Facts);
        let cap = next.budget.sections.iter().find(|section| section.name == Section::Facts);
        Ok(FactsView {
            facts: items.iter().map(|item| facts::fact(item, &calendar)).collect(),
            in_use: in_use.filter(|segment| segment.kind == ItemKind::Fact).count() as u64,
            used: next.used(Section::Facts).0,
            cap: cap.map_or(0, |section| section.cap.0),
        })
    }

    async fn fact(&self, chat: i64, fact: i64) -> Answer<FactDetail> {
        self.fact_detail(ChatId(chat), FactId(fact)).await
    }

    async fn add_fact(&self, chat: i64, form: FactForm) -> Answer<i64> {
        let draft = facts::draft(form, &self.calendar_of(Some(ChatId(chat))).await?)?;
        let added = self.web.engine.add_fact(ChatId(chat), draft, FactSource::Owner).await.map_err(told)?;
        Ok(added.fact.id.0)
    }

    async fn edit_fact(&self, chat: i64, fact: i64, form: FactForm) -> Answer<()> {
        let patch = facts::patch(form, &self.calendar_of(Some(ChatId(chat))).await?)?;
        let edited = self.web.engine.edit_fact(ChatId(chat), FactId(fact), patch, FactSource::Owner).await;
        edited.map(drop).map_err(told)
    }

    async fn pin_fact(&self, chat: i64, fact: i64, pinned: bool) -> Answer<()> {
        let patch = FactPatch { pinned: Some(pinned), ..FactPatch::default() };
        let pinned = self.web.engine.edit_fact(ChatId(chat), FactId(fact), patch, FactSource::Owner).await;
        pinned.map(drop).map_err(told)
    }

    async fn delete_fact(&self, chat: i64, fact: i64) -> Answer<()> {
        self.web.engine.delete_fact(ChatId(chat), FactId(fact)).await.map_err(told)
    }

    async fn restore_fact(&self, chat: i64, fact: i64, version: Option<u32>) -> Answer<()> {
        self.web.engine.restore_fact(ChatId(chat), FactId(fact), version).await.map(drop).map_err(told)
    }

    async fn settings(&self, chat: Option<i64>) -> Answer<SettingsView> {
        let in_force = self.web.engine.settings(chat.map(ChatId)).await.map_err(told)?;
        Ok(SettingsView { settings: settings::views(&in_force, &self.calendar(&in_force)) })
    }

    async fn set_setting(&self, chat: Option<i64>, key: String, value: String) -> Answer<()> {
        self.patch(chat, settings::patch(key, Some(value))?).await
    }

    async fn clear_setting(&self, chat: Option<i64>, key: String) -> Answer<()> {
        self.patch(chat, settings::patch(key, None)?).await
    }

    async fn apply_context(&self, chat: i64, session_duration: String, max_context_tokens: Option<u32>) -> Answer<()> {
        let mut object = Map::new();
        if !session_duration.trim().is_empty() {
            object.insert("session_duration".to_owned(), Value::String(session_duration));
        }
        if let Some(tokens) = max_context_tokens {
            object.insert("max_context_tokens".to_owned(), tokens.into());
        }
        self.patch(Some(chat), SettingsPatch::from_json(&object).map_err(told)?).await
    }
}

fn what_if(ask: &WhatIfAsk) -> Answer<WhatIf> {
    let duration = ask.session_duration.trim();
    let read = |text: &str| {
        text.parse::<SessionDuration>().map_err(|error| ApiError::invalid("session_duration", error.to_string()))
    };
    Ok(WhatIf {
        session_duration: (!duration.is_empty()).then(|| read(duration)).transpose()?,
        max_context_tokens: ask.budget()?,
        text: Some(ask.text.clone()).filter(|text| !text.trim().is_empty()),
    })
}

fn compared(now: &Preview, then: Option<&Preview>, calendar: &Calendar) -> WhatIfView {
    WhatIfView::new(views::preview(now, calendar), then.map(|then| views::preview(then, calendar)))
}

fn turn_view(detail: &TurnDetail, calendar: &Calendar) -> TurnView {
    let turn = &detail.item.record;
    let of = |role: Role| detail.messages.iter().filter(move |message| message.role == role);
    let context = detail.manifest.as_ref();
    TurnView {
        row: views::turn_row(&detail.item, calendar),
        questions: of(Role::User).map(|message| views::message(message, calendar)).collect(),
        answer: of(Role::Assistant).next_back().map(|message| views::message(message, calendar)),
        context: context.map(|manifest| views::context(manifest, &detail.texts, &detail.left_out_texts, calendar)),
        first_token_ms: turn.first_token_ms,
        sent_ms: turn.delivered_at.zip(turn.finished_at).map(|(sent, finished)| sent.millis_since(finished)),
        delivery: detail.delivery.as_ref().map(views::delivery),
        previous: detail.previous.map(|turn| turn.0),
        next: detail.next.map(|turn| turn.0),
    }
}

fn tier(name: &str) -> Answer<Option<Tier>> {
    match name.trim() {
        // The whole history is everything, not what the other tiers leave.
        "" | "whole_history" => Ok(None),
        "short_term" => Ok(Some(Tier::ShortTerm)),
        "mid_term" => Ok(Some(Tier::MidTerm)),
        other => {
            Err(ApiError::invalid("tier", format!("“{other}” is no tier: short_term, mid_term or whole_history.")))
        }
    }
}

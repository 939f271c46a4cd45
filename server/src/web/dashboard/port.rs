//! The frontend's port over the engine: each method asks, and writes out the answer for a page.

use async_trait::async_trait;
use serde_json::{Map, Value};
use souvenir_frontend::api::{
    AnalysesView, ApiError, ChatHead, ChatsAsk, ChatsView, CheckView, ConsoleView, Dashboard, Deed, DoneView,
    EpisodesView, FactDetail, FactForm, FactsView, ForgetView, HistoryAsk, HistoryView, ImportsView, OverviewView,
    ProposalView, RailChat, RailView, SearchView, SettingsView, TrialView, TurnView, TurnsView, UsageView, WhatIfAsk,
    WhatIfView,
};
use souvenir_memory::{
    AnalysisId, ChatId, EpisodeId, FactId, FactSource, FactStatus, JobId, MessageId, ProposalId, TurnId,
};

use super::{
    calendar::Calendar,
    contexts,
    errors::{told, told_problem},
    facts,
    recent::Recent,
    settings,
    undo::Done,
    usage, views,
};
use crate::{
    engine::{
        Forget,
        facts::FactPatch,
        settings::{Settings, SettingsPatch},
    },
    web::{Web, api},
};

/// How many chats the rail shows.
const RAIL: usize = 20;
/// How many turns a page has.
const PAGE: u32 = 50;

/// The dashboard's port.
pub(super) struct WebDashboard {
    pub(super) web: Web,
    /// What was forgotten lately.
    pub(super) reports: Recent<ForgetView>,
    /// Which models were tried lately.
    pub(super) trials: Recent<TrialView>,
    /// What was done lately.
    pub(super) deeds: Recent<Done>,
}

type Answer<T> = Result<T, ApiError>;

impl WebDashboard {
    pub(super) fn calendar(&self, settings: &Settings) -> Calendar {
        Calendar { zone: settings.zone(), now: self.web.config.clock.now() }
    }

    pub(super) async fn calendar_of(&self, chat: Option<ChatId>) -> Answer<Calendar> {
        Ok(self.calendar(&self.web.engine.settings(chat).await.map_err(told)?))
    }

    async fn change_fact(&self, chat: i64, fact: i64, patch: FactPatch) -> Answer<()> {
        let changed = self.web.engine.edit_fact(ChatId(chat), FactId(fact), patch, FactSource::Owner).await;
        changed.map(drop).map_err(told)
    }

    async fn patch(&self, chat: Option<i64>, patch: SettingsPatch) -> Answer<()> {
        self.web.engine.patch_settings(chat.map(ChatId), patch).await.map(drop).map_err(told)
    }
}

#[async_trait]
impl Dashboard for WebDashboard {
    async fn rail(&self) -> Answer<RailView> {
        let mut chats = Vec::with_capacity(RAIL);
        for (id, title) in self.web.engine.chat_titles().await.map_err(told)?.into_iter().take(RAIL) {
            let waiting = self.web.engine.proposals_waiting(id).await.map_err(told)?;
            chats.push(RailChat { id: id.0, title, waiting });
        }
        let notices = self.web.engine.notices().await.map_err(told)?;
        Ok(RailView { chats, health: views::health(&self.web.engine.health().await, &notices) })
    }

    async fn chats(&self, ask: ChatsAsk) -> Answer<ChatsView> {
        self.chats_view(&ask).await
    }

    async fn chat_head(&self, chat: i64) -> Answer<ChatHead> {
        let detail = self.web.engine.chat(ChatId(chat)).await.map_err(told)?;
        let calendar = self.calendar(&detail.settings);
        let proposals = self.web.engine.proposals_waiting(ChatId(chat)).await.map_err(told)?;
        Ok(views::chat_head(detail, proposals, &calendar))
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
        self.tried(ChatId(chat), &ask).await
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
        let before = match detail.previous {
            Some(before) => Some(self.web.engine.turn(ChatId(chat), before).await.map_err(told)?),
            None => None,
        };
        Ok(contexts::turn(&detail, before.as_ref(), &calendar))
    }

    async fn send_again(&self, chat: i64, turn: i64, may_double: bool) -> Answer<()> {
        self.web.engine.send_again(ChatId(chat), TurnId(turn), may_double).await.map_err(told)
    }

    async fn replay(&self, chat: i64, turn: i64, ask: WhatIfAsk) -> Answer<WhatIfView> {
        self.replayed(ChatId(chat), TurnId(turn), &ask).await
    }

    async fn history(&self, chat: i64, ask: HistoryAsk) -> Answer<HistoryView> {
        self.history_view(ChatId(chat), &ask).await
    }

    async fn search(&self, chat: i64, ask: HistoryAsk) -> Answer<SearchView> {
        self.found(ChatId(chat), &ask).await
    }

    async fn archive(&self, chat: i64, messages: Vec<i64>, archived: bool) -> Answer<Option<u64>> {
        self.messages_archived(chat, messages, archived).await
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

    async fn facts(&self, chat: i64, as_of: String, report: Option<u64>) -> Answer<FactsView> {
        let report = report.and_then(|number| self.reports.find(number));
        Ok(FactsView { report, ..self.facts_view(ChatId(chat), &as_of).await? })
    }

    async fn fact(&self, chat: i64, fact: i64, forget: bool) -> Answer<FactDetail> {
        let detail = self.fact_detail(ChatId(chat), FactId(fact)).await?;
        let would_forget = match forget {
            true => Some(self.would_forget(ChatId(chat), &Forget::Facts(vec![FactId(fact)])).await?),
            false => None,
        };
        Ok(FactDetail { would_forget, ..detail })
    }

    async fn add_fact(&self, chat: i64, form: FactForm) -> Answer<i64> {
        let draft = facts::draft(form, &self.calendar_of(Some(ChatId(chat))).await?)?;
        let added = self.web.engine.add_fact(ChatId(chat), draft, FactSource::Owner).await.map_err(told)?;
        Ok(added.fact.id.0)
    }

    async fn edit_fact(&self, chat: i64, fact: i64, form: FactForm) -> Answer<Option<u64>> {
        let patch = facts::patch(form, &self.calendar_of(Some(ChatId(chat))).await?)?;
        let change = self.change_fact(chat, fact, patch);
        Ok(self.facts_changed((chat, Deed::Edited), &[fact], change).await?.1)
    }

    async fn pin_facts(&self, chat: i64, facts: Vec<i64>, pinned: bool) -> Answer<Option<u64>> {
        let deed = if pinned { Deed::Pinned } else { Deed::Unpinned };
        let change = async {
            for fact in &facts {
                let patch = FactPatch { pinned: Some(pinned), ..FactPatch::default() };
                self.change_fact(chat, *fact, patch).await?;
            }
            Ok(())
        };
        Ok(self.facts_changed((chat, deed), &facts, change).await?.1)
    }

    async fn delete_facts(&self, chat: i64, facts: Vec<i64>) -> Answer<Option<u64>> {
        let change = async {
            for fact in &facts {
                self.web.engine.delete_fact(ChatId(chat), FactId(*fact)).await.map_err(told)?;
            }
            Ok(())
        };
        Ok(self.facts_changed((chat, Deed::Deleted), &facts, change).await?.1)
    }

    async fn merge_facts(&self, chat: i64, facts: Vec<i64>, statement: String) -> Answer<(i64, Option<u64>)> {
        let ids: Vec<FactId> = facts.iter().copied().map(FactId).collect();
        let change = async { self.web.engine.merge_facts(ChatId(chat), &ids, &statement).await.map_err(told) };
        let (merged, number) = self.facts_changed((chat, Deed::Merged), &facts, change).await?;
        Ok((merged.first().map_or(0, |(kept, _)| kept.0), number))
    }

    async fn set_goal(&self, chat: i64, fact: i64, state: String) -> Answer<Option<u64>> {
        let patch = FactPatch { goal_state: facts::named("state", &state)?, ..FactPatch::default() };
        let change = self.change_fact(chat, fact, patch);
        Ok(self.facts_changed((chat, Deed::Edited), &[fact], change).await?.1)
    }

    async fn use_fact(&self, chat: i64, fact: i64) -> Answer<()> {
        self.change_fact(chat, fact, FactPatch { status: Some(FactStatus::Active), ..FactPatch::default() }).await
    }

    async fn restore_fact(&self, chat: i64, fact: i64, version: Option<u32>) -> Answer<()> {
        self.web.engine.restore_fact(ChatId(chat), FactId(fact), version).await.map(drop).map_err(told)
    }

    async fn forget_fact(&self, chat: i64, fact: i64) -> Answer<u64> {
        self.forget_some(ChatId(chat), &Forget::Facts(vec![FactId(fact)])).await
    }

    async fn forget_messages(&self, chat: i64, messages: Vec<i64>) -> Answer<u64> {
        let messages = messages.into_iter().map(MessageId).collect();
        self.forget_some(ChatId(chat), &Forget::Messages(messages)).await
    }

    async fn would_forget_chat(&self, chat: i64) -> Answer<ForgetView> {
        self.would_forget_all(ChatId(chat)).await
    }

    async fn forget_chat(&self, chat: i64) -> Answer<u64> {
        self.forget_all(ChatId(chat)).await
    }

    async fn proposals(&self, chat: i64) -> Answer<Vec<ProposalView>> {
        self.waiting(ChatId(chat)).await
    }

    async fn accept_proposal(&self, chat: i64, proposal: i64, statement: String) -> Answer<Option<u64>> {
        let wording = Some(statement.as_str()).filter(|statement| !statement.trim().is_empty());
        let accepted = self.web.engine.accept_proposal(ChatId(chat), ProposalId(proposal), wording).await;
        accepted.map(|_| self.proposal_decided(chat, proposal, Deed::Accepted)).map_err(told)
    }

    async fn reject_proposal(&self, chat: i64, proposal: i64) -> Answer<Option<u64>> {
        let rejected = self.web.engine.reject_proposal(ChatId(chat), ProposalId(proposal)).await;
        rejected.map(|_| self.proposal_decided(chat, proposal, Deed::Rejected)).map_err(told)
    }

    async fn done(&self, number: u64) -> Option<DoneView> {
        self.done_view(number)
    }

    async fn undo(&self, number: u64) -> Answer<i64> {
        self.taken_back(number).await
    }

    async fn analyses(&self, chat: i64) -> Answer<AnalysesView> {
        self.analyses_view(ChatId(chat)).await
    }

    async fn analyse(&self, chat: i64) -> Answer<()> {
        self.analyse_now(ChatId(chat)).await
    }

    async fn decide_lines(&self, chat: i64, analysis: i64, line: Option<u32>, accept: bool) -> Answer<()> {
        self.decided((ChatId(chat), AnalysisId(analysis)), line, accept).await
    }

    async fn undo_analysis(&self, chat: i64, analysis: i64) -> Answer<()> {
        self.web.engine.undo_analysis(ChatId(chat), AnalysisId(analysis)).await.map(drop).map_err(told)
    }

    async fn episodes(&self, chat: i64, cursor: Option<i64>) -> Answer<EpisodesView> {
        self.episodes_view(ChatId(chat), cursor).await
    }

    async fn sum_up_days(&self, chat: i64, days: u32) -> Answer<()> {
        self.sum_days_up(ChatId(chat), days).await
    }

    async fn summarise(&self, chat: i64) -> Answer<()> {
        self.summarise_now(ChatId(chat)).await
    }

    async fn rewrite_summary(&self, chat: i64, episode: i64, text: String) -> Answer<()> {
        self.web.engine.rewrite_summary(ChatId(chat), EpisodeId(episode), &text).await.map_err(told)
    }

    async fn revert_episode(&self, chat: i64, episode: i64) -> Answer<()> {
        self.web.engine.revert_episode(ChatId(chat), EpisodeId(episode)).await.map(drop).map_err(told)
    }

    async fn stop_job(&self, chat: i64, job: i64) -> Answer<()> {
        self.web.engine.stop_job(ChatId(chat), JobId(job)).await.map(drop).map_err(told)
    }

    async fn retry_job(&self, chat: i64, job: i64) -> Answer<()> {
        self.web.engine.retry_job(ChatId(chat), JobId(job)).await.map(drop).map_err(told)
    }

    async fn imports(&self) -> Answer<ImportsView> {
        self.imports_view().await
    }

    async fn stop_import(&self, import: i64) -> Answer<()> {
        self.web.engine.stop_import(import).await.map(drop).map_err(told)
    }

    async fn consolidate_imported(&self, chat: i64) -> Answer<()> {
        self.web.engine.consolidate_imported(ChatId(chat)).await.map(drop).map_err(told)
    }

    async fn usage(&self, days: u32) -> Answer<UsageView> {
        usage::view(&self.web.engine, &self.calendar_of(None).await?, days).await
    }

    async fn settings(&self, chat: Option<i64>, trial: Option<u64>) -> Answer<SettingsView> {
        self.settings_view(chat.map(ChatId), trial).await
    }

    async fn check_setting(&self, chat: Option<i64>, key: String, value: String) -> Answer<CheckView> {
        self.checked(chat.map(ChatId), &key, value).await
    }

    async fn try_model(&self, key: String, value: String) -> Answer<u64> {
        self.tried_model(key, value).await
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

//! Analyses as pages and the API see them.

use souvenir_memory::{AnalysisId, ChatId, analysis::Line};

use crate::{
    engine::{
        Engine, EngineError,
        error::Result,
        inspect::Page,
        maintenance::{JobItem, jobs::ANALYSIS, views::page},
    },
    store::{AnalysisRecord, AnalysisState, LineRecord},
};

/// An analysis with its diff.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisItem {
    /// How far it is, and what it took.
    pub record: AnalysisRecord,
    /// The diff; empty until it is there.
    pub lines: Vec<LineItem>,
    /// The job that makes it, while it is being made.
    pub job: Option<JobItem>,
    /// Lines whose facts a person had touched, which taking it back left as they are; told once.
    pub kept_by_undo: u32,
}

/// A line of a diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// Its number, from 1.
    pub ordinal: u32,
    /// What it says.
    pub line: Line,
    /// `open`, `applied`, `declined`, `outdated` or `undone`.
    pub state: &'static str,
    /// What each of its facts said then; none where that was forgotten.
    pub before: Vec<Option<String>>,
}

/// Analyses, newest first.
pub type AnalysisPage = Page<AnalysisItem>;

impl Engine {
    /// The analyses of a chat, newest first, a page from `cursor` on.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn analyses(&self, chat: ChatId, cursor: Option<AnalysisId>, limit: u32) -> Result<AnalysisPage> {
        self.record(chat).await?;
        let mut items = Vec::new();
        for record in self.store().analyses(chat, cursor, limit + 1).await? {
            items.push(self.analysis_item(record).await?);
        }
        Ok(page(items, limit, |item: &AnalysisItem| item.record.id.0))
    }

    /// One analysis.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], [`EngineError::NoAnalysis`].
    pub async fn analysis(&self, chat: ChatId, id: AnalysisId) -> Result<AnalysisItem> {
        self.analysis_item(self.analysis_record(chat, id).await?).await
    }

    pub(super) async fn analysis_record(&self, chat: ChatId, id: AnalysisId) -> Result<AnalysisRecord> {
        self.record(chat).await?;
        self.store().analysis(chat, id).await?.ok_or(EngineError::NoAnalysis(id))
    }

    pub(super) async fn analysis_item(&self, record: AnalysisRecord) -> Result<AnalysisItem> {
        let mut lines = Vec::new();
        for LineRecord { ordinal, line, state, .. } in self.store().analysis_lines(record.id).await? {
            let mut before = Vec::with_capacity(line.facts.len());
            for (fact, version) in &line.facts {
                before.push(self.store().fact_version_text(fact.0, *version).await?);
            }
            lines.push(LineItem { ordinal, line, state: state.as_str(), before });
        }
        let job = match record.state {
            AnalysisState::Running => self.store().last_job(record.chat, ANALYSIS).await?.map(JobItem::from),
            _ => None,
        };
        Ok(AnalysisItem { record, lines, job, kept_by_undo: 0 })
    }
}

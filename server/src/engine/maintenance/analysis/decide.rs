//! The owner's part of an analysis: lines accepted or turned down, one or all that wait, and all of it taken back.

use souvenir_memory::{AnalysisId, ChatId};

use super::AnalysisItem;
use crate::{
    engine::{ChatEvent, Engine, EngineError, error::Result},
    store::{AnalysisState, LineState},
};

impl Engine {
    /// Carries out a line of an analysis, or all that wait. Lines whose facts have changed since are left, and say so.
    ///
    /// # Errors
    /// [`EngineError::NoAnalysis`]; [`EngineError::Conflict`] when nothing of it waits, or the fact of the one line named has
    /// changed since.
    pub async fn accept_lines(&self, chat: ChatId, id: AnalysisId, line: Option<u32>) -> Result<AnalysisItem> {
        self.decide_lines(chat, id, line, true).await
    }

    /// Turns a line of an analysis down, or all that wait: it is not proposed again unless something new is said.
    ///
    /// # Errors
    /// [`EngineError::NoAnalysis`]; [`EngineError::Conflict`] when nothing of it waits.
    pub async fn decline_lines(&self, chat: ChatId, id: AnalysisId, line: Option<u32>) -> Result<AnalysisItem> {
        self.decide_lines(chat, id, line, false).await
    }

    async fn decide_lines(
        &self,
        chat: ChatId,
        id: AnalysisId,
        line: Option<u32>,
        accept: bool,
    ) -> Result<AnalysisItem> {
        // What is read of the facts here must not be written back after one was forgotten.
        let _forgetting = self.inner.forgetting.read().await;
        self.analysis_record(chat, id).await?;
        let decided = self.store().decide_lines((chat, id), line, accept, self.now()).await?;
        if decided.is_empty() {
            return Err(EngineError::conflict(
                "Nothing of this analysis waits: it was decided, or it is not done yet.",
            ));
        }
        self.emit(ChatEvent::Facts { chat });
        self.emit(ChatEvent::Analysis { chat });
        if line.is_some() && decided.iter().all(|(_, state)| *state == LineState::Outdated) {
            return Err(EngineError::conflict("The fact has changed since this was proposed: it was left as it is."));
        }
        self.analysis_item(self.analysis_record(chat, id).await?).await
    }

    /// Takes back everything an analysis did to facts, in one step. What a person touched since stays.
    ///
    /// # Errors
    /// [`EngineError::NoAnalysis`]; [`EngineError::Conflict`] when it did nothing, or it was taken back.
    pub async fn undo_analysis(&self, chat: ChatId, id: AnalysisId) -> Result<AnalysisItem> {
        let _forgetting = self.inner.forgetting.read().await;
        let record = self.analysis_record(chat, id).await?;
        let nothing = || EngineError::conflict("This analysis has changed no facts: there is nothing to take back.");
        if record.state == AnalysisState::Running {
            return Err(nothing());
        }
        let (lines, kept) = self.store().undo_analysis(id, self.now()).await?;
        if lines == 0 {
            return Err(nothing());
        }
        tracing::info!(chat.id = %chat, analysis.id = %id, lines, kept, "an analysis was taken back");
        self.emit(ChatEvent::Facts { chat });
        self.emit(ChatEvent::Analysis { chat });
        let item = self.analysis_item(self.analysis_record(chat, id).await?).await?;
        Ok(AnalysisItem { kept_by_undo: kept, ..item })
    }
}

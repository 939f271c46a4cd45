//! Whole-history analyses as pages show them, each line with its quotes in their places.

use souvenir_frontend::{
    api::{AnalysesView, AnalysisView, ApiError, EstimateView, LineFactView, LineView, RefusedView},
    words,
};
use souvenir_memory::{AnalysisId, ChatId, analysis::RefusedLine};

use super::{calendar::Calendar, episodes, errors::told, port::WebDashboard};
use crate::engine::{
    PRICES_AS_OF,
    maintenance::analysis::{AnalysisItem, Estimate, LineItem},
    settings::{AnalysisApply, AnalysisSchedule, Settings},
};

/// How many analyses are shown.
const SHOWN: u32 = 10;

impl WebDashboard {
    /// What one would take, and the newest.
    pub(super) async fn analyses_view(&self, chat: ChatId) -> Result<AnalysesView, ApiError> {
        let engine = &self.web.engine;
        let settings = engine.settings(Some(chat)).await.map_err(told)?;
        let calendar = self.calendar(&settings);
        let estimate = engine.analysis_estimate(chat).await.map_err(told)?;
        let mut analyses = Vec::new();
        for item in engine.analyses(chat, None, SHOWN).await.map_err(told)?.items {
            analyses.push(self.analysis(chat, item, &calendar).await?);
        }
        Ok(AnalysesView { estimate: estimated(estimate, &calendar), analyses, rule: rule(&settings) })
    }

    async fn analysis(&self, chat: ChatId, item: AnalysisItem, calendar: &Calendar) -> Result<AnalysisView, ApiError> {
        let mut lines = Vec::with_capacity(item.lines.len());
        for line in item.lines {
            lines.push(self.line(chat, line, calendar).await?);
        }
        let record = item.record;
        #[expect(clippy::cast_precision_loss, reason = "exact up to nine million dollars")]
        let cost = record.cost_nanousd.map(|cost| cost as f64 / 1e9);
        Ok(AnalysisView {
            id: record.id.0,
            state: record.state.as_str().to_owned(),
            asked_by: record.asked_by.as_str().to_owned(),
            model: record.model,
            messages: record.messages,
            windows: record.windows,
            known: record.known,
            done: record.steps_done,
            total: record.steps,
            job: item.job.map(|job| episodes::job(job, calendar)),
            lines,
            refused: record.refused,
            refusals: record.refusals.into_iter().map(refused).collect(),
            tokens: record.usage,
            cost,
            created: calendar.moment(record.created_at),
            finished: record.finished_at.map(|at| calendar.moment(at)),
        })
    }

    async fn line(&self, chat: ChatId, item: LineItem, calendar: &Calendar) -> Result<LineView, ApiError> {
        let mut evidence = Vec::new();
        for piece in &item.line.evidence {
            evidence.extend(self.evidence(chat, (0, piece.message, &piece.quote), calendar).await?);
        }
        let facts = item.line.facts.iter().zip(item.before);
        Ok(LineView {
            number: item.ordinal,
            op: item.line.op.as_str().to_owned(),
            state: item.state.to_owned(),
            facts: facts.map(|((fact, _), statement)| LineFactView { id: fact.0, statement }).collect(),
            subject: item.line.statement.subject,
            statement: item.line.statement.text,
            evidence,
        })
    }

    /// Begins an analysis.
    pub(super) async fn analyse_now(&self, chat: ChatId) -> Result<(), ApiError> {
        self.web.engine.analyse(chat).await.map(drop).map_err(told)
    }

    /// Decides a line, or all that wait.
    pub(super) async fn decided(
        &self,
        (chat, analysis): (ChatId, AnalysisId),
        line: Option<u32>,
        accept: bool,
    ) -> Result<(), ApiError> {
        let engine = &self.web.engine;
        let decided = match accept {
            true => engine.accept_lines(chat, analysis, line).await,
            false => engine.decline_lines(chat, analysis, line).await,
        };
        decided.map(drop).map_err(told)
    }
}

fn refused(line: RefusedLine) -> RefusedView {
    RefusedView { op: line.op.as_str().to_owned(), fact: line.fact, reason: line.reason }
}

fn estimated(estimate: Estimate, calendar: &Calendar) -> EstimateView {
    EstimateView {
        model: estimate.model,
        messages: estimate.messages,
        known_messages: estimate.known_messages,
        calls: estimate.calls,
        prompt_tokens: estimate.prompt_tokens,
        completion_tokens: estimate.completion_tokens,
        cost: estimate.cost.map(|cost| cost.as_usd()),
        most_cost: estimate.most_cost.map(|cost| cost.as_usd()),
        prices_as_of: calendar.day_of(PRICES_AS_OF),
    }
}

/// When one is begun by itself, and what becomes of it.
fn rule(settings: &Settings) -> String {
    let daily = settings.analysis_schedule.value == AnalysisSchedule::Daily;
    let growth = settings.analysis_growth.value;
    let when = match (daily, growth) {
        (false, 0) => "Begun only when you ask".to_owned(),
        (true, 0) => "Begun at 03:00 where something was said".to_owned(),
        (false, many) => format!("Begun after {} new messages", words::count(many)),
        (true, many) => format!("Begun at 03:00 and after {} new messages", words::count(many)),
    };
    match settings.analysis_apply.value {
        AnalysisApply::Hold => format!("{when}; what it proposes waits for you."),
        AnalysisApply::Apply => format!("{when}; what it proposes is applied at once."),
    }
}

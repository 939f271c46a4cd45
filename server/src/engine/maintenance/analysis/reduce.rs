//! From findings to the diff: shared out beside the facts, part by part shown to the memory model, and decided by rule.

use std::collections::HashMap;

use souvenir_memory::{
    ChatId, Encoding, Fact, FactId, FactStatus, Timestamp, TokenCount, TokenCounter,
    analysis::{Decided, Finding, Known, Ledger, LineOperation, RefusedLine, Weighed, decide, parts},
    consolidation::{Change, Ground, key},
    prompt::analysis::{DIFF_PROMPT, DIFF_SCHEMA, DIFF_SCHEMA_NAME, fact_line, finding_line, parse_diff, part_text},
};

use super::Analysing;
use crate::{
    clock,
    engine::{
        ChatEvent, Engine, EngineError,
        error::Result,
        maintenance::{
            ask::Question,
            consolidate::{Tried, answer_tokens, moment},
        },
        settings::AnalysisApply,
    },
    llm::{AnswerSchema, tokens::BpeCounter},
    store::{ChatKind, Finish, PartRecord},
};

/// The facts in force, with the day each was said last.
struct Facts {
    facts: Vec<Fact>,
    said: HashMap<FactId, Timestamp>,
}

impl Facts {
    fn said_at(&self, fact: &Fact) -> Timestamp {
        self.said.get(&fact.id).copied().unwrap_or(fact.recorded_at)
    }

    /// Whether a finding tells nothing that the facts do not: one says so, and rests on words as new.
    fn tell(&self, finding: &Finding) -> bool {
        let said = (finding.statement.subject.as_deref(), finding.statement.text.as_str());
        let same = |fact: &&Fact| key::same((fact.subject.as_deref(), &fact.statement), said);
        let known = self.facts.iter().find(same);
        known.is_some_and(|fact| {
            self.said_at(fact) >= finding.said_at
                && (finding.statement.goal_state.is_none() || finding.statement.goal_state == fact.goal_state)
        })
    }
}

impl Engine {
    async fn facts_in_force(&self, chat: ChatId, known: &[Known]) -> Result<Facts> {
        let now = self.now();
        let facts = self.store().facts(chat, now).await?.into_iter().map(|record| record.fact);
        let mut said = HashMap::new();
        for piece in known {
            let last: &mut Timestamp = said.entry(piece.fact).or_insert(piece.said_at);
            *last = (*last).max(piece.said_at);
        }
        Ok(Facts { facts: facts.filter(|fact| fact.is_in_force(now)).collect(), said })
    }

    /// Shares facts and findings out into parts that fit the model.
    pub(super) async fn share_out(&self, work: &Analysing) -> Tried<()> {
        let forgotten = self.store().forgotten_so_far(work.chat).await?;
        let known = self.store().known(work.chat).await?;
        let facts = self.facts_in_force(work.chat, &known).await?;
        let findings = self.gathered(work.chat).await?;
        let new: Vec<(usize, &Finding)> = (1..).zip(&findings).filter(|(_, found)| !facts.tell(found)).collect();
        let zone = work.settings.zone();
        let day = |at| clock::local(at, &zone, "%Y-%m-%d");
        let of_facts: Vec<(Option<String>, String)> = facts
            .facts
            .iter()
            .map(|fact| (fact.subject.clone(), fact_line(fact, &day(facts.said_at(fact)), fact.is_closed_to_models())))
            .collect();
        let of_findings: Vec<(Option<String>, String)> = new
            .iter()
            .map(|(number, found)| (found.statement.subject.clone(), finding_line(*number, found, &day(found.said_at))))
            .collect();
        let encoding = Encoding::of_model(work.model());
        let room = self.room(work.model()).await?;
        let shared = tokio::task::spawn_blocking(move || {
            parts(&weighed(of_facts, encoding), &weighed(of_findings, encoding), room)
        })
        .await
        .map_err(|error| EngineError::Internal(format!("sharing findings out failed: {error}")))?;
        let numbered: Vec<(Vec<i64>, Vec<usize>)> = shared
            .into_iter()
            .map(|part| {
                let facts = part.facts.into_iter().map(|place| facts.facts[place].id.0).collect();
                (facts, part.findings.into_iter().map(|place| new[place].0).collect())
            })
            .collect();
        self.store().keep_parts(work.ids(), &numbered, forgotten, self.now()).await?;
        Ok(())
    }

    /// The first part that was not asked about yet.
    pub(super) async fn next_part(&self, work: &Analysing) -> Tried<Option<PartRecord>> {
        let parts = self.store().analysis_parts(work.record.id).await?;
        Ok(parts.into_iter().find(|part| part.operations.is_none()))
    }

    /// Asks the model what is to become of the facts of one part.
    pub(super) async fn ask_part(&self, work: &Analysing, part: &PartRecord) -> Tried<()> {
        let forgotten = self.store().forgotten_so_far(work.chat).await?;
        let known = self.store().known(work.chat).await?;
        let facts = self.facts_in_force(work.chat, &known).await?;
        let findings = self.gathered(work.chat).await?;
        let zone = work.settings.zone();
        let day = |at| clock::local(at, &zone, "%Y-%m-%d");
        let shown = facts.facts.iter().filter(|fact| part.facts.contains(&fact.id.0));
        let fact_lines: Vec<String> =
            shown.map(|fact| fact_line(fact, &day(facts.said_at(fact)), fact.is_closed_to_models())).collect();
        let found = part.findings.iter().filter_map(|number| Some((*number, findings.get(number.checked_sub(1)?)?)));
        let finding_lines: Vec<String> =
            found.map(|(number, found)| finding_line(number, found, &day(found.said_at))).collect();
        let model = work.model();
        let question = Question {
            account: work.account(),
            model: model.to_owned(),
            system: DIFF_PROMPT.to_owned(),
            text: part_text(&fact_lines, &finding_lines),
            schema: AnswerSchema { name: DIFF_SCHEMA_NAME, schema: DIFF_SCHEMA },
            max_output_tokens: TokenCount(answer_tokens(self.window(model).unwrap_or(u32::MAX))),
        };
        let answered = self.ask_memory_model(question, parse_diff).await?;
        let call = self.call_record(model, &answered);
        let times = (forgotten, self.now());
        self.store().keep_part(work.ids(), part.ordinal, &answered.answer, call.as_ref(), times).await?;
        self.emit(ChatEvent::Analysis { chat: work.chat });
        Ok(())
    }

    /// Decides what is left of what the model would do, as facts stand now, and stores that as the diff.
    pub(super) async fn conclude(&self, work: &Analysing) -> Tried<()> {
        let forgotten = self.store().forgotten_so_far(work.chat).await?;
        let parts = self.store().analysis_parts(work.record.id).await?;
        let operations: Vec<LineOperation> = parts.into_iter().filter_map(|part| part.operations).flatten().collect();
        let decided = self.lines_of(work, &operations).await?;
        let (mut lines, mut apart, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (operation, decided) in operations.iter().zip(decided) {
            match decided {
                Decided::Line(line) => lines.push(line),
                Decided::Apart(change) => apart.push(change),
                Decided::Refused(refusal) => {
                    tracing::debug!(chat.id = %work.chat, analysis.id = %work.record.id, code = refusal.code(), "a line was refused");
                    refused.push(RefusedLine::of(operation, &refusal));
                }
            }
        }
        let apply = work.settings.analysis_apply.value == AnalysisApply::Apply;
        let finish = Finish {
            analysis: work.record.id,
            chat: work.chat,
            lines: &lines,
            apart: &apart,
            refused: &refused,
            apply,
            forgotten,
        };
        if self.store().finish_analysis(&finish, self.now()).await? {
            let pending =
                apart.iter().filter(|change| matches!(change, Change::Add { .. } | Change::Propose(_))).count();
            tracing::info!(
                chat.id = %work.chat,
                analysis.id = %work.record.id,
                lines = lines.len(),
                pending,
                refused = refused.len(),
                applied = apply,
                "an analysis is done"
            );
            self.emit(ChatEvent::Analysis { chat: work.chat });
            self.emit(ChatEvent::Facts { chat: work.chat });
        }
        Ok(())
    }

    async fn lines_of(&self, work: &Analysing, operations: &[LineOperation]) -> Result<Vec<Decided>> {
        let (chat, zone) = (work.chat, work.settings.zone());
        let ground = self.store().ground(chat).await?;
        let known = self.store().known(chat).await?;
        let declined = self.store().declined_lines(chat).await?;
        let findings = self.gathered(chat).await?;
        let group = self.record(chat).await?.kind == ChatKind::Group;
        let facts = self.store().facts(chat, self.now()).await?.into_iter().map(|record| record.fact);
        let facts: Vec<Fact> = facts.filter(|fact| fact.status != FactStatus::Tombstoned).collect();
        let active = facts.iter().filter(|fact| fact.status == FactStatus::Active);
        let shown: Vec<FactId> = active.map(|fact| fact.id).collect();
        let is_deleted = |statement: &str| ground.deleted.contains(&self.keyed_hash(statement.as_bytes()));
        let moment = |text: &str| moment(text, &zone);
        let ground = Ground {
            utterances: &[],
            facts: &facts,
            evidence: &ground.evidence,
            shown: &shown,
            is_deleted: &is_deleted,
            buried: &ground.buried,
            waiting: &ground.waiting,
            group,
            moment: &moment,
        };
        Ok(decide(&Ledger { ground, findings: &findings, known: &known, declined: &declined }, operations))
    }
}

fn weighed(lines: Vec<(Option<String>, String)>, encoding: Encoding) -> Vec<Weighed> {
    let counter = BpeCounter::new(encoding);
    lines.into_iter().map(|(subject, line)| Weighed { subject, tokens: counter.count(&line) }).collect()
}

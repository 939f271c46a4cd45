//! One window read by the memory model: what people say of themselves in it, with quotes that are found there.

use souvenir_memory::{
    Encoding, TokenCount,
    analysis::{Finding, findings},
    consolidation::{Ground, Operation, Utterance},
    prompt::{
        analysis::{WINDOW_PROMPT, WINDOW_SCHEMA, WINDOW_SCHEMA_NAME, parse_window},
        consolidation::batch_text,
    },
};

use super::Analysing;
use crate::{
    engine::{
        ChatEvent, Engine,
        error::Result,
        maintenance::{
            ask::Question,
            consolidate::{Tried, Trouble, answer_tokens, moment, name_messages, shown},
        },
    },
    llm::{AnswerSchema, ModelError},
    store::{ChatKind, WindowRecord},
};

impl Engine {
    /// Reads one window and keeps what was found; a window that proves too large for the model is cut into smaller ones.
    pub(super) async fn read_window(&self, work: &Analysing, window: WindowRecord) -> Tried<()> {
        let read_at = self.now();
        let forgotten = self.store().forgotten_so_far(work.chat).await?;
        let encoding = Encoding::of_model(work.model());
        let said = self.read(work.chat, (window.first, window.last), encoding).await?;
        let (mut found, mut call) = (Vec::new(), None);
        if said.iter().any(Utterance::is_by_person) {
            let question = self.window_question(work, &said).await?;
            match self.ask_memory_model(question, parse_window).await {
                Ok(mut answered) => {
                    name_messages(&mut answered.answer, &said);
                    call = self.call_record(work.model(), &answered);
                    found = self.found_in(work, &said, &answered.answer).await?;
                }
                Err(Trouble::Model(ModelError::ContextOverflow { window: known, .. })) if said.len() > 1 => {
                    let sent: TokenCount = said.iter().map(|utterance| utterance.tokens).sum();
                    self.learn_window(work.model(), sent, known);
                    return self.cut_window(work, window, encoding, said.len()).await;
                }
                Err(trouble) => return Err(trouble),
            }
        }
        let times = (forgotten, read_at, self.now());
        self.store().keep_findings(work.ids(), window.id, &found, call.as_ref(), times).await?;
        tracing::info!(
            chat.id = %work.chat,
            analysis.id = %work.record.id,
            messages = said.len(),
            findings = found.len(),
            "a window was read"
        );
        self.emit(ChatEvent::Analysis { chat: work.chat });
        Ok(())
    }

    async fn window_question(&self, work: &Analysing, said: &[Utterance]) -> Tried<Question> {
        let (zone, model) = (work.settings.zone(), work.model());
        // One message may be larger than the window: then its beginning is shown.
        let most = self.room(model).await?.0 as usize * 3;
        Ok(Question {
            account: work.account(),
            model: model.to_owned(),
            system: WINDOW_PROMPT.to_owned(),
            text: batch_text(&[], None, &shown(said, &zone, most)),
            schema: AnswerSchema { name: WINDOW_SCHEMA_NAME, schema: WINDOW_SCHEMA },
            max_output_tokens: TokenCount(answer_tokens(self.window(model).unwrap_or(u32::MAX))),
        })
    }

    async fn found_in(&self, work: &Analysing, said: &[Utterance], operations: &[Operation]) -> Result<Vec<Finding>> {
        let ground = self.store().ground(work.chat).await?;
        let group = self.record(work.chat).await?.kind == ChatKind::Group;
        let zone = work.settings.zone();
        let is_deleted = |statement: &str| ground.deleted.contains(&self.keyed_hash(statement.as_bytes()));
        Ok(findings(
            &Ground {
                utterances: said,
                facts: &[],
                evidence: &[],
                shown: &[],
                is_deleted: &is_deleted,
                buried: &ground.buried,
                waiting: &[],
                group,
                moment: &|text| moment(text, &zone),
            },
            operations,
        ))
    }

    /// Puts windows of the size that the model is now known to take in the place of one; of half its messages at most.
    async fn cut_window(
        &self,
        work: &Analysing,
        window: WindowRecord,
        encoding: Encoding,
        messages: usize,
    ) -> Tried<()> {
        let room = self.room(work.model()).await?;
        let mut smaller = self.windows(work.chat, (window.first, window.last), encoding, room).await?;
        if smaller.len() < 2 {
            let half = u32::try_from(messages / 2).unwrap_or(1).max(1);
            let middle = self.store().conversation_through(work.chat, window.first, window.last, half).await?;
            let Some(middle) = middle else { return Ok(()) };
            smaller = vec![
                crate::store::NewWindow { first: window.first, last: middle, is_full: true },
                crate::store::NewWindow {
                    first: souvenir_memory::MessageId(middle.0 + 1),
                    last: window.last,
                    is_full: true,
                },
            ];
        }
        self.store().split_window(work.ids(), &self.model_name(work.model()), window.id, &smaller).await?;
        Ok(())
    }
}

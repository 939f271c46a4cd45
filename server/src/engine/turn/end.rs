//! How a turn ends: what the person reads, and the second commit.

use std::time::Duration;

use souvenir_memory::{MessageId, TokenCount, delivery::Progress, manifest::Manifest};

use super::{
    Figures, Made, Work,
    ask::{Asked, Outcome},
    figures::Spans,
};
use crate::{
    engine::{ChatEvent, Exit, Plan, ServiceState, error::Result, source_of, spending::Pause, texts},
    llm::{Completion, ModelError, Usage, tokens::count_off_thread},
    store::{ChatKind, Departure, FinishedTurn, ModelSearch, Report, Spent, Stored, TurnState},
};

/// How a turn ended, to be stored and told.
pub(super) struct Ended {
    pub(super) state: TurnState,
    /// What the person reads.
    pub(super) text: String,
    /// Whether `text` is the model's, and so part of the conversation.
    spoken: bool,
    error: Option<String>,
    manifest: Option<Manifest>,
    completion: Option<Completion>,
    searches: Vec<ModelSearch>,
    /// What all requests together took.
    spent: Option<Usage>,
    /// How many requests were answered, and how many attempts failed.
    requests: (u32, u32),
    spans: Spans,
    trim_mark: Option<MessageId>,
    /// Our count and the provider's of the same request.
    counts: Option<(TokenCount, TokenCount)>,
    unseen: usize,
}

impl Ended {
    /// A budget of the day is used up, and no model was asked.
    pub(super) fn refused(work: &Work<'_>, pause: &Pause) -> Self {
        // In a group, the first to ask is told for all of them.
        let tell =
            work.record.kind != ChatKind::Group || work.engine.slot(work.record.id).tell_once(pause.budget.since);
        let text = if tell { texts::used_up(work.language, pause) } else { String::new() };
        Self::failed(text, pause.to_string())
    }

    pub(super) fn failed(text: String, error: String) -> Self {
        Self {
            state: TurnState::Failed,
            text,
            spoken: false,
            error: Some(error),
            manifest: None,
            completion: None,
            searches: Vec::new(),
            spent: None,
            requests: (0, 0),
            spans: Spans::default(),
            trim_mark: None,
            counts: None,
            unseen: 0,
        }
    }
}

impl Work<'_> {
    pub(super) fn conclude(&self, asked: Asked, context: Duration) -> Ended {
        let (state, text, spoken, error, completion) = match asked.outcome {
            Outcome::Answered(completion) if completion.text.trim().is_empty() => {
                let error = ModelError::Refused("the answer is empty".to_owned());
                (TurnState::Failed, texts::no_answer(self.language, &error), false, Some(error), Some(completion))
            }
            Outcome::Answered(completion) => (TurnState::Done, completion.text.clone(), true, None, Some(completion)),
            Outcome::Stopped(text) => (TurnState::Stopped, text, true, None, None),
            Outcome::Failed(ModelError::Interrupted { message, partial }) if !partial.trim().is_empty() => {
                let text = format!("{partial}\n\n{}", texts::broke_off(self.language));
                (TurnState::Failed, text, true, Some(ModelError::Interrupted { message, partial: String::new() }), None)
            }
            Outcome::Failed(error) => {
                (TurnState::Failed, texts::no_answer(self.language, &error), false, Some(error), None)
            }
            Outcome::Overflow { message, prompt_tokens, window } => {
                let error = ModelError::ContextOverflow { message, prompt_tokens, window };
                (TurnState::Failed, texts::no_answer(self.language, &error), false, Some(error), None)
            }
        };
        if let Some(error) = &error {
            tracing::warn!(%error, chat.id = %self.record.id, turn.id = %self.turn, "the model gave no whole answer");
            if matches!(error, ModelError::Unavailable(_) | ModelError::Unauthorized(_) | ModelError::UnknownModel(_)) {
                self.engine.report_model(ServiceState::degraded(error.to_string()));
            }
        }
        let spoken = spoken && !text.trim().is_empty();
        let first_token = completion.as_ref().and_then(|completion| completion.first_token_ms);
        Ended {
            state,
            text,
            spoken,
            error: error.map(|error| error.to_string()),
            manifest: Some(asked.manifest),
            completion,
            unseen: asked.unseen,
            searches: asked.searches,
            spent: asked.spent,
            requests: asked.requests,
            spans: Spans {
                queue: None,
                context: Some(context),
                first_token: first_token.map(Duration::from_millis),
                answer: Some(asked.took),
            },
            trim_mark: asked.trim_mark,
            counts: asked.counts,
        }
    }

    /// The second commit: the reply, the manifest, the figures, and the first step out.
    pub(super) async fn store(&self, mut ended: Ended, exit: &Exit) -> Result<Made> {
        let chat = self.record.id;
        let stopped = ended.state == TurnState::Stopped;
        if stopped && ended.text.trim().is_empty() && matches!(exit, Exit::InParts(_)) {
            // Whoever stopped it where nothing else shows it is told that it was.
            ended.text = texts::stopped(self.language).to_owned();
        }
        let says_something = !ended.text.trim().is_empty();
        let plan = match exit {
            Exit::InParts(planner) if says_something => Some(planner(&ended.text, stopped)),
            _ => None,
        };
        let reply = if ended.spoken {
            let tokens = count_off_thread(self.encoding, &ended.text).await;
            Some((ended.text.as_str(), tokens))
        } else {
            None
        };
        let usage = ended.completion.as_ref().and_then(|completion| completion.usage);
        let model = self.engine.model_name(&self.settings.chat_model.value);
        let counted = reply.as_ref().map(|(_, tokens)| *tokens);
        let completion = usage.map(|usage| usage.completion).or(counted);
        let cost = ended.spent.and_then(|spent| self.engine.cost(&model, spent));
        let end = FinishedTurn {
            turn: self.turn,
            chat,
            state: ended.state,
            reply,
            notice: says_something.then_some(ended.text.as_str()),
            departure: departure(plan.as_ref()),
            source: source_of(self.record.kind),
            encoding: self.encoding,
            model: &model,
            manifest: ended.manifest.as_ref(),
            report: ended.counts.map(|(raw, reported)| Report {
                model: self.settings.chat_model.value.as_str(),
                raw,
                reported,
            }),
            completion,
            searches: &ended.searches,
            spent: ended.spent.map(|spent| Spent {
                prompt: spent.prompt,
                cached: spent.cached,
                completion: spent.completion,
            }),
            requests: ended.requests,
            cost_nanousd: cost.map(|cost| cost.0.cast_signed()),
            error: ended.error.as_deref(),
            context_ms: millis(ended.spans.context),
            first_token_ms: ended.completion.as_ref().and_then(|done| done.first_token_ms).map(u64::cast_signed),
            trim_mark: ended.trim_mark,
        };
        let stored = self.engine.store().finish_turn(&end, self.engine.now()).await?;
        let (stored, abandoned) = match stored {
            Stored::Kept(stored) => (stored, false),
            Stored::Abandoned => (None, true),
        };
        if let Some(id) = stored {
            self.engine.emit(ChatEvent::Message { chat, id });
        }
        let spans = Spans { queue: self.queue, ..ended.spans };
        let shown = matches!(exit, Exit::Shown);
        let plan = plan.filter(|_| !abandoned);
        let figures =
            Figures::new(ended.state, model, ended.manifest.as_ref(), (usage, ended.spent, cost), spans, shown);
        if self.settings.is_limited() && ended.manifest.is_some() {
            self.engine.see_to_budgets(chat).await;
        }
        let state = ended.state.as_str().to_owned();
        self.engine.emit(ChatEvent::TurnFinished { chat, turn: self.turn, state });
        Ok(Made {
            turn: self.turn,
            message: stored.filter(|_| ended.spoken),
            state: ended.state,
            progress: progress(plan.as_ref()),
            format: plan.map(|plan| plan.format),
            text: if abandoned { String::new() } else { ended.text },
            figures,
            unseen: ended.unseen,
        })
    }
}

/// For the record, which knows no part of a millisecond.
fn millis(span: Option<Duration>) -> i64 {
    span.map_or(0, |span| i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

fn departure(plan: Option<&Plan>) -> Departure<'_> {
    plan.map_or(Departure::Shown, |plan| Departure::InParts {
        format: &plan.format,
        parts: plan.parts,
        at_once: plan.at_once,
    })
}

/// How far a reply has got by the commit that stored it.
fn progress(plan: Option<&Plan>) -> Progress {
    let Some(plan) = plan else { return Progress::arrived() };
    let mut progress = Progress::new(plan.parts as usize);
    if plan.at_once {
        // The first part of a reply that has just been made is always next.
        progress.begin(0).ok();
    }
    progress
}

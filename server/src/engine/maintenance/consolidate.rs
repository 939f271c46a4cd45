//! One batch: messages in; facts, a summary and a receipt out, or nothing at all.

use souvenir_memory::{
    ChatId, Encoding, Fact, FactId, FactStatus, JobId, MessageId, Timestamp, TokenCount,
    consolidation::{
        Borrowed, Change, Ground, Operation, Utterance,
        answer::{Answer, Malformed, parse},
        decide,
        due::{Portion, batch, most_in_batch},
        is_of,
    },
    import::place,
    prompt::consolidation::{
        CONSOLIDATION_PROMPT, CONSOLIDATION_SCHEMA, CONSOLIDATION_SCHEMA_NAME, Line, Who, batch_text,
    },
    receipt::{Receipt, lost, lost_since},
    spending::Spending,
};

use super::{
    ask::{Answered, Question},
    related::related,
};
use crate::{
    clock,
    engine::{
        ChatEvent, Engine, EngineError,
        error::Result,
        settings::Settings,
        spending::{Account, Pause, Purpose},
    },
    llm::{AnswerSchema, ModelError, offline, tokens::count_off_thread},
    store::{Applied, Batch, ChatKind, EpisodeRecord, StoreError, Summed},
};

/// The most raw tokens of messages in one batch. Larger windows would take more, but small models lose what is in
/// the middle, and a batch that fails is lost work.
pub(super) const BATCH_TOKENS: u32 = 12_000;
/// The longest answer.
const ANSWER_TOKENS: u32 = 4_000;
/// What the prompt takes beside the messages: the instructions, the schema, ten facts, the summary so far.
pub(super) const PROMPT_TOKENS: u32 = 2_400;
/// How often a batch is made smaller when the model's window proves too small.
const MOST_SHRINKS: usize = 4;
/// How often a batch is decided again because a person changed a fact meanwhile.
const MOST_DECISIONS: usize = 3;

/// What a step of a batch gives.
pub(super) type Tried<T> = std::result::Result<T, Trouble>;

/// Why a batch was not consolidated. It stays due.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model's answer has not the form asked for, repaired or not.
    #[error("the memory model's answer cannot be read: {0}")]
    Malformed(Malformed),
    /// A budget of the day is used too far for it.
    #[error("{0}")]
    Paused(Box<Pause>),
    /// People keep changing what the batch changes.
    #[error("facts kept changing while the batch was being stored")]
    Outdated,
    /// The database, or something that should not happen.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl Trouble {
    /// What the log may hold: what could not be read is not quoted there, since it may be anybody's words.
    pub(super) fn for_the_log(&self) -> String {
        match self {
            Self::Malformed(_) => "the memory model's answer cannot be read".to_owned(),
            other => other.to_string(),
        }
    }

    /// What pages may show.
    pub(super) fn for_people(&self) -> String {
        match self {
            Self::Engine(_) => "internal error: the log has the details".to_owned(),
            other => other.to_string(),
        }
    }
}

/// What a batch works with.
struct Material {
    settings: Settings,
    encoding: Encoding,
    group: bool,
    episode: EpisodeRecord,
    utterances: Vec<Utterance>,
    through: MessageId,
    facts: Vec<Fact>,
    shown: Vec<FactId>,
    /// How much had been forgotten in the chat before any of this was read.
    forgotten: i64,
}

impl Engine {
    /// Consolidates the first batch of a portion.
    pub(super) async fn consolidate_batch(&self, chat: ChatId, job: JobId, portion: Portion) -> Tried<()> {
        for _ in 0..MOST_SHRINKS {
            let Some(material) = self.material(chat, portion).await? else { return Ok(()) };
            if material.utterances.is_empty() {
                return self.store_batch(chat, job, portion, &material, None).await;
            }
            let account = Account {
                chat,
                job: Some(job),
                purpose: Purpose::Consolidation,
                spending: Spending::Background,
                asked_by: None,
            };
            let question = self.question(account, &material).await?;
            match self.ask_memory_model(question, parse).await {
                Ok(mut answered) => {
                    name_messages(&mut answered.answer.operations, &material.utterances);
                    return self.store_batch(chat, job, portion, &material, Some(answered)).await;
                }
                Err(Trouble::Model(ModelError::ContextOverflow { window, .. })) => {
                    let sent = material.utterances.iter().map(|utterance| utterance.tokens).sum();
                    self.learn_window(&material.settings.memory_model.value, sent, window);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Err(Trouble::Model(ModelError::ContextOverflow {
            message: "not even a few messages fit".to_owned(),
            prompt_tokens: None,
            window: None,
        }))
    }

    /// Reads what the first batch of a portion needs; none when its episode is gone.
    async fn material(&self, chat: ChatId, portion: Portion) -> Tried<Option<Material>> {
        let now = self.now();
        let forgotten = self.store().forgotten_so_far(chat).await?;
        let record = self.record(chat).await?;
        let Some(episode) = self.store().episode(chat, portion.episode).await? else { return Ok(None) };
        let settings = self.settings_at(Some(chat), now).await?;
        let encoding = Encoding::of_model(&settings.memory_model.value);
        let room = self.room(&settings.memory_model.value).await?;
        // One more than fits: what is read is the whole portion only where all of it fits.
        let most = most_in_batch(room) + 1;
        let mut utterances = self.read_first(chat, (portion.from, portion.through), most, encoding).await?;
        let count = batch(&utterances, room);
        let through = if count == utterances.len() { portion.through } else { utterances[count - 1].message };
        utterances.truncate(count);
        let facts: Vec<Fact> = self.store().facts(chat, now).await?.into_iter().map(|record| record.fact).collect();
        let facts: Vec<Fact> = facts.into_iter().filter(|fact| fact.status != FactStatus::Tombstoned).collect();
        let shown = related(&facts, &utterances).into_iter().map(|fact| fact.id).collect();
        let group = record.kind == ChatKind::Group;
        Ok(Some(Material { settings, encoding, group, episode, utterances, through, facts, shown, forgotten }))
    }

    /// The messages from one through another, counted.
    pub(super) async fn read(
        &self,
        chat: ChatId,
        range: (MessageId, MessageId),
        encoding: Encoding,
    ) -> Result<Vec<Utterance>> {
        self.read_first(chat, range, u32::MAX, encoding).await
    }

    /// The first of them, at most so many.
    async fn read_first(
        &self,
        chat: ChatId,
        range: (MessageId, MessageId),
        most: u32,
        encoding: Encoding,
    ) -> Result<Vec<Utterance>> {
        let mut fresh = Vec::new();
        let mut complete = Vec::new();
        for (mut utterance, counted) in self.store().utterances(chat, range, most, encoding).await? {
            if !counted {
                utterance.tokens = count_off_thread(encoding, &utterance.text).await;
                fresh.push((utterance.revision, utterance.tokens));
            }
            complete.push(utterance);
        }
        if !fresh.is_empty() {
            self.store().keep_counts(encoding, &fresh).await?;
        }
        Ok(complete)
    }

    /// How many raw tokens of messages a batch may have for a model.
    pub(super) async fn room(&self, model: &str) -> Result<TokenCount> {
        let known = self.window(model).unwrap_or(u32::MAX);
        let room = known.saturating_sub(answer_tokens(known)).saturating_sub(PROMPT_TOKENS.min(known / 2));
        let scaled = self.scale(model).await?.raw_limit(TokenCount(room));
        Ok(TokenCount(scaled.0.clamp(100, BATCH_TOKENS)))
    }

    pub(super) fn window(&self, model: &str) -> Option<u32> {
        let windows = self.inner.windows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        windows.get(model).copied()
    }

    /// Remembers how much a model takes once it has said so, or that it takes less than was sent.
    pub(super) fn learn_window(&self, model: &str, sent: TokenCount, window: Option<u32>) {
        let guess = self.window(model).unwrap_or(sent.0 + PROMPT_TOKENS + ANSWER_TOKENS) / 10 * 7;
        let window = window.filter(|window| self.window(model) != Some(*window)).unwrap_or(guess).max(512);
        tracing::warn!(window, model, "the memory model's window is smaller than a batch; batches are made smaller");
        let mut windows = self.inner.windows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        windows.insert(model.to_owned(), window);
    }

    async fn question(&self, account: Account, material: &Material) -> Tried<Question> {
        let zone = material.settings.zone();
        let model = material.settings.memory_model.value.clone();
        let since = |fact: &Fact| fact.valid_at.map(|at| clock::local(at, &zone, "%Y-%m-%d"));
        let known: Vec<(&Fact, Option<String>)> = material
            .facts
            .iter()
            .filter(|fact| material.shown.contains(&fact.id))
            .map(|fact| (fact, since(fact)))
            .collect();
        // One message may be larger than the window: then its beginning is shown.
        let most = self.room(&model).await?.0 as usize * 3;
        let lines = shown(&material.utterances, &zone, most);
        let so_far = material.episode.consolidated_through.and(material.episode.summary.as_ref());
        Ok(Question {
            account,
            system: CONSOLIDATION_PROMPT.to_owned(),
            text: batch_text(&known, so_far.map(|summary| summary.text.as_str()), &lines),
            schema: AnswerSchema { name: CONSOLIDATION_SCHEMA_NAME, schema: CONSOLIDATION_SCHEMA },
            max_output_tokens: TokenCount(answer_tokens(self.window(&model).unwrap_or(u32::MAX))),
            model,
        })
    }

    /// Decides and stores, again if a person was faster; without an answer only the watermark moves.
    async fn store_batch(
        &self,
        chat: ChatId,
        job: JobId,
        portion: Portion,
        material: &Material,
        answered: Option<Answered<Answer>>,
    ) -> Tried<()> {
        let model = self.model_name(&material.settings.memory_model.value);
        let summed = match &answered {
            Some(answered) => Some(summed(material, &answered.answer.summary, &model).await),
            None => None,
        };
        for _ in 0..MOST_DECISIONS {
            let operations = match &answered {
                Some(answered) => self.decided(chat, material, &answered.answer.operations).await?,
                None => Vec::new(),
            };
            let batch = Batch {
                chat,
                episode: portion.episode,
                watermark: material.episode.consolidated_through,
                from: portion.from,
                through: material.through,
                summary: summed.as_ref(),
                model: answered.is_some().then_some(model.as_str()),
                usage: answered.as_ref().and_then(|answered| answered.usage),
                operations: &operations,
                forgotten: material.forgotten,
                job,
            };
            match self.store().apply_batch(&batch, self.now()).await? {
                Applied::Outdated => continue,
                Applied::NotDue => return Ok(()),
                Applied::Done { facts_changed } => {
                    self.tell_batch(chat, &batch, facts_changed);
                    return Ok(());
                }
            }
        }
        Err(Trouble::Outdated)
    }

    fn tell_batch(&self, chat: ChatId, batch: &Batch<'_>, facts_changed: bool) {
        let refused = batch.operations.iter().filter(|(_, change)| matches!(change, Change::Refuse(_))).count();
        tracing::info!(
            chat.id = %chat,
            episode.id = %batch.episode,
            operations = batch.operations.len(),
            refused,
            tokens.prompt = batch.usage.map(|(prompt, _)| prompt),
            tokens.completion = batch.usage.map(|(_, completion)| completion),
            "a batch was consolidated"
        );
        self.emit(ChatEvent::Episodes { chat });
        if facts_changed {
            self.emit(ChatEvent::Facts { chat });
        }
        // The boundary of short_term may have moved with a shift of topic.
        self.emit(ChatEvent::Settings { chat });
    }

    /// What is done about each operation, as facts stand now.
    async fn decided(
        &self,
        chat: ChatId,
        material: &Material,
        operations: &[Operation],
    ) -> Result<Vec<(Operation, Change)>> {
        let ground = self.store().ground(chat).await?;
        let facts = self.store().facts(chat, self.now()).await?.into_iter().map(|record| record.fact);
        let facts: Vec<Fact> = facts.filter(|fact| fact.status != FactStatus::Tombstoned).collect();
        let zone = material.settings.zone();
        let moment = |text: &str| moment(text, &zone);
        let is_deleted = |statement: &str| ground.deleted.contains(&self.keyed_hash(statement.as_bytes()));
        let changes = decide(
            &Ground {
                utterances: &material.utterances,
                facts: &facts,
                evidence: &ground.evidence,
                shown: &material.shown,
                is_deleted: &is_deleted,
                buried: &ground.buried,
                waiting: &ground.waiting,
                group: material.group,
                moment: &moment,
            },
            operations,
        );
        Ok(operations.iter().cloned().zip(changes).collect())
    }
}

/// The summary as it is kept, with its receipt over all of the episode that it covers, of which only the batch is read. One that
/// is not of what was said gives way to quotes.
async fn summed(material: &Material, written: &str, model: &str) -> Summed {
    let earlier = material.episode.consolidated_through.and(material.episode.summary.as_ref());
    let utterances = &material.utterances;
    let texts = || utterances.iter().map(|utterance| utterance.text.as_str());
    let authors = utterances.iter().filter_map(|utterance| utterance.author.as_deref());
    let so_far = earlier.map(|earlier| earlier.text.as_str());
    let known = material.facts.iter().map(|fact| fact.statement.as_str());
    let (text, model) = if is_of(written, texts().chain(authors).chain(so_far).chain(known)) {
        (written.to_owned(), model)
    } else {
        tracing::info!(episode.id = %material.episode.id, "the summary is not of what was said; quotes take its place");
        let lines = shown(utterances, &material.settings.zone(), usize::MAX);
        (offline::summary_of_quotes(&lines, so_far), offline::NAME)
    };
    let tokens: TokenCount = utterances.iter().map(|utterance| utterance.tokens).sum();
    let tokens_after = count_off_thread(material.encoding, &text).await;
    let (first, receipt) = match earlier {
        Some(earlier) => {
            let lost = lost_since((&earlier.text, &earlier.receipt.lost), told(utterances), &text);
            (earlier.first, Receipt { tokens_before: earlier.receipt.tokens_before + tokens, tokens_after, lost })
        }
        None => {
            let first = utterances.first().map_or(material.episode.first, |utterance| utterance.message);
            (first, Receipt { tokens_before: tokens, tokens_after, lost: lost(told(utterances), &text) })
        }
    };
    Summed { text, model: model.to_owned(), first, receipt }
}

/// What can be lost of messages: not what the offline model only repeats.
pub(super) fn told(utterances: &[Utterance]) -> impl Iterator<Item = &str> {
    let tells = |said: &&Utterance| said.is_by_person() || !offline::wrote(&said.text);
    utterances.iter().filter(tells).map(|said| said.text.as_str())
}

/// The messages as the model is shown them. The numbers of imported messages are long, and a model gets long numbers wrong:
/// where there are any, each message has its place as its number.
pub(super) fn shown(utterances: &[Utterance], zone: &jiff::tz::TimeZone, most: usize) -> Vec<Line> {
    let by_place = are_shown_by_place(utterances);
    let line = |(utterance, place): (&Utterance, i64)| {
        let shown = line(utterance, zone, most);
        if by_place { Line { message_id: place, ..shown } } else { shown }
    };
    utterances.iter().zip(1..).map(line).collect()
}

/// What a model cites by places, named by the messages' own numbers again.
pub(super) fn name_messages(operations: &mut [Operation], utterances: &[Utterance]) {
    if !are_shown_by_place(utterances) {
        return;
    }
    for citation in operations.iter_mut().flat_map(|operation| &mut operation.evidence) {
        let place = citation.message_id.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        if let Some(utterance) = place.and_then(|place| utterances.get(place)) {
            citation.message_id = utterance.message.0;
        }
    }
}

fn are_shown_by_place(utterances: &[Utterance]) -> bool {
    utterances.iter().any(|utterance| place::is_imported(utterance.message))
}

pub(super) fn answer_tokens(window: u32) -> u32 {
    ANSWER_TOKENS.min(window / 4)
}

pub(super) fn line(utterance: &Utterance, zone: &jiff::tz::TimeZone, most: usize) -> Line {
    let who = match &utterance.author {
        _ if !utterance.is_by_person() => Who::Bot,
        Some(name) => Who::Person(name.clone()),
        None => Who::Person("user".to_owned()),
    };
    Line {
        message_id: utterance.message.0,
        said: clock::local(utterance.at, zone, "%a %Y-%m-%d %H:%M"),
        who,
        forwarding: match &utterance.borrowed {
            Some(Borrowed::Forward(from)) => Some(from.clone()),
            _ => None,
        },
        document: utterance.borrowed == Some(Borrowed::Document),
        text: match utterance.text.char_indices().nth(most) {
            Some((end, _)) => format!("{} [cut]", &utterance.text[..end]),
            None => utterance.text.clone(),
        },
    }
}

/// A date, or a date with a time, in the chat's zone.
pub(super) fn moment(text: &str, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    let instant = text.parse::<jiff::Timestamp>().ok();
    let local = || {
        let civil = text.parse::<jiff::civil::DateTime>().ok();
        let civil = civil.or_else(|| text.parse::<jiff::civil::Date>().ok().map(|date| date.at(0, 0, 0, 0)));
        civil?.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
    };
    instant.or_else(local).map(|at| Timestamp(at.as_millisecond()))
}

//! A soak: the real binary between servers that fail, with many people talking at once and the power going out.
//!
//! [`run`] starts the app on an empty database, lets people write, brings trouble to a part of all calls of the Bot API and
//! of the model, repeats and reorders updates, and kills the app (SIGKILL) at moments drawn from the seed. When all has
//! been said it waits until the app has nothing left to do, and then compares what was said, what is stored, what
//! the API tells and what reached people.
//!
//! # Strategy
//! Every message carries its place (`17.3` is the third of chat 17), and the model's answer names the places it answers.
//! So each message can be followed from the mouth to the ledger by its text alone, without any help of the app.

mod checks;
mod delivery;
mod evidence;
mod report;
mod speech;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use report::Report;

use crate::bot_api::{self, BotApi, Person};
use crate::harness::TestApp;
use crate::model::{self, ModelServer};
use crate::wire::now;
use evidence::{Evidence, Progress};
use speech::Said;

/// The app will not finish any more when nothing happens for so long: longer than it waits for a model's first words.
const STALLED: Duration = Duration::from_secs(150);
const GLANCE: Duration = Duration::from_millis(250);

/// What a soak is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What chance is drawn from.
    pub seed: u64,
    /// People, each in a chat of their own.
    pub chats: u64,
    /// Messages that they write in all.
    pub messages: u64,
    /// The part of Bot API and model calls that meet a fault: 0.05 is one in twenty.
    pub faults: f64,
    /// How often the app is killed.
    pub kills: u64,
    /// Messages a second, in all.
    pub pace: f64,
    /// Whether the Bot API server knows rich messages; without them, long replies go out in parts.
    pub rich: bool,
    /// Whether updates come by webhook, rather than being polled for.
    pub webhook: bool,
}

/// Carries a plan out.
///
/// # Panics
/// When the app cannot be started, or started again.
pub async fn run(plan: &Plan) -> Report {
    let began = now();
    let mut soak = Soak::begin(plan).await;
    let said = soak.talk().await;
    let talked = now() - began;
    let drained = soak.drain(said.len()).await;
    let took = now() - began;
    let (evidence, requests) = soak.end(said).await;
    let mut report = Report::of(plan, &evidence);
    report.drained = drained;
    report.talked = talked;
    report.took = took;
    report.model_requests = requests;
    report
}

/// A soak under way.
struct Soak<'a> {
    plan: &'a Plan,
    bot: BotApi,
    model: ModelServer,
    people: Vec<Person>,
    /// None only while it is being started again.
    app: Option<TestApp>,
    /// When the app was killed.
    kills: Vec<Duration>,
    /// The most memory any of its processes has taken, in bytes.
    peak_memory: u64,
}

impl<'a> Soak<'a> {
    async fn begin(plan: &'a Plan) -> Self {
        let (seed, faults) = (plan.seed, plan.faults);
        let bot = BotApi::start().await;
        bot.trouble(Some(bot_api::Trouble { seed, faults, repeats: faults, reorders: faults }));
        if !plan.rich {
            bot.forget_rich_messages();
        }
        let model = ModelServer::start().await;
        model.keep_no_requests();
        model.reply_by(speech::reply);
        model.trouble(Some(model::Trouble { seed, faults }));
        let people: Vec<_> =
            (1..=plan.chats).map(|chat| bot.user(speech::chat_id(chat), &format!("Person {chat}"))).collect();
        let setup = TestApp::with()
            .telegram(&bot)
            .owner(&people[0])
            .open_to_all()
            .env("TELEGRAM_MESSAGES_PER_MINUTE", "0")
            .model(&model);
        // Its address changes with each start, so the app has to set the webhook anew after each power cut.
        bot.run_locally();
        let setup = setup.env("TELEGRAM_MODE", if plan.webhook { "webhook" } else { "polling" });
        let app = Some(setup.env("SOUVENIR_LOG", "error").start().await);
        Self { plan, bot, model, people, app, kills: Vec::new(), peak_memory: 0 }
    }

    /// Everybody writes, at the plan's pace; meanwhile the app is killed and started again.
    async fn talk(&mut self) -> Vec<Said> {
        let moments = speech::moments(self.plan);
        let said = speech::all(self.plan);
        let began = tokio::time::Instant::now();
        for (number, words) in (0_u64..).zip(&said) {
            let person = usize::try_from(words.place.0 - 1).ok().and_then(|index| self.people.get(index));
            self.bot.say(person.expect("a person for each chat"), &words.text);
            if moments.contains(&number) {
                tokio::time::sleep(Duration::from_millis(speech::delay(self.plan, number))).await;
                self.kill().await;
            }
            let due = began + Duration::from_secs(number).div_f64(self.plan.pace);
            tokio::time::sleep_until(due).await;
        }
        said
    }

    /// The power goes out, and comes back.
    async fn kill(&mut self) {
        self.note_memory();
        let mut app = self.app.take().expect("the app runs");
        self.kills.push(now());
        app.kill();
        self.app = Some(app.restart().await);
    }

    fn note_memory(&mut self) {
        let peak = self.app.as_ref().and_then(TestApp::peak_memory);
        self.peak_memory = self.peak_memory.max(peak.unwrap_or_default());
    }

    /// Waits until nothing is left to do; false when it never is.
    async fn drain(&mut self, said: usize) -> bool {
        let database = self.app.as_ref().expect("the app runs").db().await;
        let mut last = (Progress::default(), 0);
        let mut since = now();
        loop {
            let progress = Progress::read(&database).await.unwrap_or_default();
            let pending = self.bot.webhook_info()["pending_update_count"].as_u64();
            if pending == Some(0) && progress.is_done(said) {
                return true;
            }
            let state = (progress, self.model.request_count());
            if state != last {
                since = now();
            }
            if now() - since > STALLED {
                return false;
            }
            last = state;
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn end(mut self, said: Vec<Said>) -> (Evidence, usize) {
        self.note_memory();
        let mut app = self.app.take().expect("the app runs");
        let told = evidence::told(&app.api()).await;
        app.stop().await;
        let database = app.db().await;
        let evidence = Evidence {
            said,
            told,
            stored: evidence::stored(&database).await,
            turns: evidence::turns(&database).await,
            ledger: self.bot.ledger(),
            calls: self.bot.calls(),
            complaints: self.bot.complaints(),
            kills: self.kills,
            peak_memory: self.peak_memory,
        };
        (evidence, self.model.request_count())
    }
}

//! Lanes: what is to be done in a chat is done in the order it came, and no chat waits for another.
//!
//! A chat has four. Answers go one after the other, and a `/reset` keeps its place among them. Whatever needs no answer
//! of the model (`/help`, `/memory`, a button) goes in the second: it does not wait for an answer that is being made. A
//! `/summary` can take minutes, and goes in the third, where nobody waits for it. A `/stop` waits for nothing at all.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use souvenir_memory::{ChatId, MessageId, TurnId};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_util::task::TaskTracker;

use super::{
    Door, again,
    commands::{self, Command, Speaker, Spoken},
    deliver::Look,
    language::Language,
    press,
    preview::Preview,
    replies,
    reply::Reply,
    summary,
    update::Press,
};
use crate::engine::{EngineError, TelegramChat};

/// Telegram shows "typing…" for five seconds.
const TYPING_AGAIN_AFTER: Duration = Duration::from_millis(4_500);
/// An answer does not wait longer than this for the first "typing…" to be shown.
const TYPING_PATIENCE: Duration = Duration::from_secs(1);

/// Something to do in a chat.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) chat: ChatId,
    pub(super) to: TelegramChat,
    /// The message that asked for it; none when nobody did just now.
    pub(super) message: Option<MessageId>,
    pub(super) task: Task,
}

/// What to do.
#[derive(Debug)]
pub(super) enum Task {
    /// Answer what is stored and unanswered.
    Answer,
    /// Send what is left of the reply of a turn.
    Deliver(TurnId),
    /// Carry out a command.
    Command {
        /// The command.
        spoken: Spoken,
        /// Telegram's id of who said it.
        user: i64,
        /// Whether that is the owner.
        is_owner: bool,
    },
    /// Greet the new owner.
    Welcome,
    /// Say that what came cannot be read, only noted.
    OnlyText,
    /// Say this.
    Tell(String),
    /// Offer to answer a message anew that was changed.
    Offer {
        /// The message.
        message: MessageId,
        /// Telegram's id of it.
        telegram_message: i64,
    },
    /// React to a button.
    Press {
        /// The button.
        press: Press,
        /// What it says.
        spoken: Spoken,
        /// Whether the owner pressed it.
        is_owner: bool,
    },
}

/// Which lane of its chat a job goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Track {
    /// One after the other, with the answers.
    Answers,
    /// One after the other, beside the answers.
    Beside,
    /// One after the other, beside everything.
    Summaries,
    /// At once.
    Stops,
}

impl Task {
    fn track(&self) -> Track {
        match self {
            Self::Answer | Self::Deliver(_) | Self::Command { spoken: Spoken::Known(Command::Reset), .. } => {
                Track::Answers
            }
            Self::Command { spoken, .. } | Self::Press { spoken, .. } if asks_for_answer(spoken) => Track::Answers,
            Self::Command { spoken: Spoken::Known(Command::Summary(_)), .. } => Track::Summaries,
            Self::Command { spoken: Spoken::Known(Command::Stop), .. } => Track::Stops,
            Self::Command { .. } | Self::Welcome | Self::Press { .. } => Track::Beside,
            Self::OnlyText | Self::Tell(_) | Self::Offer { .. } => Track::Beside,
        }
    }

    /// Whether doing this once does the other, too: the engine answers all that waits, and an album is one thing.
    fn covers(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Answer, Self::Answer) | (Self::OnlyText, Self::OnlyText))
    }
}

/// Whether a command ends with an answer of the model.
fn asks_for_answer(spoken: &Spoken) -> bool {
    matches!(spoken, Spoken::Known(Command::Retry(_)))
}

/// The lanes of all chats. A lane lasts as long as the process: there are only as many as people who may talk. Cheap to
/// clone: all clones are the same lanes.
#[derive(Clone)]
pub(super) struct Lanes {
    door: Arc<Door>,
    /// None once they are closed.
    open: Arc<Mutex<Option<Open>>>,
    tasks: TaskTracker,
}

type Open = HashMap<(ChatId, Track), UnboundedSender<Job>>;

impl Lanes {
    /// No lanes yet.
    pub(super) fn new(door: Arc<Door>) -> Self {
        Self { door, open: Arc::new(Mutex::new(Some(HashMap::new()))), tasks: TaskTracker::new() }
    }

    /// Puts a job at the end of its lane.
    pub(super) fn push(&self, job: Job) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lanes) = open.as_mut() else { return tracing::debug!("a job came after the lanes had closed") };
        let lane = lanes.entry((job.chat, job.task.track())).or_insert_with(|| {
            let (lane, jobs) = mpsc::unbounded_channel();
            self.tasks.spawn(work(Arc::clone(&self.door), jobs));
            lane
        });
        if lane.send(job).is_err() {
            tracing::debug!("a job came while its lane was closing");
        }
    }

    /// Does something small beside the lanes.
    pub(super) fn aside(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Takes no more jobs and waits for those being done, but not for ever.
    pub(super) async fn close(self, patience: Duration) {
        drop(self.open.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait()).await.is_err() {
            tracing::warn!("some Telegram replies were still being made; they are due again at the next start");
        }
    }
}

/// Does the jobs of one lane, those that wait side by side and ask for the same as one.
async fn work(door: Arc<Door>, mut jobs: UnboundedReceiver<Job>) {
    let mut put_back = None;
    loop {
        let next = match put_back.take() {
            Some(job) => Some(job),
            None => jobs.recv().await,
        };
        let Some(job) = next.filter(|_| !door.shutdown.is_cancelled()) else { return };
        while let Ok(following) = jobs.try_recv() {
            if !job.task.covers(&following.task) {
                put_back = Some(following);
                break;
            }
        }
        let chat = job.chat;
        // Whatever goes wrong with one job, the chat's next one is done.
        if AssertUnwindSafe(perform(&door, job)).catch_unwind().await.is_err() {
            tracing::error!(chat.id = %chat, "a job of a Telegram chat panicked");
        }
    }
}

async fn perform(door: &Door, job: Job) {
    let Job { chat, to, message, task } = job;
    let language = Language::of(to.language.as_deref());
    match task {
        Task::Answer => answer(door, chat, &to, language).await,
        Task::Deliver(turn) => deliver(door, chat, turn, &to).await,
        Task::Command { spoken, user, is_owner } => {
            let speaker = Speaker { user, is_owner, ..speaker(chat, message, &to, language) };
            let reply = carry_out(door, speaker, &to, &spoken).await.unwrap_or_else(|error| {
                tracing::error!(chat.id = %chat, error = %error, "a command failed");
                Reply::text(replies::trouble(language))
            });
            door.say(chat, &to, message, &reply).await;
            if reply.then_answer {
                answer(door, chat, &to, language).await;
            }
        }
        Task::Tell(words) => door.say(chat, &to, None, &Reply::text(words)).await,
        Task::Offer { message, telegram_message } => {
            door.say(chat, &to, None, &again::offer(language, message, telegram_message)).await;
        }
        Task::Welcome => door.say(chat, &to, message, &Reply::text(replies::paired(language))).await,
        Task::OnlyText => door.say(chat, &to, None, &Reply::text(replies::files::only_noted(language))).await,
        Task::Press { press, spoken, is_owner } => {
            let speaker = Speaker { user: press.user, is_owner, ..speaker(chat, message, &to, language) };
            if press::react(door, speaker, &to, &press, &spoken).await {
                answer(door, chat, &to, language).await;
            }
        }
    }
}

/// Where something is said; who says it is yet to be filled in.
fn speaker(chat: ChatId, message: Option<MessageId>, to: &TelegramChat, language: Language) -> Speaker {
    Speaker { chat, message, language, is_owner: false, user: 0, telegram_chat: to.chat_id, private: to.private }
}

/// Does what a command says; what takes its time is announced.
async fn carry_out(door: &Door, speaker: Speaker, to: &TelegramChat, spoken: &Spoken) -> Result<Reply, EngineError> {
    let done = commands::execute(door, speaker, spoken);
    let Spoken::Known(Command::Summary(wanted)) = spoken else { return done.await };
    let announced = async {
        tokio::time::sleep(summary::ANNOUNCED_AFTER).await;
        let note = replies::summary::being_made(speaker.language, summary::days(wanted).unwrap_or_default());
        if let Err(error) = door.sender.note(to, &note).await {
            tracing::debug!(chat.id = %speaker.chat, error = %error, "that a summary is being made was not said");
        }
    };
    let mut done = std::pin::pin!(while_typing(door, to, || true, done));
    tokio::select! {
        biased;
        reply = &mut done => reply,
        () = announced => done.await,
    }
}

async fn answer(door: &Door, chat: ChatId, to: &TelegramChat, language: Language) {
    door.albums.gather(chat).await;
    if !read_files(door, chat, to, language).await {
        return;
    }
    let look = Look::default();
    let preview = Preview::new(door, chat, to, &look);
    let making = preview.during(door.engine.answer_by(chat, door.exit(to, &look)));
    match while_typing(door, to, || !preview.stands(), making).await {
        Ok(Some(answer)) => {
            let unseen = answer.unseen;
            door.deliver(to, answer).await;
            door.tidy(chat, to).await;
            if unseen > 0 {
                door.say(chat, to, None, &Reply::text(replies::files::unseen(language, unseen))).await;
            }
        }
        Ok(None) => {}
        Err(error) => {
            tracing::error!(chat.id = %chat, error = %error, "a message was not answered");
            door.say(chat, to, None, &Reply::text(replies::trouble(language))).await;
        }
    }
}

/// Reads the files of what waits for an answer, and tells of what cannot be read. Whether there is anything to answer.
async fn read_files(door: &Door, chat: ChatId, to: &TelegramChat, language: Language) -> bool {
    let reading = async {
        // Most messages bring no file: nothing is shown for finding that out.
        match door.engine.files_due(chat).await {
            Ok(due) if due.is_empty() => Ok((None, true)),
            Ok(_) => while_typing(door, to, || true, door.read_files(chat, language)).await,
            Err(error) => Err(error),
        }
    };
    match reading.await {
        Ok((told, worth)) => {
            if let Some(told) = told {
                door.say(chat, to, None, &Reply::text(told)).await;
            }
            worth
        }
        Err(error) => {
            tracing::error!(chat.id = %chat, error = %error, "failed to read the files of a message");
            true
        }
    }
}

async fn deliver(door: &Door, chat: ChatId, turn: TurnId, to: &TelegramChat) {
    match door.engine.resume(chat, turn).await {
        Ok(Some(answer)) => door.deliver(to, answer).await,
        Ok(None) => {}
        Err(error) => tracing::error!(chat.id = %chat, turn.id = %turn, %error, "failed to take up a reply"),
    }
}

/// Shows "typing…" until `work` is done, wherever there is a `need` of it.
async fn while_typing<T>(door: &Door, to: &TelegramChat, need: impl Fn() -> bool, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut typing = std::pin::pin!(door.sender.typing(to));
    let wait = tokio::select! {
        biased;
        done = &mut work => {
            // Shown after the answer, "typing…" would promise another.
            tokio::time::timeout(TYPING_PATIENCE, typing).await.ok();
            return done;
        }
        wait = &mut typing => wait,
    };
    let on_and_on = async {
        let mut wait = wait;
        loop {
            tokio::time::sleep(wait.unwrap_or_default().max(TYPING_AGAIN_AFTER)).await;
            wait = if need() { door.sender.typing(to).await } else { None };
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        () = on_and_on => unreachable!("it goes on and on"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(command: Command) -> Task {
        Task::Command { spoken: Spoken::Known(command), user: 1, is_owner: false }
    }

    #[test]
    fn only_what_ends_a_conversation_waits_for_its_answers() {
        assert_eq!(Task::Answer.track(), Track::Answers);
        assert_eq!(command(Command::Reset).track(), Track::Answers);
        for beside in [Command::Help, Command::Memory, Command::Session(String::new()), Command::Dashboard] {
            assert_eq!(command(beside).track(), Track::Beside);
        }
        assert_eq!(command(Command::Summary(String::new())).track(), Track::Summaries);
        assert_eq!(command(Command::Stop).track(), Track::Stops);
        assert_eq!(command(Command::Retry(String::new())).track(), Track::Answers);
    }
}

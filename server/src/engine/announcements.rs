//! Announcements: what Souvenir says in a chat without being asked there and then: digests, and reminders of goals.
//!
//! A announcement is a row without text. Before it goes out it is marked so, durably; then its words are taken from the digest or
//! the goal; what was `sending` when a process ended may have arrived and is not sent again. A door that sends waits for
//! [`Engine::announcements_asked`]; in consoles they are shown by the engine itself.

use souvenir_memory::{ChatId, FactStatus, MessageKind, Timestamp};

use super::{ChatEvent, Engine, TelegramChat, error::Result, own_words, telegram_of};
use crate::{
    clock,
    language::Language,
    store::{AnnouncementOf, AnnouncementRecord, DigestKind},
};

/// What was not told after so long is not told any more.
const FRESH_MS: i64 = 2 * 86_400_000;

/// A announcement that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Its number.
    pub id: i64,
    /// The chat.
    pub chat: ChatId,
    /// Where that is.
    pub to: TelegramChat,
}

/// The words of an announcement, plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncementText {
    /// What it is, in a line; kept in the history.
    pub title: String,
    /// What it says.
    pub text: String,
}

/// What became of an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnnouncementOutcome {
    /// It arrived.
    Sent,
    /// It may or may not have arrived.
    Unknown,
    /// It was refused for good, for this reason.
    Failed(String),
    /// It did not go out, and may do so later.
    NotSent,
}

impl Engine {
    /// Waits until something is to be said in Telegram without being asked.
    pub async fn announcements_asked(&self) {
        self.inner.announcements_asked.notified().await;
    }

    /// What is to be said in Telegram, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn announcements_due(&self) -> Result<Vec<Announcement>> {
        let mut due = Vec::new();
        for record in self.store().announcements_due(self.fresh_since()).await? {
            if let Some(to) = self.record(record.chat).await.ok().as_ref().and_then(telegram_of) {
                due.push(Announcement { id: record.id, chat: record.chat, to });
            }
        }
        Ok(due)
    }

    /// Marks durably that an announcement goes out, and gives its words; none when it is not to be sent any more.
    ///
    /// # Errors
    /// When the database fails: then it must not be sent.
    pub async fn begin_announcement(&self, id: i64) -> Result<Option<AnnouncementText>> {
        let due = self.store().announcements_due(self.fresh_since()).await?;
        let Some(record) = due.into_iter().find(|record| record.id == id) else { return Ok(None) };
        if !self.store().begin_announcement(id, self.now()).await? {
            return Ok(None);
        }
        let text = self.announcement_text(record).await?;
        if text.is_none() {
            let why = "what it was of is gone, or has changed";
            self.store().settle_announcement(id, "failed", Some(why), self.now()).await?;
        }
        Ok(text)
    }

    /// Records what became of an announcement; one that arrived becomes part of the history, by its title.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_announcement(
        &self,
        announcement: &Announcement,
        text: &AnnouncementText,
        outcome: AnnouncementOutcome,
    ) -> Result<()> {
        let (state, error) = match &outcome {
            AnnouncementOutcome::Sent => ("sent", None),
            AnnouncementOutcome::Unknown => ("unknown", None),
            AnnouncementOutcome::Failed(reason) => ("failed", Some(reason.as_str())),
            AnnouncementOutcome::NotSent => ("due", None),
        };
        self.store().settle_announcement(announcement.id, state, error, self.now()).await?;
        if outcome == AnnouncementOutcome::Sent {
            self.record_own_words(announcement.chat, &text.title).await?;
        }
        Ok(())
    }

    /// Has whoever sends look for announcements, and shows those of consoles.
    pub(super) async fn tell_announcements(&self) -> Result<()> {
        self.inner.announcements_asked.notify_one();
        self.show_announcements().await
    }

    /// Shows announcements in consoles: there they are messages, and nothing is sent.
    pub(super) async fn show_announcements(&self) -> Result<()> {
        for record in self.store().announcements_due(self.fresh_since()).await? {
            let Ok(chat) = self.record(record.chat).await else { continue };
            if chat.telegram.is_some() || !self.store().begin_announcement(record.id, self.now()).await? {
                continue;
            }
            if let Some(text) = self.announcement_text(record).await? {
                let now = self.now();
                let words = format!("{}\n\n{}", text.title, text.text);
                let stored = self.store().receive(own_words(&chat, MessageKind::Command, &words, now), now).await?;
                self.emit(ChatEvent::Message { chat: record.chat, id: stored.id });
            }
            self.store().settle_announcement(record.id, "sent", None, self.now()).await?;
        }
        Ok(())
    }

    fn fresh_since(&self) -> Timestamp {
        Timestamp(self.now().0 - FRESH_MS)
    }

    /// The words of an announcement; none when what it is of is gone, or a goal is not open any more.
    async fn announcement_text(&self, record: AnnouncementRecord) -> Result<Option<AnnouncementText>> {
        let chat = self.record(record.chat).await?;
        match record.of {
            AnnouncementOf::Period(id) => {
                let Some(period) = self.store().period(record.chat, id).await? else { return Ok(None) };
                let Some((kind, day)) = period.digest else { return Ok(None) };
                let language = Language::of(chat.language.as_deref(), &period.text);
                Ok(Some(AnnouncementText { title: digest_title(language, kind, &day), text: period.text }))
            }
            AnnouncementOf::Goal(fact) => {
                let Ok(item) = self.fact(record.chat, fact).await else { return Ok(None) };
                let goal = item.fact;
                let open = goal.goal_state.is_none_or(|state| state == souvenir_memory::GoalState::Open);
                let Some(due) = goal.due_at.filter(|_| goal.status == FactStatus::Active && open) else {
                    return Ok(None);
                };
                let zone = self.settings_at(Some(record.chat), self.now()).await?.zone();
                let day = clock::local(due, &zone, "%Y-%m-%d");
                let language = Language::of(chat.language.as_deref(), &goal.statement);
                let subject = goal.subject.map(|subject| format!("{subject}: ")).unwrap_or_default();
                Ok(Some(AnnouncementText {
                    title: reminder_title(language, &day),
                    text: format!("{subject}{}", goal.statement),
                }))
            }
        }
    }
}

fn digest_title(language: Language, kind: DigestKind, day: &str) -> String {
    match (language, kind) {
        (Language::English, DigestKind::Daily) => format!("Digest of {day}"),
        (Language::English, DigestKind::Weekly) => format!("Digest of the week from {day}"),
        (Language::Russian, DigestKind::Daily) => format!("Итог дня {day}"),
        (Language::Russian, DigestKind::Weekly) => format!("Итог недели с {day}"),
        (Language::French, DigestKind::Daily) => format!("Résumé du {day}"),
        (Language::French, DigestKind::Weekly) => format!("Résumé de la semaine du {day}"),
    }
}

fn reminder_title(language: Language, day: &str) -> String {
    match language {
        Language::English => format!("⏰ A goal is due on {day}"),
        Language::Russian => format!("⏰ Срок цели — {day}"),
        Language::French => format!("⏰ Un objectif arrive à échéance le {day}"),
    }
}

//! Conversations as the data has them: sessions of turns, and questions with the turns that hold their answers.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use jiff::civil::DateTime;
use serde::Deserialize;
use souvenir_memory::Timestamp;

/// How a session's time is written, most common first.
const TIMES: [&str; 5] =
    ["%I:%M %p on %d %B, %Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"];
/// Between two turns of a session, whose own times are not told.
const A_MINUTE_MS: i64 = 60_000;
/// From where sessions whose times cannot be read are counted, a day each.
const SOME_DAY: i64 = 1_700_000_000_000;

#[derive(Deserialize)]
struct File {
    sessions: Vec<Session>,
    questions: Vec<Asked>,
}

#[derive(Deserialize)]
struct Session {
    date_time: String,
    turns: Vec<Spoken>,
}

#[derive(Deserialize)]
struct Spoken {
    id: String,
    speaker: String,
    text: String,
    image_caption: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    question: String,
    evidence: Vec<String>,
}

/// One message.
pub(super) struct Turn {
    pub(super) speaker: String,
    pub(super) text: String,
    pub(super) at: Timestamp,
}

/// A question with the places of the turns that hold its answer.
pub(super) struct Question {
    pub(super) text: String,
    evidence: Vec<usize>,
}

impl Question {
    /// The part of the evidence that is there.
    pub(super) fn covered(&self, is_there: impl Fn(usize) -> bool) -> f64 {
        let found = self.evidence.iter().filter(|turn| is_there(**turn)).count();
        #[expect(clippy::cast_precision_loss, reason = "a few pieces of evidence")]
        let part = found as f64 / self.evidence.len() as f64;
        part
    }
}

/// A conversation and what is asked about it.
pub(super) struct Conversation {
    pub(super) turns: Vec<Turn>,
    pub(super) questions: Vec<Question>,
}

impl Conversation {
    /// Reads a file; questions without evidence in it cannot be scored and are left out.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("failed to read {name}"))?;
        let file: File = serde_json::from_str(&text).with_context(|| format!("{name} is no conversation"))?;
        let mut turns = Vec::new();
        let mut places = HashMap::new();
        for (day, session) in (0..).zip(file.sessions) {
            let began = time(&session.date_time).unwrap_or(SOME_DAY + day * 86_400_000);
            for (minute, spoken) in (0..).zip(session.turns) {
                places.insert(spoken.id, turns.len());
                let caption = spoken.image_caption.map(|caption| format!(" [{caption}]")).unwrap_or_default();
                let at = Timestamp(began + minute * A_MINUTE_MS);
                turns.push(Turn { speaker: spoken.speaker, text: spoken.text + &caption, at });
            }
        }
        ensure!(!turns.is_empty(), "{name} has no turns");
        let questions = file.questions.into_iter().filter_map(|asked| {
            let evidence: Vec<usize> = asked.evidence.iter().filter_map(|id| places.get(id).copied()).collect();
            (!evidence.is_empty()).then_some(Question { text: asked.question, evidence })
        });
        Ok(Self { questions: questions.collect(), turns })
    }
}

fn time(text: &str) -> Option<i64> {
    let zoned = text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    let civil = || TIMES.iter().find_map(|form| DateTime::strptime(form, text.trim()).ok());
    zoned.or_else(|| Some(civil()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}

/// The conversations at a path, in the order of their names.
pub(super) fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).with_context(|| format!("failed to read {}", path.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    ensure!(!files.is_empty(), "there is no .json file in {}", path.display());
    Ok(files)
}

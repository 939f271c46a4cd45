//! `/summary [days]`: what was said in the last days, summed up by the memory model. What is worth remembering of it is found in
//! the background.
//!
//! It may take minutes, so it has a lane of its own (see [`lane`](super::lane)), and says so when it is not there at once.
//! The command is over when the summary has arrived: a crash before that leaves it to be made again.

use std::time::Duration;

use super::{
    Door,
    commands::Speaker,
    replies::{
        limits,
        summary::{self as texts, Covered},
    },
    reply::Reply,
};
use crate::engine::{EngineError, maintenance::PeriodItem};

/// So many days when none are given.
const DAYS: u32 = 7;
/// The most days.
const MOST_DAYS: u32 = 365;
/// A summary that is not there after this time is announced.
pub(super) const ANNOUNCED_AFTER: Duration = Duration::from_secs(4);

/// The days that are to be summed up; none when they cannot be.
pub(super) fn days(wanted: &str) -> Option<u32> {
    match wanted.trim() {
        "" => Some(DAYS),
        text => text.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days)),
    }
}

/// Makes a summary and shows it, unless the person's day is used up.
pub(super) async fn run(door: &Door, speaker: Speaker, wanted: &str) -> Result<Reply, EngineError> {
    let language = speaker.language;
    let Some(days) = days(wanted) else {
        return Ok(Reply::text(texts::invalid(language, wanted, MOST_DAYS)));
    };
    if !speaker.is_owner && door.limits.is_used_up(&door.engine, speaker.user).await? {
        return Ok(Reply::text(limits::used_up(language)));
    }
    match door.engine.summarise(speaker.chat, days, Some(speaker.user)).await {
        Ok(Some(made)) => {
            // Whoever wants to know what was said wants it remembered, too: the conversation so far need not end by a pause first.
            if let Err(error) = door.engine.consolidate(speaker.chat).await {
                tracing::error!(%error, chat.id = %speaker.chat, "what was summed up is not consolidated yet");
            }
            Ok(Reply { recorded: Some(texts::recorded(language, days)), ..Reply::text(told(speaker, days, &made)) })
        }
        Ok(None) => Ok(Reply::text(texts::nothing(language, days))),
        Err(EngineError::Paused(pause)) => Ok(Reply::text(texts::paused(language, &pause.budget.ends_at()))),
        Err(EngineError::Model(why)) => {
            tracing::warn!(chat.id = %speaker.chat, "a summary was not made: the memory model gave none");
            Ok(Reply::text(texts::failed(language, &why)))
        }
        Err(error) => Err(error),
    }
}

fn told(speaker: Speaker, days: u32, made: &PeriodItem) -> String {
    let record = &made.record;
    let lost: Vec<String> = record.receipt.lost.iter().map(|lost| lost.text.clone()).collect();
    let covered = Covered {
        days,
        messages: record.messages,
        tokens_before: record.receipt.tokens_before.0,
        tokens_after: record.receipt.tokens_after.0,
        lost: &lost,
    };
    texts::made(speaker.language, &record.text, covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_days_unless_a_number_within_a_year_is_given() {
        assert_eq!((days(""), days(" 1 "), days("365")), (Some(7), Some(1), Some(365)));
        for wrong in ["0", "366", "-1", "week", "7 days", "7.5", "99999999999"] {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }
}

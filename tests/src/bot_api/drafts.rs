//! Drafts (Bot API 9.3): previews of a message that is being made, in private chats, and the button that stops them (10.3).
//!
//! Telegram documents what they are but not the words of its refusals: those here are made up in its manner.

use std::time::Duration;

use serde_json::{Value, json};

use super::messages::{self, Content};
use super::methods::place;
use super::params::{boolean, integer, text};
use super::people::Place;
use super::refusal::Refusal;
use super::state::State;
use super::{BotApi, Format, Person};
use crate::wire::{now, soon};

/// A bot that shows more than this often is noted: it wants a flood limit.
const TOO_OFTEN: Duration = Duration::from_millis(400);

/// One state of a preview, as a person saw it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The private chat it stands in.
    pub chat_id: i64,
    /// Its number.
    pub draft_id: i64,
    /// How it is formatted.
    pub format: Format,
    /// The text as it was sent, with its markup.
    pub source: String,
    /// The text as people see it; empty where the bot is shown thinking.
    pub text: String,
    /// Whether a button under it stops it.
    pub can_stop: bool,
    /// Whether it stays when that is pressed.
    pub keep_on_stop: bool,
    /// When it was shown, since the epoch.
    pub at: Duration,
    /// Whether the message took its place.
    pub over: bool,
}

/// `sendMessageDraft` and `sendRichMessageDraft`.
pub(super) fn show(state: &mut State, params: &Value, rich: bool) -> Result<Value, Refusal> {
    let Place::Private(person) = place(state, params)? else {
        return Err(Refusal::bad("Bad Request: message drafts can be sent only to private chats"));
    };
    let draft_id = integer(params, "draft_id").filter(|id| *id != 0);
    let draft_id = draft_id.ok_or_else(|| Refusal::bad("Bad Request: DRAFT_ID_INVALID"))?;
    let content = if rich {
        messages::rich(params)?.ok_or_else(|| Refusal::bad("Bad Request: rich_message is empty"))?
    } else if text(params, "text").unwrap_or_default().is_empty() {
        Content::empty()
    } else {
        messages::formatted(params, state.no_html)?
    };
    let at = now();
    let before: Vec<&Draft> = state.drafts.iter().filter(|draft| draft.chat_id == person.id).collect();
    let too_often = before.last().is_some_and(|last| at.saturating_sub(last.at) < TOO_OFTEN);
    let too_late = before.iter().any(|draft| draft.draft_id == draft_id && draft.over);
    for (is_so, why) in [(too_often, "shown too often"), (too_late, "shown after its message")] {
        if is_so {
            state.complaints.push(format!("draft {draft_id} is {why}"));
        }
    }
    state.complaints.extend(content.complaints);
    state.drafts.push(Draft {
        chat_id: person.id,
        draft_id,
        format: content.format,
        source: content.source,
        text: content.visible,
        can_stop: boolean(params, "can_stop"),
        keep_on_stop: boolean(params, "keep_on_stop"),
        at,
        over: false,
    });
    Ok(json!(true))
}

impl BotApi {
    /// Every state of every preview that the person has seen, in order.
    #[must_use]
    pub fn drafts(&self, person: &Person) -> Vec<Draft> {
        drafts_of(&self.state.borrow(), person)
    }

    /// Waits until the person sees a preview whose text contains `part`, and gives it.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn wait_for_draft(&self, person: &Person, part: &str) -> Draft {
        let find = |state: &State| drafts_of(state, person).into_iter().find(|draft| draft.text.contains(part));
        let mut changes = self.state.subscribe();
        let waiting = async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|state| find(state).is_some()).await;
        };
        soon(&format!("a draft with {part:?} for {}", person.name), waiting).await;
        find(&self.state.borrow()).expect("it has just been there")
    }

    /// The person presses the button that stops the preview they see; gives the id of the update.
    ///
    /// # Panics
    /// When they see none, or it has no such button.
    pub fn stop_draft(&self, person: &Person) -> i64 {
        let seen = self.drafts(person).into_iter().next_back().filter(|draft| !draft.over && draft.can_stop);
        let draft = seen.expect("a draft with a button that stops it");
        let stopped = json!({"chat": person.as_chat(), "draft_id": draft.draft_id});
        self.say_update(json!({"stopped_message_generation": stopped}))
    }

    /// From now on this server is older than drafts.
    pub fn forget_drafts(&self) {
        self.change(|state| state.knows_drafts = false);
    }

    /// From now on this server is one of years ago, which knows neither drafts nor rich messages; or it is brought up to
    /// date.
    pub fn be_old(&self, old: bool) {
        self.change(|state| (state.rich, state.knows_drafts) = (!old, !old));
    }
}

impl State {
    /// A message takes the place of whatever is shown in a chat.
    pub(super) fn end_drafts(&mut self, chat: i64) {
        self.drafts.iter_mut().filter(|draft| draft.chat_id == chat).for_each(|draft| draft.over = true);
    }
}

fn drafts_of(state: &State, person: &Person) -> Vec<Draft> {
    state.drafts.iter().filter(|draft| draft.chat_id == person.id).cloned().collect()
}

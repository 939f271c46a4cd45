//! What a command says, and where: below, in place of the message whose button was pressed, or over the chat.

use teloxide::types::InlineKeyboardMarkup;

use super::format;

/// What a command says.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub(super) markdown: String,
    pub(super) keyboard: Option<InlineKeyboardMarkup>,
    /// What is stored in its place, where it holds a secret or repeats what stands elsewhere.
    pub(super) recorded: Option<String>,
    pub(super) place: Place,
    /// What is shown over the chat when a button was pressed.
    pub(super) notice: Option<Notice>,
    /// It asks for a reply: these words stand in its field until something is typed.
    pub(super) asks: Option<&'static str>,
    /// Telegram's id of the message it is shown as a reply to.
    pub(super) answers: Option<i64>,
    /// A file; the text is its caption.
    pub(super) document: Option<Document>,
    /// What waits for an answer of the model is to be answered then.
    pub(super) then_answer: bool,
}

/// A file of our own making.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never what is in it.
        f.debug_struct("Document").field("name", &self.name).field("bytes", &self.bytes.len()).finish()
    }
}

/// Where words go that a pressed button brought about. Typed commands are always answered below, if there are any words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// As a message of their own.
    #[default]
    Below,
    /// In place of the message with the button.
    Instead,
    /// Nowhere: the notice says it all.
    Above,
}

/// A few words over the chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) text: String,
    /// Whether they stay until they are dismissed.
    pub(super) alert: bool,
}

impl Reply {
    /// A text and nothing more.
    pub(super) fn text(markdown: String) -> Self {
        Self { markdown, ..Self::default() }
    }

    /// Nothing: what was done speaks for itself.
    pub(super) fn silent() -> Self {
        Self { place: Place::Above, ..Self::default() }
    }

    /// Words that a press shows over the chat and that change nothing.
    pub(super) fn alert(text: String) -> Self {
        let notice = Some(Notice { text: text.clone(), alert: true });
        Self { markdown: format::escape(&text), place: Place::Above, notice, ..Self::default() }
    }

    /// The same with buttons; none when there are no rows.
    pub(super) fn with(self, keyboard: InlineKeyboardMarkup) -> Self {
        Self { keyboard: Some(keyboard).filter(|keyboard| !keyboard.inline_keyboard.is_empty()), ..self }
    }

    /// In place of the message whose button was pressed.
    pub(super) fn instead(self) -> Self {
        Self { place: Place::Instead, ..self }
    }

    /// With a few words over the chat.
    pub(super) fn noticed(self, text: String) -> Self {
        Self { notice: Some(Notice { text, alert: false }), ..self }
    }

    /// What is stored of it: plain text without secrets.
    pub(super) fn record(&self) -> String {
        self.recorded.clone().unwrap_or_else(|| format::plain(&self.markdown))
    }
}

//! A run: text that is styled alike from end to end.

/// Text and how it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Run {
    /// A run without any style.
    pub(super) fn plain(text: String) -> Self {
        Self { text, style: Style::default() }
    }
}

/// How a run looks. Telegram lets these be combined, but a run has one [`Kind`] only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) quote: bool,
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) strike: bool,
    pub(super) kind: Kind,
}

/// What a run is. Telegram refuses or drops other entities inside code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Text,
    /// Leads to this address.
    Link(String),
    Code,
    /// A code block, with its language.
    Block(Option<String>),
}

impl Style {
    /// Nothing but the quotation a run stands in: for line breaks and list markers.
    pub(super) fn frame(quote: bool) -> Self {
        Self { quote, ..Self::default() }
    }

    /// A code block; it stands outside any quotation, which could not hold it.
    pub(super) fn block(language: Option<String>) -> Self {
        Self { kind: Kind::Block(language), ..Self::default() }
    }

    pub(super) fn is_block(&self) -> bool {
        matches!(self.kind, Kind::Block(_))
    }
}

/// Appends text, joining it to the last run where the style is the same.
pub(super) fn push(runs: &mut Vec<Run>, text: &str, style: &Style) {
    match runs.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.style == *style => last.text.push_str(text),
        _ => runs.push(Run { text: text.to_owned(), style: style.clone() }),
    }
}

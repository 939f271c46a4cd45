//! The list of single keys.

pub(crate) const NEXT_ROW: &str = "the next row";
pub(crate) const ROW_BEFORE: &str = "the row before";
pub(crate) const PIN_OR_LET_GO: &str = "pin, or let go";
pub(crate) const SEARCH_THIS_CHAT: &str = "search this chat";
pub(crate) const THIS_LIST: &str = "this list";
pub(crate) const CTRL_ENTER: &str = "Ctrl ↵";
pub(crate) const ESC: &str = "Esc";
pub(crate) const CLOSE_WHAT_IS_OPEN: &str = "close what is open";
pub(crate) const SINGLE_KEYS: &str = "Single keys are on";
pub(crate) const WHEN_THEY_REST: &str =
    "They rest while a field has the focus. They need scripts; everything they do is also a button.";
pub(crate) const KEYS: &str = "Keys";
pub(crate) const EDIT: &str = "edit";
pub(crate) const ACCEPT: &str = "accept";
pub(crate) const REJECT: &str = "reject";
pub(crate) const UNDO: &str = "undo";

//! What stands around every page: the menu, the notices, what is said in the place of a page that cannot be shown.

// The head of a chat.
pub(crate) const THIS_CHAT: &str = "This chat";

// The menu and the foot.
pub(crate) const SKIP_TO_THE_PAGE: &str = "Skip to the page";
pub(crate) const MENU: &str = "Menu";
pub(crate) const MAIN: &str = "Main";
/// After the number of proposals that wait in a chat.
pub(crate) const TO_DECIDE: &str = " to decide";
pub(crate) const SERVICES: &str = "Services";
pub(crate) const SIGN_OUT: &str = "Sign out";
pub(crate) const NO_LANGUAGE_MODEL: &str = "No language model.";
pub(crate) const OFFLINE_ANSWERS: &str =
    "The built-in offline model answers, from what is remembered and from stored messages that match.";
pub(crate) const SET_API_KEY: &str = "Set OPENAI_API_KEY";
pub(crate) const OR_SET_BASE_URL: &str = "or OPENAI_BASE_URL and restart to change that.";

// In the place of a page.
pub(crate) const LOADING: &str = "Loading";
pub(crate) const NOT_HERE: &str = "Not here";
pub(crate) const NO_ANSWER: &str = "No answer";
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const ALL_CHATS: &str = "All chats";

/// What a page is called that is not there.
pub(crate) const THIS_PAGE: &str = "This page";
pub(crate) const SIGNED_OUT: &str = "You are signed out. Sign in again to go on.";
pub(crate) const UNREACHABLE: &str =
    "Souvenir cannot be reached from this browser. What you see is from before; nothing was changed.";
pub(crate) const INTERNAL: &str = "Souvenir could not do this. The log of the server says why; nothing was changed.";

/// Why there is nothing to see: `what` is named with its number.
pub(crate) fn not_here(what: &str) -> String {
    let mut what = what.to_owned();
    if let Some(first) = what.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{what} is not here: it was removed, or the address has a typing error.")
}

/// What the browser's tab says of a page.
pub(crate) fn tab(page: &str) -> String {
    format!("{page} · Souvenir")
}

/// The title of a page of a chat.
pub(crate) fn page_of_chat(page: &str, chat: &str) -> String {
    format!("{page} · {chat}")
}

/// The line under a chat's title.
pub(crate) fn about_chat(kind: &str, since: &str, model: &str, time_zone: &str) -> String {
    format!("{kind} chat since {since} · {model} · {time_zone}")
}

pub(crate) fn number(chat: i64) -> String {
    format!("No. {chat}")
}

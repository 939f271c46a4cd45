//! What was done just now, for the page that follows to say, and taking it back.
//!
//! The server keeps the last few deeds under numbers; an address carries the number (`?did=7`), so that the notice with its
//! *Undo* stands there with scripts and without.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, Sheet};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Facts were deleted.
    Deleted,
    /// Facts were made one.
    Merged,
    /// A fact was given another version.
    Edited,
    /// Facts were pinned.
    Pinned,
    /// Facts were let go.
    Unpinned,
    /// Messages were put away.
    Archived,
    /// Messages were brought back.
    BroughtBack,
    /// A proposal was accepted.
    Accepted,
    /// A proposal was turned down.
    Rejected,
}

/// What was done, to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneView {
    /// The number it is kept under.
    pub number: u64,
    /// The chat it was done in.
    pub chat: i64,
    /// What was done.
    pub deed: Deed,
    /// The facts, messages or the proposal it was done to.
    pub of: Vec<i64>,
}

/// The notice of what was done; nothing when it is not known any more.
#[server(prefix = "/fn", endpoint = "done")]
pub async fn done(did: u64) -> Result<Sheet, ApiError> {
    let done = dashboard()?.done(did).await;
    Ok(done.map(|done| Sheet::of(crate::sheets::toast::toast(&done))).unwrap_or_default())
}

/// Takes it back, as long as nothing else was done to the same things since.
#[server(prefix = "/fn", endpoint = "undo")]
pub async fn undo(did: u64) -> Result<(), ApiError> {
    let chat = dashboard()?.undo(did).await?;
    back(&format!("/chats/{chat}/"), "facts", &[]);
    Ok(())
}

/// What an address says only until the next thing is done.
#[cfg(feature = "ssr")]
const PASSING: [&str; 6] = ["did", "add", "edit", "merge", "forget", "report"];

/// Leads back to the page a form was sent from, if its path begins with `chat` (`/chats/3/`), and else to `page` there. What is
/// shown stays, but for what passes and for `set`: each a name with its new value, or with none to leave it out.
#[cfg(feature = "ssr")]
pub(crate) fn back(chat: &str, page: &str, set: &[(&str, Option<String>)]) {
    let parts = use_context::<http::request::Parts>();
    let referer = parts.as_ref().and_then(|parts| parts.headers.get(http::header::REFERER)?.to_str().ok());
    let from = referer.and_then(|address| address.parse::<http::Uri>().ok());
    leptos_axum::redirect(&address_after(from.as_ref(), chat, page, set));
}

#[cfg(feature = "ssr")]
fn address_after(from: Option<&http::Uri>, chat: &str, page: &str, set: &[(&str, Option<String>)]) -> String {
    let from = from.filter(|from| from.path().starts_with(chat));
    let path = from.map_or_else(|| format!("{chat}{page}"), |from| from.path().to_owned());
    let passes =
        |name: &str| PASSING.contains(&name) || name.starts_with("__") || set.iter().any(|(key, _)| *key == name);
    let stays = from.and_then(http::Uri::query).unwrap_or_default().split('&');
    let stays = stays.filter(|pair| !pair.is_empty() && !passes(pair.split('=').next().unwrap_or_default()));
    let set = set.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
    let query: Vec<String> = stays.map(str::to_owned).chain(set).collect();
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn after(from: &str, set: &[(&str, Option<String>)]) -> String {
        address_after(from.parse().ok().as_ref(), "/chats/3/", "facts", set)
    }

    #[test]
    fn what_is_shown_stays_when_something_is_done_and_what_passes_goes() {
        let did = || ("did", Some("8".to_owned()));
        let shown = "http://here/chats/3/facts?kind=goal&q=a%20b&did=7&edit=4&__err=x";
        assert_eq!(after(shown, &[did()]), "/chats/3/facts?kind=goal&q=a%20b&did=8");
        let drawer = "http://here/chats/3/facts?fact=4&kind=goal";
        assert_eq!(after(drawer, &[("fact", None), did()]), "/chats/3/facts?kind=goal&did=8");
        assert_eq!(after(drawer, &[]), "/chats/3/facts?fact=4&kind=goal");
    }

    #[test]
    fn only_pages_of_the_same_chat_are_gone_back_to() {
        for elsewhere in ["http://here/chats/33/facts", "http://here//evil.example/", "http://here/", "nonsense"] {
            assert_eq!(after(elsewhere, &[]), "/chats/3/facts", "{elsewhere}");
        }
    }
}

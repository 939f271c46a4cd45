//! What was done just now, in a sentence, with *Undo*.
//!
//! With scripts it floats for ten seconds and longer while it is pointed at or has the focus; without, it stays where it is.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Now, post_now};
use crate::{
    api::{Deed, DoneView, Undo},
    words,
};

/// The notice.
pub(crate) fn toast(done: &DoneView) -> AnyView {
    let forget = match (done.deed, &done.of[..]) {
        (Deed::Deleted, [fact]) => {
            let address = format!("/chats/{}/facts?fact={fact}&forget=1", done.chat);
            Some(view! { <a href=address data-noscroll="">"Forget for good"</a> })
        }
        _ => None,
    };
    let button =
        view! { <button class="btn" type="submit" data-key="z" aria-keyshortcuts="z">"Undo "<kbd>"Z"</kbd></button> };
    let now = Now { show: "gone", on: Some(".toast".to_owned()), say: None };
    view! {
        <div class="toast">
            <span>{told(done.deed, &done.of)}</span>
            {post_now(Undo::url(), &[("did", done.number.to_string())], now, button.into_any())}
            {forget}
        </div>
    }
    .into_any()
}

fn told(deed: Deed, of: &[i64]) -> String {
    let (one, many) = match deed {
        Deed::Archived | Deed::BroughtBack => ("Message", "messages"),
        Deed::Accepted | Deed::Rejected => ("Proposal", "proposals"),
        _ => ("Fact", "facts"),
    };
    let what = match of {
        [only] if one == "Message" => format!("{one} {}", words::message(*only)),
        [only] => format!("{one} {only}"),
        several => words::plural(several.len(), one, many),
    };
    let (is, they) = if of.len() == 1 { ("is", "It") } else { ("are", "They") };
    match deed {
        Deed::Deleted => format!("{what} deleted. {they} will not be learnt again."),
        Deed::Merged => format!("{what} {is} one now."),
        Deed::Edited => format!("{what} changed."),
        Deed::Pinned => format!("{what} pinned."),
        Deed::Unpinned => format!("{what} unpinned."),
        Deed::Archived => format!("{what} archived. {they} {is} in no context from the next reply on."),
        Deed::BroughtBack => format!("{what} brought back."),
        Deed::Accepted => format!("{what} accepted."),
        Deed::Rejected => format!("{what} rejected. {they} will not be learnt again."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_names_what_it_was_done_to() {
        assert_eq!(told(Deed::Deleted, &[7]), "Fact 7 deleted. It will not be learnt again.");
        assert_eq!(told(Deed::Merged, &[3, 7]), "2 facts are one now.");
        assert_eq!(
            told(Deed::Archived, &[1200]),
            "Message 1,200 archived. It is in no context from the next reply on."
        );
        assert_eq!(told(Deed::Rejected, &[2]), "Proposal 2 rejected. It will not be learnt again.");
    }
}

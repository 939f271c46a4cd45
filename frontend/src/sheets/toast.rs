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
            Some(view! { <a href=address data-noscroll="">{words::FORGET_FOR_GOOD}</a> })
        }
        _ => None,
    };
    let button = view! { <button class="btn" type="submit" data-key="z" aria-keyshortcuts="z">{words::UNDO}" "<kbd>"Z"</kbd></button> };
    let now = Now { show: "gone", on: Some(".toast".to_owned()), say: None };
    view! {
        <div class="toast">
            <span>{words::undo::told(done.deed, &done.of)}</span>
            {post_now(Undo::url(), &[("did", done.number.to_string())], now, button.into_any())}
            {forget}
        </div>
    }
    .into_any()
}

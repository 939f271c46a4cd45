//! Forms and times as every sheet writes them.

use leptos::prelude::*;

use crate::{api::Moment, words};

/// A form that posts to a server function: the fields it always sends, then `body`.
pub(super) fn post(url: &'static str, fields: &[(&'static str, String)], body: AnyView) -> AnyView {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone()/> }).collect();
    view! { <form method="post" action=url>{fields}{body}</form> }.into_any()
}

/// What a form shows before the server has answered; the browser's half is `components::at_once`.
pub(super) struct Now {
    /// What becomes of things, by the stylesheet's name for it: `gone`, `pinned`, `unpinned`, `archived`, `restored`, `said`.
    pub(super) show: &'static str,
    /// Which things: a selector. None for the rows whose boxes are ticked.
    pub(super) on: Option<String>,
    /// Where the statement that is sent is to stand: a selector.
    pub(super) say: Option<String>,
}

impl Now {
    /// This becomes of one thing.
    pub(super) fn of(show: &'static str, on: String) -> Self {
        Self { show, on: Some(on), say: None }
    }
}

/// A form like [`post`]'s that shows at once what it does.
pub(super) fn post_now(url: &'static str, fields: &[(&'static str, String)], now: Now, body: AnyView) -> AnyView {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone()/> }).collect();
    view! { <form method="post" action=url data-now=now.show data-on=now.on data-say=now.say>{fields}{body}</form> }
        .into_any()
}

/// A moment, as short as it can be said, with the whole of it on demand.
pub(super) fn time(moment: &Moment) -> AnyView {
    view! {
        <time datetime=moment.rfc3339.clone() title=format!("{}, {}", moment.day, moment.time)>
            {moment.short.clone()}
        </time>
    }
    .into_any()
}

/// The button that sends what is being written, and the key that does.
pub(super) fn send(name: String) -> AnyView {
    view! { <button class="btn btn-primary" type="submit" aria-keyshortcuts="Control+Enter">{name}<kbd aria-hidden="true">{words::keys::CTRL_ENTER}</kbd></button> }
        .into_any()
}

/// The way back from it, and the key that leads there.
pub(super) fn give_up(back: String, name: &'static str) -> AnyView {
    view! { <a class="btn" href=back data-noscroll="" data-key="esc" aria-keyshortcuts="Escape">{name}<kbd aria-hidden="true">{words::keys::ESC}</kbd></a> }
        .into_any()
}

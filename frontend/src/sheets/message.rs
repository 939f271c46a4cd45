//! One message of a conversation.

use leptos::prelude::*;

use crate::api::MessageView;

/// A message with its speaker and time; `below` is the line under its text. One that was asked for is marked, and
/// takes the focus of an address that ends in its name.
pub(super) fn talk(message: &MessageView, asked_for: bool, below: AnyView) -> AnyView {
    let class = if message.person { "talk me" } else { "talk" };
    let class = if asked_for { format!("{class} hit") } else { class.to_owned() };
    view! {
        <div class=class id=format!("m{}", message.id) tabindex=asked_for.then_some("-1")>
            <p class="when">
                <b>{message.who.clone()}</b>
                <time datetime=message.at.rfc3339.clone() title=message.at.day.clone()>{message.at.time.clone()}</time>
            </p>
            <div class="txt" lang=message.lang.clone()>
                <div class="said" inner_html=message.html.clone()></div>
                {below}
            </div>
        </div>
    }
    .into_any()
}

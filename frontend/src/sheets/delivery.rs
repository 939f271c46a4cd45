//! What became of a reply on its way to Telegram, and what can be done about it.

use leptos::{prelude::*, server_fn::ServerFn};

use super::post;
use crate::{
    api::{DeliveryView, SendAgain},
    words,
};

/// Nothing for a reply that plainly arrived.
pub(super) fn delivery(chat: i64, turn: i64, delivery: &DeliveryView) -> AnyView {
    let many = delivery.parts.len() > 1;
    let class = match delivery.state.as_str() {
        "sent" if many => return view! { <p class="note">{delivery.told.clone()}</p> }.into_any(),
        "sent" => return ().into_any(),
        "failed" => "alert danger",
        "unknown" => "alert warn",
        _ => "alert",
    };
    view! {
        <div class=class>
            <p>{delivery.told.clone()}</p>
            {many.then(|| parts(&delivery.parts))}
            {delivery.can_send_again.then(|| again(chat, turn, delivery.may_double))}
        </div>
    }
    .into_any()
}

fn parts(states: &[String]) -> AnyView {
    let parts: Vec<_> = states.iter().map(|state| view! { <li>{words::turn::part(state)}</li> }).collect();
    view! { <ol aria-label=words::turn::ITS_PARTS>{parts}</ol> }.into_any()
}

fn again(chat: i64, turn: i64, may_double: bool) -> AnyView {
    let verb = if may_double { words::turn::SEND_AGAIN_THOUGH } else { words::turn::SEND_AGAIN };
    let button = view! { <button class="btn" type="submit">{verb}</button> };
    let fields = [("chat", chat.to_string()), ("turn", turn.to_string()), ("may_double", may_double.to_string())];
    post(SendAgain::url(), &fields, button.into_any())
}

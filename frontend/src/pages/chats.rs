//! `/`: the chats, newest message first.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    api::{self, CreateChat},
    components::{alert, sheet, take},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn ChatsPage() -> impl IntoView {
    let live = use_live();
    let create = ServerAction::<CreateChat>::new();
    let chats = Resource::new(move || live.any(), |_| api::chats());
    view! {
        <Title text="Chats"/>
        <div on:submit=move |event| { take(&event, create); }>{sheet(chats)}</div>
        {alert(move || create.value().get())}
    }
}

//! `/usage`: what the models were used for.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{api, components::sheet, live::use_live, words};

/// Shown unless the address asks for another stretch.
const USUAL: u32 = 30;

/// The page.
#[component]
pub(crate) fn UsagePage() -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let days =
        Memo::new(move |_| query.with(|query| query.get("days").and_then(|days| days.parse().ok()).unwrap_or(USUAL)));
    let usage = Resource::new(move || (days.get(), live.any()), |(days, _)| api::usage(days));
    view! {
        <Title text=words::USAGE/>
        {sheet(usage)}
    }
}

//! `/imports`: bringing history in and taking it out.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api,
    components::{Forms, sheet},
    live::use_live,
    words,
};

/// The page.
#[component]
pub(crate) fn ImportsPage() -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let refused = Memo::new(move |_| query.with(|query| query.get("refused")));
    let forms = Forms::new();
    let imports =
        Resource::new(move || (refused.get(), live.imported(), forms.version()), |(refused, ..)| api::imports(refused));
    view! {
        <Title text=words::imports::IMPORT_AND_EXPORT/>
        <div on:submit=move |event| forms.take(&event)>{forms.alert()} {sheet(imports)}</div>
    }
}

//! Forms and times as every sheet writes them.

use leptos::prelude::*;

use crate::api::Moment;

/// A form that posts to a server function: the fields it always sends, then `body`.
pub(super) fn post(url: &'static str, fields: &[(&'static str, String)], body: AnyView) -> AnyView {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone()/> }).collect();
    view! { <form method="post" action=url>{fields}{body}</form> }.into_any()
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

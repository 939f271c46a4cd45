//! Several facts that say the same become one: which, and in what words.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Now, post_now};
use crate::{
    api::{FactView, MergeFacts, numbers},
    escape::in_text_area,
    words,
};

/// The question above the list, for the facts in `merge` (`3,7`).
pub(super) fn question(chat: i64, merge: &str, facts: &[FactView]) -> AnyView {
    let chosen = numbers(merge);
    let mut merging: Vec<&FactView> = facts.iter().filter(|fact| chosen.contains(&fact.id)).collect();
    merging.sort_by_key(|fact| (!fact.pinned, fact.id));
    let Some(kept) = merging.first().filter(|_| merging.len() > 1) else {
        return view! { <p class="alert warn">"Fewer than two of these facts are still there: nothing can be merged."</p> }
            .into_any();
    };
    let rows: Vec<_> = merging
        .iter()
        .map(|fact| view! { <li><span class="ref mono">{format!("fact {}", fact.id)}</span>{fact.statement.clone()}</li> })
        .collect();
    let note = format!(
        "Fact {} stays and rests on all their quotes; {} replaced by it. A model may only propose changes to it. It can be undone.",
        kept.id,
        if merging.len() == 2 { "the other is" } else { "the others are" }
    );
    let body = view! {
        <ul class="merging">{rows}</ul>
        <label class="wide">
            "What the one fact is to say"
            <textarea class="field" name="statement" rows="2" required maxlength="1000" autofocus>
                {in_text_area(&kept.statement)}
            </textarea>
        </label>
        <div class="acts">
            <button class="btn btn-primary" type="submit">{format!("Merge {}", words::plural(merging.len(), "fact", "facts"))}</button>
            <a class="btn" href=format!("/chats/{chat}/facts") data-noscroll="">"Keep them apart"</a>
            <span class="note">{note}</span>
        </div>
    };
    let fields = [("chat", chat.to_string()), ("facts", merge.to_owned())];
    let others = merging.iter().skip(1).map(|fact| format!(", #f{}", fact.id));
    let gone = std::iter::once("#merge".to_owned()).chain(others).collect();
    let now = Now { show: "gone", on: Some(gone), say: Some(format!("#f{} .st a", kept.id)) };
    view! { <section class="merge" id="merge" aria-label="Merge facts">{post_now(MergeFacts::url(), &fields, now, body.into_any())}</section> }
        .into_any()
}

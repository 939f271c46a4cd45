//! Several facts that say the same become one: which, and in what words.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    Now,
    post::{give_up, send},
    post_now,
};
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
        return view! { <p class="alert warn">{words::facts::NOTHING_TO_MERGE}</p> }.into_any();
    };
    let rows: Vec<_> = merging
        .iter()
        .map(|fact| view! { <li><span class="ref mono">{words::a_fact(fact.id)}</span>{fact.statement.clone()}</li> })
        .collect();
    let note = words::facts::what_merging_does(kept.id, merging.len());
    let body = view! {
        <ul class="merging">{rows}</ul>
        <label class="wide">
            {words::facts::WHAT_ONE_FACT_SAYS}
            <textarea class="field" name="statement" rows="2" required maxlength="1000" autofocus>
                {in_text_area(&kept.statement)}
            </textarea>
        </label>
        <div class="acts">
            {send(words::facts::merge(merging.len()))}
            {give_up(format!("/chats/{chat}/facts"), words::facts::KEEP_THEM_APART)}
            <span class="note">{note}</span>
        </div>
    };
    let fields = [("chat", chat.to_string()), ("facts", merge.to_owned())];
    let others = merging.iter().skip(1).map(|fact| format!(", #f{}", fact.id));
    let gone = std::iter::once("#merge".to_owned()).chain(others).collect();
    let now = Now { show: "gone", on: Some(gone), say: Some(format!("#f{} .st a", kept.id)) };
    view! { <section class="merge" id="merge" aria-label=words::facts::MERGE_FACTS>{post_now(MergeFacts::url(), &fields, now, body.into_any())}</section> }
        .into_any()
}

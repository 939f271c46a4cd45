//! The form of a fact: for a new one above the list, for an old one in place of its row.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::{FactKind, GoalState};

use super::{Now, post, post_now};
use crate::{
    api::{AddFact, EditFact, FactView},
    escape::in_text_area,
    words,
};

/// A new fact.
pub(super) fn add(chat: i64) -> AnyView {
    let note = "Stands in every context from the next reply on. A model may only propose changes to it.";
    let body = view! { {fields(None, "New fact, one sentence".into_any())} {buttons(chat, None, "Save fact", note)} };
    view! { <div class="edit new">{post(AddFact::url(), &[("chat", chat.to_string())], body.into_any())}</div> }
        .into_any()
}

/// A fact being edited, as the row it stands in.
pub(super) fn edit_row(chat: i64, fact: &FactView) -> AnyView {
    let note = format!("Saves version {}. From then on a model may only propose changes to it.", fact.version + 1);
    let tokens = format!("· {} tokens", words::count(fact.tokens));
    let label = view! { {format!("Fact {}, statement ", fact.id)}<span class="faint">{tokens}</span> };
    let body = view! { {fields(Some(fact), label.into_any())} {buttons(chat, Some(fact.id), "Save", &note)} };
    let numbers = [("chat", chat.to_string()), ("fact", fact.id.to_string())];
    let row = format!("#f{}", fact.id);
    let now = Now { show: "said", say: Some(format!("{row} .said")), on: Some(row) };
    view! {
        <tr class="edit" id=format!("f{}", fact.id)>
            <td colspan="9">
                {post_now(EditFact::url(), &numbers, now, body.into_any())}
                <p class="st" data-saving="saving" hidden><span class="said"></span></p>
            </td>
        </tr>
    }
    .into_any()
}

fn fields(fact: Option<&FactView>, label: AnyView) -> AnyView {
    let kind = fact.map_or(FactKind::Other, |fact| fact.kind);
    let kinds: Vec<_> = FactKind::ALL
        .iter()
        .map(|each| view! { <option value=each.as_str() selected=*each == kind>{each.as_str()}</option> })
        .collect();
    let state = fact.and_then(|fact| fact.goal_state);
    let states: Vec<_> = GoalState::ALL
        .iter()
        .map(|each| view! { <option value=each.as_str() selected=state == Some(*each)>{each.as_str()}</option> })
        .collect();
    view! {
        <label class="wide">
            {label}
            <textarea class="field" name="form[statement]" rows="2" required maxlength="1000" autofocus>
                {fact.map(|fact| in_text_area(&fact.statement)).unwrap_or_default()}
            </textarea>
        </label>
        <label>"Subject"<input class="field" name="form[subject]" value=fact.map(|fact| fact.subject.clone())/></label>
        <label>"Kind"<select class="field" name="form[kind]">{kinds}</select></label>
        <label>"State, of a goal"<select class="field" name="form[goal_state]"><option value="">"none"</option>{states}</select></label>
        <label>"Due"<input class="field" type="date" name="form[due]" value=fact.map(|fact| fact.due.clone())/></label>
        <label>"True since"<input class="field" type="date" name="form[valid_from]" value=fact.map(|fact| fact.valid_from.clone())/></label>
        {fact.map(|fact| view! {
            <label>"No longer true since"<input class="field" type="date" name="form[valid_until]" value=fact.valid_until.clone()/></label>
        })}
        <div class="wide row">
            <label><input type="checkbox" name="form[pinned]" checked=fact.is_some_and(|fact| fact.pinned)/>" Pin: always first, and closed to models"</label>
        </div>
    }
    .into_any()
}

fn buttons(chat: i64, fact: Option<i64>, save: &'static str, note: &str) -> AnyView {
    let back = fact.map_or_else(|| format!("/chats/{chat}/facts"), |fact| format!("/chats/{chat}/facts?fact={fact}"));
    view! {
        <div class="wide row">
            <button class="btn btn-primary" type="submit">{save}</button>
            <a class="btn" href=back data-noscroll="">"Cancel"</a>
            <span class="note">{note.to_owned()}</span>
        </div>
    }
    .into_any()
}

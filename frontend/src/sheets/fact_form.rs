//! The form of a fact: for a new one above the list, for an old one in place of its row.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::{FactKind, GoalState};

use super::{
    Now, post,
    post::{give_up, send},
    post_now,
};
use crate::{
    api::{AddFact, EditFact, FactView},
    escape::in_text_area,
    words,
};

/// A new fact.
pub(super) fn add(chat: i64) -> AnyView {
    let note = words::facts::WHAT_ADDING_DOES;
    let body = view! { {fields(None, words::facts::NEW_FACT_ONE_SENTENCE.into_any())} {buttons(chat, None, words::facts::SAVE_FACT, note)} };
    view! { <div class="edit new">{post(AddFact::url(), &[("chat", chat.to_string())], body.into_any())}</div> }
        .into_any()
}

/// A fact being edited, as the row it stands in.
pub(super) fn edit_row(chat: i64, fact: &FactView) -> AnyView {
    let note = words::facts::saves_version(fact.version + 1);
    let [name, tokens] = words::facts::edited(fact.id, fact.tokens);
    let label = view! { {name}<span class="faint">{tokens}</span> };
    let body = view! { {fields(Some(fact), label.into_any())} {buttons(chat, Some(fact.id), words::SAVE, &note)} };
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
        .map(|each| view! { <option value=each.as_str() selected=*each == kind>{words::kind(*each)}</option> })
        .collect();
    let state = fact.and_then(|fact| fact.goal_state);
    let states: Vec<_> = GoalState::ALL
        .iter()
        .map(|each| view! { <option value=each.as_str() selected=state == Some(*each)>{words::goal_state(*each)}</option> })
        .collect();
    view! {
        <label class="wide">
            {label}
            <textarea class="field" name="form[statement]" rows="2" required maxlength="1000" autofocus>
                {fact.map(|fact| in_text_area(&fact.statement)).unwrap_or_default()}
            </textarea>
        </label>
        <label>{words::facts::SUBJECT}<input class="field" name="form[subject]" value=fact.map(|fact| fact.subject.clone())/></label>
        <label>{words::facts::KIND}<select class="field" name="form[kind]">{kinds}</select></label>
        <label>{words::facts::STATE_OF_A_GOAL}<select class="field" name="form[goal_state]"><option value="">{words::facts::NO_STATE}</option>{states}</select></label>
        <label>{words::facts::DUE}<input class="field" type="date" name="form[due]" value=fact.map(|fact| fact.due.clone())/></label>
        <label>{words::facts::TRUE_SINCE}<input class="field" type="date" name="form[valid_from]" value=fact.map(|fact| fact.valid_from.clone())/></label>
        {fact.map(|fact| view! {
            <label>{words::facts::NO_LONGER_TRUE_SINCE}<input class="field" type="date" name="form[valid_until]" value=fact.valid_until.clone()/></label>
        })}
        <div class="wide row">
            <label><input type="checkbox" name="form[pinned]" checked=fact.is_some_and(|fact| fact.pinned)/>" "{words::facts::PIN_IT}</label>
        </div>
    }
    .into_any()
}

fn buttons(chat: i64, fact: Option<i64>, save: &'static str, note: &str) -> AnyView {
    let back = fact.map_or_else(|| format!("/chats/{chat}/facts"), |fact| format!("/chats/{chat}/facts?fact={fact}"));
    view! {
        <div class="wide row">
            {send(save.to_owned())}
            {give_up(back, words::CANCEL)}
            <span class="note">{note.to_owned()}</span>
        </div>
    }
    .into_any()
}

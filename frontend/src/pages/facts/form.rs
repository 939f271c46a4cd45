//! The form of a fact: for a new one above the list, for an old one in place of its row.

use leptos::{form::ActionForm, prelude::*};
use souvenir_memory::{FactKind, GoalState};

use crate::{
    api::{AddFact, ApiError, EditFact, FactView},
    components::{alert, field_error},
    words,
};

/// A new fact.
pub(super) fn add(chat: i64, action: ServerAction<AddFact>) -> AnyView {
    let outcome = action.value();
    view! {
        <div class="edit new">
            <ActionForm action=action>
                <input type="hidden" name="chat" value=chat.to_string()/>
                {fields(None, "New fact, one sentence".into_any(), Signal::derive(move || outcome.get()))}
                {buttons(chat, None, "Save fact", "Stands in every context from the next reply on. A model may only propose changes to it.")}
            </ActionForm>
        </div>
    }
    .into_any()
}

/// A fact being edited, as the row it stands in.
pub(super) fn edit_row(chat: i64, fact: &FactView, action: ServerAction<EditFact>) -> AnyView {
    let note = format!("Saves version {}. From then on a model may only propose changes to it.", fact.version + 1);
    let label = view! { {format!("Fact {}, statement ", fact.id)}<span class="faint">{format!("· {} tokens", words::count(fact.tokens))}</span> };
    let (id, outcome) = (fact.id, action.value());
    let fields = fields(Some(fact), label.into_any(), Signal::derive(move || outcome.get()));
    view! {
        <tr class="edit" id=format!("f{id}")>
            <td colspan="7">
                <ActionForm action=action>
                    <input type="hidden" name="chat" value=chat.to_string()/>
                    <input type="hidden" name="fact" value=id.to_string()/>
                    {fields}
                    {buttons(chat, Some(id), "Save", &note)}
                </ActionForm>
            </td>
        </tr>
    }
    .into_any()
}

type Outcome = Signal<Option<Result<(), ApiError>>>;

fn fields(fact: Option<&FactView>, label: AnyView, outcome: Outcome) -> AnyView {
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
    let wrong = move |name: &'static str| outcome.with(|outcome| field_error(outcome.as_ref(), name).is_some());
    let invalid = move |name: &'static str| move || wrong(name).then_some("true");
    view! {
        <label class="wide">
            {label}
            <textarea class="field" name="form[statement]" rows="2" required maxlength="1000" autofocus aria-invalid=invalid("statement")>
                {fact.map(|fact| fact.statement.clone()).unwrap_or_default()}
            </textarea>
        </label>
        <label>"Subject"<input class="field" name="form[subject]" value=fact.map(|fact| fact.subject.clone()) aria-invalid=invalid("subject")/></label>
        <label>"Kind"<select class="field" name="form[kind]" aria-invalid=invalid("kind")>{kinds}</select></label>
        <label>"State, of a goal"<select class="field" name="form[goal_state]" aria-invalid=invalid("goal_state")><option value="">"none"</option>{states}</select></label>
        <label>"Due"<input class="field" type="date" name="form[due]" value=fact.map(|fact| fact.due.clone()) aria-invalid=invalid("due_at")/></label>
        <div class="wide row">
            <label><input type="checkbox" name="form[pinned]" checked=fact.is_some_and(|fact| fact.pinned)/>" Pin: always first, and closed to models"</label>
        </div>
        <div class="wide">{alert(move || outcome.get())}</div>
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

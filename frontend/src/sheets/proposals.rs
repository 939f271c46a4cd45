//! What waits for the owner: each proposal with what is known on one side and what was said on the other.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::{FactSource, consolidation::Op};

use super::{
    Now, diff, evidence,
    fact::source,
    post::{give_up, send},
    post_now,
};
use crate::{
    api::{AcceptProposal, EvidenceView, ProposalView, ProposalsAsk, RejectProposal},
    escape::in_text_area,
    words,
};

/// The heading and the proposals.
pub(crate) fn proposals(chat: i64, ask: &ProposalsAsk, waiting: &[ProposalView]) -> AnyView {
    let count = match waiting.len() {
        0 => words::proposals::NOTHING_TO_DECIDE.to_owned(),
        some => words::to_decide(some as u64),
    };
    let list = if waiting.is_empty() {
        nothing_waits(chat)
    } else {
        view! { <div class="proposals">{waiting.iter().map(|each| proposal(chat, each, ask.edit == Some(each.id))).collect_view()}</div> }
            .into_any()
    };
    view! {
        <div class="sh">
            <h2>{words::PROPOSALS}</h2>
            <span class="note">{count}</span>
            {(!waiting.is_empty()).then(|| view! {
                <span class="hint note right hide-s">
                    <kbd>"J"</kbd>" "<kbd>"K"</kbd>" "{words::proposals::MOVE}" "<kbd>"A"</kbd>" "{words::keys::ACCEPT}" "
                    <kbd>"E"</kbd>" "{words::keys::EDIT}" "<kbd>"R"</kbd>" "{words::keys::REJECT}" "<kbd>"Z"</kbd>" "{words::keys::UNDO}
                </span>
            })}
        </div>
        {list}
    }
    .into_any()
}

fn nothing_waits(chat: i64) -> AnyView {
    view! {
        <div class="empty">
            <h2>{words::proposals::NOTHING_WAITS_FOR_YOU}</h2>
            <p>
                {words::proposals::WHAT_STANDS_HERE}
            </p>
            <a class="btn" href=format!("/chats/{chat}/facts")>{words::proposals::SEE_THE_FACTS}</a>
        </div>
    }
    .into_any()
}

/// It waits no longer.
fn decided(proposal: &ProposalView) -> Now {
    Now::of("gone", format!("#proposal{}", proposal.id))
}

fn named(chat: i64, proposal: i64) -> [(&'static str, String); 2] {
    [("chat", chat.to_string()), ("proposal", proposal.to_string())]
}

fn proposal(chat: i64, proposal: &ProposalView, editing: bool) -> AnyView {
    let fact = &proposal.fact;
    let title = format!("p{}", proposal.id);
    let named = title.clone();
    view! {
        <article class="proposal" data-row="" tabindex="-1" id=format!("proposal{}", proposal.id) aria-labelledby=named>
            <div class="top">
                <h3 id=title>{heading(proposal)}</h3>
                <span class="note">
                    <a href=format!("/chats/{chat}/facts?fact={}", fact.id)>{words::a_fact(fact.id)}</a>
                    {words::proposals::proposed(&proposal.at, &proposal.reason)}
                </span>
            </div>
            {proposal.outdated.then(|| view! {
                <p class="alert warn">{words::proposals::CHANGED_SINCE}</p>
            })}
            <div class="sides">{sides(chat, proposal)}</div>
            {if editing && proposal.op != Op::Retract { edit(chat, proposal) } else { buttons(chat, proposal) }}
        </article>
    }
    .into_any()
}

fn heading(proposal: &ProposalView) -> &'static str {
    let by_person = matches!(proposal.fact.source, FactSource::Owner | FactSource::Chatter);
    match (proposal.kind.as_str(), proposal.op) {
        ("pending", _) => words::proposals::A_NEW_FACT_NOT_USED_YET,
        ("contradiction", _) => words::proposals::CONTRADICTS_WHAT_IS_KNOWN,
        (_, Op::Retract) => words::proposals::WOULD_END_A_FACT,
        _ if proposal.fact.pinned => words::proposals::CHANGES_A_FACT_YOU_PINNED,
        _ if by_person => words::proposals::CHANGES_A_WRITTEN_FACT,
        _ => words::proposals::CHANGES_A_FACT,
    }
}

/// What is known and what was said; of a new fact only the second.
fn sides(chat: i64, proposal: &ProposalView) -> AnyView {
    let said = match proposal.op {
        Op::Add => proposal.statement.clone().into_any(),
        Op::Update => diff::diff(&proposal.fact.statement, &proposal.statement),
        Op::Retract => view! { <del>{proposal.fact.statement.clone()}</del> }.into_any(),
    };
    let known = (proposal.op != Op::Add).then(|| {
        let none = words::proposals::no_quote(source(proposal.fact.source), &proposal.fact.since.day);
        view! {
            <div>
                <h4>{words::proposals::WHAT_IS_KNOWN}</h4>
                <p class="statement">{proposal.fact.statement.clone()}</p>
                {places(chat, &proposal.known, proposal.fact.version, &none)}
            </div>
        }
    });
    let title =
        if proposal.op == Op::Add { words::proposals::WHAT_IT_WOULD_SAY } else { words::proposals::WHAT_WAS_SAID };
    view! {
        {known}
        <div>
            <h4>{title}</h4>
            <p class="statement diff">{said}</p>
            {places(chat, &proposal.evidence, 0, words::WORDS_FORGOTTEN)}
        </div>
    }
    .into_any()
}

fn places(chat: i64, evidence: &[EvidenceView], version: u32, none: &str) -> AnyView {
    if evidence.is_empty() {
        return view! { <p class="note">{none.to_owned()}</p> }.into_any();
    }
    evidence.iter().map(|each| evidence::place(chat, each, version)).collect_view().into_any()
}

/// The statement as the owner would have it, to be accepted so.
fn edit(chat: i64, proposal: &ProposalView) -> AnyView {
    let body = view! {
        <label class="wide">
            {words::proposals::WHAT_IT_IS_TO_SAY}
            <textarea class="field" name="statement" rows="2" required maxlength="1000" autofocus>
                {in_text_area(&proposal.statement)}
            </textarea>
        </label>
        <div class="acts">
            {send(words::proposals::ACCEPT_IT_SO.to_owned())}
            {give_up(format!("/chats/{chat}/proposals"), words::CANCEL)}
            <span class="note">{words::proposals::IN_YOUR_WORDS}</span>
        </div>
    };
    post_now(AcceptProposal::url(), &named(chat, proposal.id), decided(proposal), body.into_any())
}

fn buttons(chat: i64, proposal: &ProposalView) -> AnyView {
    let (accept, reject, note) = match proposal.op {
        Op::Add => (words::USE_THIS_FACT, words::proposals::REJECT_IT, words::proposals::WHAT_ADDING_DOES),
        Op::Update => (
            words::proposals::ACCEPT_THE_CHANGE,
            words::proposals::KEEP_WHAT_IS_KNOWN,
            words::proposals::WHAT_CHANGING_DOES,
        ),
        Op::Retract => {
            (words::proposals::END_THE_FACT, words::proposals::KEEP_THE_FACT, words::proposals::WHAT_ENDING_DOES)
        }
    };
    let hint = words::proposals::of_proposal(proposal.id);
    let button = |class: &'static str, key: &'static str, words: &'static str| {
        view! { <button class=class type="submit" data-key=key aria-keyshortcuts=key>{words}<span class="vh">{hint.clone()}</span></button> }
            .into_any()
    };
    let edit_first = (proposal.op != Op::Retract).then(|| {
        let place = format!("/chats/{chat}/proposals?edit={0}#proposal{0}", proposal.id);
        view! { <a class="btn" href=place data-noscroll="" data-key="e" aria-keyshortcuts="e">{words::proposals::EDIT_FIRST}<span class="vh">{hint.clone()}</span></a> }
    });
    view! {
        <div class="acts">
            {post_now(AcceptProposal::url(), &named(chat, proposal.id), decided(proposal), button("btn btn-primary", "a", accept))}
            {edit_first}
            {post_now(RejectProposal::url(), &named(chat, proposal.id), decided(proposal), button("btn", "r", reject))}
            <span class="note">{note}</span>
        </div>
    }
    .into_any()
}

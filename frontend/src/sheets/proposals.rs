//! What waits for the owner: each proposal with what is known on one side and what was said on the other.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::{FactSource, consolidation::Op};

use super::{Now, diff, evidence, fact::source, post_now};
use crate::{
    api::{AcceptProposal, EvidenceView, ProposalView, ProposalsAsk, RejectProposal},
    escape::in_text_area,
    words,
};

/// The heading and the proposals.
pub(crate) fn proposals(chat: i64, ask: &ProposalsAsk, waiting: &[ProposalView]) -> AnyView {
    let count = match waiting.len() {
        0 => "nothing to decide".to_owned(),
        some => format!("{} to decide", words::count_u64(some as u64)),
    };
    let list = if waiting.is_empty() {
        nothing_waits(chat)
    } else {
        view! { <div class="proposals">{waiting.iter().map(|each| proposal(chat, each, ask.edit == Some(each.id))).collect_view()}</div> }
            .into_any()
    };
    view! {
        <div class="sh">
            <h2>"Proposals"</h2>
            <span class="note">{count}</span>
            {(!waiting.is_empty()).then(|| view! {
                <span class="hint note right hide-s">
                    <kbd>"J"</kbd>" "<kbd>"K"</kbd>" move "<kbd>"A"</kbd>" accept "<kbd>"E"</kbd>" edit "<kbd>"R"</kbd>" reject "<kbd>"Z"</kbd>" undo"
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
            <h2>"Nothing waits for you"</h2>
            <p>
                "What contradicts a known fact, what would change a fact that a person wrote or you pinned, and what stands in a "
                "forward or a document is not used until you say so. It will stand here, with both sources."
            </p>
            <a class="btn" href=format!("/chats/{chat}/facts")>"See the facts"</a>
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
                    <a href=format!("/chats/{chat}/facts?fact={}", fact.id)>{format!("fact {}", fact.id)}</a>
                    {format!(", proposed {}, {}: {}", proposal.at.day, proposal.at.time, proposal.reason)}
                </span>
            </div>
            {proposal.outdated.then(|| view! {
                <p class="alert warn">"The fact has changed since this was proposed. What is known is shown as it is now."</p>
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
        ("pending", _) => "A new fact, not used yet",
        ("contradiction", _) => "Contradicts what is known",
        (_, Op::Retract) => "Would end a fact",
        _ if proposal.fact.pinned => "Changes a fact you pinned",
        _ if by_person => "Changes a fact that a person wrote",
        _ => "Changes a fact",
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
        let since = format!("{}, {}", source(proposal.fact.source), proposal.fact.since.day);
        view! {
            <div>
                <h4>"What is known"</h4>
                <p class="statement">{proposal.fact.statement.clone()}</p>
                {places(chat, &proposal.known, proposal.fact.version, &format!("No quote is kept with it: {since}."))}
            </div>
        }
    });
    let title = if proposal.op == Op::Add { "What it would say" } else { "What was said" };
    view! {
        {known}
        <div>
            <h4>{title}</h4>
            <p class="statement diff">{said}</p>
            {places(chat, &proposal.evidence, 0, "The words it rests on have been forgotten.")}
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
            "What it is to say"
            <textarea class="field" name="statement" rows="2" required maxlength="1000" autofocus>
                {in_text_area(&proposal.statement)}
            </textarea>
        </label>
        <div class="acts">
            <button class="btn btn-primary" type="submit">"Accept it so"</button>
            <a class="btn" href=format!("/chats/{chat}/proposals") data-noscroll="">"Cancel"</a>
            <span class="note">"In your words, it is closed to models like any fact you write. Its quotes stay with it."</span>
        </div>
    };
    post_now(AcceptProposal::url(), &named(chat, proposal.id), decided(proposal), body.into_any())
}

fn buttons(chat: i64, proposal: &ProposalView) -> AnyView {
    let (accept, reject, note) = match proposal.op {
        Op::Add => ("Use this fact", "Reject it", "Used from the next reply on, or never learnt again."),
        Op::Update => (
            "Accept the change",
            "Keep what is known",
            "Accepting saves a new version; the old one is kept. Rejected, it will not be proposed again.",
        ),
        Op::Retract => {
            ("End the fact", "Keep the fact", "Ending it takes it out of every context; its versions are kept.")
        }
    };
    let hint = format!(": proposal {}", proposal.id);
    let button = |class: &'static str, key: &'static str, words: &'static str| {
        view! { <button class=class type="submit" data-key=key aria-keyshortcuts=key>{words}<span class="vh">{hint.clone()}</span></button> }
            .into_any()
    };
    let edit_first = (proposal.op != Op::Retract).then(|| {
        let place = format!("/chats/{chat}/proposals?edit={0}#proposal{0}", proposal.id);
        view! { <a class="btn" href=place data-noscroll="" data-key="e" aria-keyshortcuts="e">"Edit first"<span class="vh">{hint.clone()}</span></a> }
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

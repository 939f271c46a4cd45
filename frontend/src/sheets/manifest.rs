//! The manifest as a list: every section in prompt order with its items, where the cache ended, and what was left out.

use leptos::prelude::*;

use souvenir_memory::manifest::Section;

use super::{
    bar,
    ledger::{item, texts},
    ruler, section_name, swatch,
};
use crate::{
    api::{ContextView, ItemView, LeftOutView, PrefixView, SectionView, TurnView},
    words,
};

/// What the model saw.
pub(super) fn seen(turn: &TurnView, context: &ContextView) -> AnyView {
    let sum: u32 = context.bar.sections.iter().sum();
    let most = context.bar.sections.iter().copied().max().unwrap_or(0);
    let cached = turn.row.cached.unwrap_or(0);
    let mut before = 0;
    let mut told = cached == 0;
    let mut rows: Vec<AnyView> = Vec::new();
    for part in &context.sections {
        rows.push(section(part, sum, most));
        before += part.used;
        if !told && before >= cached {
            told = true;
            let line = words::turn::from_cache(cached, cache_end(context, cached));
            rows.push(view! { <p class="prefix">{line}</p> }.into_any());
        }
    }
    let scaling = (context.bar.scaling > 0).then(|| {
        view! { <li class="nowrap">{words::turn::scaling(&context.scale)}" "<span class="dim">{words::count(context.bar.scaling)}</span></li> }
    });
    view! {
        <section>
            <div class="sh">
                <h2>{words::turn::WHAT_THE_MODEL_SAW}</h2>
                <span class="note right"><b class="sent">{words::count(context.bar.sent())}</b>" "{words::turn::sent_of(context.bar.available())}</span>
            </div>
            {bar(&context.bar, "")}
            {ruler(context.bar.total())}
            <ul class="legend note">
                {scaling}
                <li class="nowrap">{swatch("reserve")}{words::RESERVE}" "<span class="dim">{words::count(context.bar.reserve)}</span></li>
                <li class="nowrap">{swatch("free")}{words::FREE}" "<span class="dim">{words::count(context.bar.free)}</span></li>
            </ul>
            <div class="man">{rows}</div>
            {turn.prefix.as_ref().map(prefix)}
        </section>
    }
    .into_any()
}

/// The item in which so many tokens end.
fn cache_end(context: &ContextView, cached: u32) -> Option<&str> {
    let mut items = context.sections.iter().flat_map(|section| &section.items);
    let mut sum = 0;
    let found = items.find(|item| {
        sum += item.tokens;
        sum >= cached
    });
    found.map(|item| item.reference.as_str())
}

/// How far the request began like the one before: what a provider's cache can serve, whether it did or not.
fn prefix(prefix: &PrefixView) -> AnyView {
    let line =
        words::turn::same_as_before(prefix.tokens, prefix.turn, prefix.last.as_deref(), prefix.broken_by.as_deref());
    view! { <p class="note same">{line}</p> }.into_any()
}

fn section(part: &SectionView, sum: u32, most: u32) -> AnyView {
    let name = part.section.as_str();
    let width = f64::from(part.used) * 100.0 / f64::from(most.max(1));
    // What explains an answer best is open from the beginning; the rest is long, or the same each time.
    let telling = matches!(part.section, Section::Facts | Section::Recalled) && part.items.iter().any(is_telling);
    let body = if telling { first_of(&part.items, sum) } else { texts(&part.items) };
    view! {
        <details open=telling>
            <summary>
                {swatch(name)}
                <span class="name">{section_name(part.section)}</span>
                <span class="note desc">{part.holds.clone()}</span>
                <span class="share" aria-hidden="true"><i class=format!("sec sec-{name}") style=format!("--w:{width:.1}")></i></span>
                <span class="num strong">{words::count(part.used)}</span>
                <span class="num faint">{words::percent(part.used, sum)}</span>
            </summary>
            {body}
        </details>
    }
    .into_any()
}

/// How many items of a section are shown before one asks for the others.
const FIRST: usize = 3;

/// Whether an item is more than what stands in every context.
fn is_telling(item: &ItemView) -> bool {
    !words::context::FIXED.contains(&item.reference.as_str())
}

/// The first items that say something, and the others on demand.
fn first_of(items: &[ItemView], sum: u32) -> AnyView {
    let (mut telling, fixed): (Vec<&ItemView>, Vec<&ItemView>) = items.iter().partition(|item| is_telling(item));
    let rest = telling.split_off(telling.len().min(FIRST));
    let rest: Vec<&ItemView> = rest.into_iter().chain(fixed).collect();
    let tokens: u32 = rest.iter().map(|item| item.tokens).sum();
    let more = (!rest.is_empty()).then(|| {
        view! {
            <details class="others">
                <summary><span class="more-of">{words::turn::more_items(rest.len())}</span><span class="num">{words::count(tokens)}</span><span class="num faint">{words::percent(tokens, sum)}</span></summary>
                <ol class="items texts" tabindex="0">{rest.into_iter().map(|each| item(each, Some(sum))).collect_view()}</ol>
            </details>
        }
    });
    view! { <ol class="items">{telling.into_iter().map(|each| item(each, Some(sum))).collect_view()}</ol> {more} }
        .into_any()
}

/// What the model did not see, and why.
pub(super) fn unseen(left_out: &[LeftOutView]) -> AnyView {
    if left_out.is_empty() {
        return view! {
            <section>
                <div class="sh"><h2>{words::turn::UNSEEN}</h2></div>
                <p class="dim">{words::turn::NOTHING_LEFT_OUT}</p>
            </section>
        }
        .into_any();
    }
    let rows: Vec<_> = left_out
        .iter()
        .map(|item| {
            view! {
                <tr>
                    <td class="nowrap"><span class="mono faint">{item.reference.clone()}</span></td>
                    <td class="first"><span class="clip">{item.text.clone()}</span></td>
                    <td class="why">{item.reason.clone()}</td>
                    <td class="num" data-l=words::TOKENS_OF_IT>{words::count(item.tokens)}</td>
                </tr>
            }
        })
        .collect();
    let sum: u32 = left_out.iter().map(|item| item.tokens).sum();
    view! {
        <section>
            <div class="sh">
                <h2>{words::turn::UNSEEN_AND_WHY}</h2>
                <span class="note">{words::turn::examined(left_out.len())}</span>
            </div>
            <table class="unseen stack">
                <thead><tr><th scope="col">{words::turn::ITEM}</th><th scope="col">{words::turn::TEXT_OR_RANGE}</th><th scope="col">{words::turn::REASON}</th><th scope="col" class="num">{words::TOKENS}</th></tr></thead>
                <tbody>{rows}</tbody>
                <tfoot class="hide-s"><tr><th scope="row" colspan="3">{words::turn::LEFT_OUT}</th><td class="num">{words::count(sum)}</td></tr></tfoot>
            </table>
        </section>
    }
    .into_any()
}

//! The ledger under the bars: every section with its cap and its tokens, now and as it would be. It adds up.

use leptos::prelude::*;
use souvenir_memory::manifest::Section;

use super::{section_name, swatch, what_if::other};
use crate::{
    api::{ContextView, ItemView, Moment, SectionView, WhatIfView},
    words,
};

/// The table. `open` names the section whose text is shown.
pub(super) fn ledger(answer: &WhatIfView, open: &str) -> AnyView {
    let (now, then) = (&answer.now, other(answer));
    let heads = then.map(|then| {
        let name = if then.session_minutes == now.session_minutes {
            words::context::THEN.to_owned()
        } else {
            words::duration(then.session_minutes)
        };
        view! { <th scope="col" class="num">{name}</th><th scope="col" class="num">{words::context::CHANGE}</th> }
    });
    let sections: Vec<_> = now.sections.iter().map(|section| section_rows(section, then, open)).collect();
    let scaling = (now.bar.scaling > 0).then(|| {
        let holds = words::context::counts_about(&now.scale);
        rest_row(words::SCALING, holds, None, now.bar.scaling, then.map(|then| then.bar.scaling))
    });
    let slack = now.bar.reserve.saturating_sub(now.reserve_for_response);
    let reserve = words::context::reserve(now.reserve_for_response, slack);
    view! {
        <table class="ledger" id="ledger" aria-label=words::context::CONTEXT_BY_SECTION>
            <thead>
                <tr>
                    <th scope="col">{words::SECTION}</th>
                    <th scope="col" class="hide-s">{words::context::HOLDS}</th>
                    <th scope="col" class="num hide-s">{words::context::CAP}</th>
                    <th scope="col" class="num">{words::context::NOW}</th>
                    {heads}
                </tr>
            </thead>
            <tbody>
                {sections}
                {scaling}
                {sum_row(words::SENT, &words::context::counted_by(&now.model, &now.encoding), now.bar.sent(), then.map(|then| then.bar.sent()))}
                {cost_row(now, then)}
                {rest_row(words::RESERVE, reserve, Some("reserve"), now.bar.reserve, then.map(|then| then.bar.reserve))}
                {rest_row(words::FREE, String::new(), Some("free"), now.bar.free, then.map(|then| then.bar.free))}
            </tbody>
            <tfoot>{sum_row(words::BUDGET, "", now.bar.total(), then.map(|then| then.bar.total()))}</tfoot>
        </table>
    }
    .into_any()
}

fn section_rows(section: &SectionView, then: Option<&ContextView>, open: &str) -> AnyView {
    let name = section.section.as_str();
    let after =
        then.and_then(|then| then.sections.iter().find(|other| other.section == section.section)).map(|s| s.used);
    let cap = match section.section {
        Section::Facts => String::new(),
        Section::Summaries => words::context::cap_of_both(section.cap),
        Section::Recalled => words::context::UNSPENT.to_owned(),
        _ => words::count(section.cap),
    };
    let is_open = open == name;
    // The button that is pressed again closes.
    let value = if is_open { "" } else { name };
    let columns = if then.is_some() { 6 } else { 4 };
    view! {
        <tr>
            <td class="nowrap">
                <button class="link" type="submit" form="wi" name="open" value=value aria-expanded=is_open.to_string()>
                    {swatch(name)}{section_name(section.section)}
                </button>
            </td>
            <td class="note nowrap hide-s">{section.holds.clone()}</td>
            <td class="num note hide-s">{cap}</td>
            <td class=number_class(section.used)>{words::count(section.used)}</td>
            {after_cells(section.used, after)}
        </tr>
        {is_open.then(|| view! { <tr class="opened"><td colspan=columns>{texts(&section.items)}</td></tr> })}
    }
    .into_any()
}

/// The text of a section, item by item, as the model would see it.
pub(super) fn texts(items: &[ItemView]) -> AnyView {
    if items.is_empty() {
        return view! { <p class="note">{words::context::EMPTY}</p> }.into_any();
    }
    view! { <ol class="items texts" tabindex="0">{items.iter().map(|each| item(each, None)).collect_view()}</ol> }
        .into_any()
}

/// One item: what it is, its text, its tokens, and its share of so many.
pub(super) fn item(item: &ItemView, of: Option<u32>) -> AnyView {
    let by = [item.who.clone(), item.at.as_ref().map(said_at)];
    let by: Vec<String> = by.into_iter().flatten().collect();
    let share = of.map(|of| view! { <span class="num faint">{words::percent(item.tokens, of)}</span> });
    view! {
        <li>
            <span class="ref">{words::context::shown_as(&item.reference).to_owned()}<small>{by.join(", ")}</small></span>
            <span class="pre">{item.text.clone()}</span>
            <span class="num">{words::count(item.tokens)}</span>
            {share}
        </li>
    }
    .into_any()
}

/// The day, unless it is today, and the time.
fn said_at(at: &Moment) -> String {
    if at.short == at.time { at.time.clone() } else { format!("{} {}", at.short, at.time) }
}

fn number_class(tokens: u32) -> &'static str {
    if tokens == 0 { "num zero" } else { "num" }
}

fn after_cells(now: u32, after: Option<u32>) -> Option<AnyView> {
    let after = after?;
    let class = if now == after { "num zero" } else { "num strong" };
    Some(
        view! { <td class="num dim">{words::count(after)}</td><td class=class>{words::change(now, after)}</td> }
            .into_any(),
    )
}

fn rest_row(name: &'static str, holds: String, section: Option<&'static str>, now: u32, after: Option<u32>) -> AnyView {
    view! {
        <tr>
            <td class="nowrap">{section.map(swatch)}{name}</td>
            <td class="note nowrap hide-s">{holds}</td>
            <td class="hide-s"></td>
            <td class=number_class(now)>{words::count(now)}</td>
            {after_cells(now, after)}
        </tr>
    }
    .into_any()
}

/// What the request costs where no cache serves it.
fn cost_row(now: &ContextView, then: Option<&ContextView>) -> AnyView {
    let after = then.map(|then| {
        let change = now.cost.zip(then.cost).map(|(now, then)| words::usd_change(now.new, then.new));
        view! {
            <td class="num dim">{words::usd(then.cost.map(|cost| cost.new))}</td>
            <td class="num">{change}</td>
        }
    });
    let note = if now.cost.is_some() { words::context::COST_OF_A_REQUEST } else { words::context::NO_PRICE_YET };
    view! {
        <tr class="cost">
            <td class="nowrap">{words::COST}</td>
            <td class="note hide-s">{note}</td>
            <td class="hide-s"></td>
            <td class="num">{words::usd(now.cost.map(|cost| cost.new))}</td>
            {after}
        </tr>
    }
    .into_any()
}

fn sum_row(name: &'static str, note: &str, now: u32, after: Option<u32>) -> AnyView {
    let after = after.map(
        |after| view! { <td class="num">{words::count(after)}</td><td class="num">{words::change(now, after)}</td> },
    );
    view! {
        <tr class="sum">
            <th scope="row">{name}</th>
            <td class="note hide-s">{note.to_owned()}</td>
            <td class="hide-s"></td>
            <td class="num">{words::count(now)}</td>
            {after}
        </tr>
    }
    .into_any()
}

//! Summaries of days: digests that are made by themselves, and one of the last days whenever somebody asks.

use leptos::{prelude::*, server_fn::ServerFn};

use super::post;
use crate::{
    api::{DaysView, EpisodesView, SumUpDays},
    words,
};

/// The form, and the newest summaries of days.
pub(super) fn days(chat: i64, view: &EpisodesView) -> AnyView {
    if view.episodes.is_empty() {
        return ().into_any();
    }
    let [before, after] = words::episodes::THE_LAST_DAYS;
    let form = view! {
        <div class="inline">
            <label for="days-back">{before}</label>
            <input class="field" id="days-back" name="days" type="number" min="1" max="366" value="7" required inputmode="numeric"/>
            <span>{after}</span>
            <button class="btn" type="submit">{words::SUM_UP}</button>
        </div>
    };
    view! {
        <section id="days">
            <div class="sh">
                <h2>{words::episodes::DAYS}</h2>
                <span class="note">{view.digests.clone()}</span>
                <div class="right">{post(SumUpDays::url(), &[("chat", chat.to_string())], form.into_any())}</div>
            </div>
            <div class="episodes">{view.days.iter().map(one).collect_view()}</div>
        </section>
    }
    .into_any()
}

fn one(days: &DaysView) -> AnyView {
    let receipt = words::episodes::receipt_of_days(days);
    view! {
        <article class="episode">
            <div class="top"><h3>{days.of.clone()}</h3><span class="note">{receipt}</span></div>
            <p class="sum pre">{days.text.clone()}</p>
        </article>
    }
    .into_any()
}

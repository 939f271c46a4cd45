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
    let form = view! {
        <div class="inline">
            <label for="days-back">"The last"</label>
            <input class="field" id="days-back" name="days" type="number" min="1" max="366" value="7" required inputmode="numeric"/>
            <span>"days"</span>
            <button class="btn" type="submit">"Sum up"</button>
        </div>
    };
    view! {
        <section id="days">
            <div class="sh">
                <h2>"Days"</h2>
                <span class="note">{view.digests.clone()}</span>
                <div class="right">{post(SumUpDays::url(), &[("chat", chat.to_string())], form.into_any())}</div>
            </div>
            <div class="episodes">{view.days.iter().map(one).collect_view()}</div>
        </section>
    }
    .into_any()
}

fn one(days: &DaysView) -> AnyView {
    let receipt = format!(
        "{}: {} → {} tokens, by {}, {}, {}",
        words::plural(days.messages as usize, "message", "messages"),
        words::count(days.tokens_before),
        words::count(days.tokens_after),
        days.model.clone().unwrap_or_else(|| "an unknown model".to_owned()),
        days.at.day,
        days.at.time
    );
    view! {
        <article class="episode">
            <div class="top"><h3>{days.of.clone()}</h3><span class="note">{receipt}</span></div>
            <p class="sum pre">{days.text.clone()}</p>
        </article>
    }
    .into_any()
}

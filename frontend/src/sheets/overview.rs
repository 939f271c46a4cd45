//! A chat's overview: its tiers and its figures.

use leptos::prelude::*;

use super::axis;
use crate::{
    api::{Figures, OverviewSheet, OverviewView, Sheet},
    words,
};

/// Both parts; what-if stands between them.
pub(crate) fn overview(overview: &OverviewView) -> OverviewSheet {
    OverviewSheet {
        tiers: Sheet::of(axis::tiers(&overview.tiers, overview.session_minutes)),
        figures: Sheet::of(figures(&overview.figures)),
        session_minutes: overview.session_minutes,
        max_context_tokens: overview.max_context_tokens,
    }
}

fn figures(figures: &Figures) -> AnyView {
    let cells = [
        (words::overview::tokens_in(&figures.month), words::count_u64(figures.month_tokens)),
        (words::overview::cost_in(&figures.month), words::usd(figures.month_cost_usd)),
        (words::TURNS.to_owned(), words::count_u64(figures.turns)),
        (words::overview::FACTS_IN_FORCE.to_owned(), words::count_u64(figures.facts)),
        (words::overview::OPEN_GOALS.to_owned(), words::count_u64(figures.open_goals)),
    ];
    let cells: Vec<_> = cells.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).into();
    view! { <section><dl class="figures" aria-label=words::overview::FIGURES>{cells}</dl></section> }.into_any()
}

//! The stacked context bar: the whole width is the budget, every part keeps its colour, pattern and place.

use leptos::prelude::*;
use souvenir_memory::manifest::Section;

use crate::{api::BarView, words};

/// A section's name as it is written everywhere.
pub(super) fn section_name(section: Section) -> &'static str {
    words::context::section(section)
}

/// The parts of a bar: the class that carries colour and pattern, the name, the tokens. Scaling is drawn like the
/// reserve, since both are kept and not words.
fn parts(bar: &BarView) -> Vec<(&'static str, &'static str, u32)> {
    let sections = Section::ALL
        .iter()
        .zip(bar.sections)
        .map(|(section, n)| (section.as_str(), words::context::section_within(*section), n));
    let rest = [
        ("reserve", words::context::SCALING_WITHIN, bar.scaling),
        ("reserve", words::context::RESERVE_WITHIN, bar.reserve),
        ("free", words::context::FREE_WITHIN, bar.free),
    ];
    sections.chain(rest).filter(|(_, _, tokens)| *tokens > 0).collect()
}

/// All parts read out: `system 412, facts 386, …`.
pub(super) fn bar_label(bar: &BarView) -> String {
    let read: Vec<String> = parts(bar).into_iter().map(|(_, name, n)| words::context::part(name, n)).collect();
    read.join(", ")
}

/// The bar, in one of the heights `""`, `bar-mid`, `bar-thin`.
pub(super) fn bar(bar: &BarView, height: &str) -> AnyView {
    let spans: Vec<_> = parts(bar)
        .into_iter()
        .map(|(class, _, n)| view! { <span class=format!("sec sec-{class}") style=format!("--n:{n}")></span> })
        .collect();
    view! {
        <div class=format!("bar {height}") role="img" aria-label=bar_label(bar)>
            {spans}
        </div>
    }
    .into_any()
}

/// A swatch of a section: `system` … `current`, `reserve`, `free`.
pub(super) fn swatch(section: &str) -> AnyView {
    view! { <span class=format!("sw sec sec-{section}") aria-hidden="true"></span> }.into_any()
}

/// What the colours and patterns mean.
pub(super) fn legend() -> AnyView {
    let named = Section::ALL.iter().map(|section| (section.as_str(), section_name(*section)));
    let all: Vec<_> = named
        .chain([("reserve", words::RESERVE), ("free", words::FREE)])
        .map(|(class, name)| view! { <li class="nowrap">{swatch(class)} {name}</li> })
        .collect();
    view! { <ul class="legend note" aria-label=words::context::WHAT_THE_BARS_SHOW>{all}</ul> }.into_any()
}

/// The ruler under bars that share one budget.
pub(super) fn ruler(total: u32) -> AnyView {
    let step = if total <= 4_000 {
        500
    } else {
        [1_000, 2_000, 4_000, 8_000, 16_000, 32_000].into_iter().find(|step| total / step <= 5).unwrap_or(total / 4)
    };
    let mut marks: Vec<u32> = (0..total).step_by(step.max(1) as usize).collect();
    // The last round mark would touch the total's own.
    if marks.last().is_some_and(|last| total - last < step / 2) {
        marks.pop();
    }
    marks.push(total);
    let marks: Vec<_> = marks
        .into_iter()
        .map(|mark| {
            let place = f64::from(mark) * 100.0 / f64::from(total.max(1));
            view! { <span style=format!("--a:{place:.2}")>{words::count(mark)}</span> }
        })
        .collect();
    view! { <div class="ruler" aria-hidden="true">{marks}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_reads_every_part_that_is_not_empty() {
        let bar = BarView { sections: [412, 0, 0, 2_589, 0, 24], scaling: 0, reserve: 1_280, free: 3_695 };
        assert_eq!(bar_label(&bar), "system 412, recent 2,589, current 24, reserve 1,280, free 3,695");
        assert_eq!(bar.total(), 8_000);
    }
}

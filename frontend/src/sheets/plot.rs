//! Plots of days: a column a day, drawn as boxes whose heights are shares of the highest.
//!
//! They work without scripts, in both themes and in forced colours, since parts differ by pattern. A plot is a picture
//! with its sentence; the table below it holds the same numbers.

use leptos::prelude::*;

use crate::words;

/// A part of a day's column: from and to, in the plot's unit, and its class.
pub(super) type Part = (f64, f64, &'static str);

/// A plot of days, oldest first. `top` says what the full height is, `edges` the first and the last day.
pub(super) fn plot(label: &str, top: String, edges: [&str; 2], days: &[Vec<Part>]) -> AnyView {
    let highest = days.iter().flatten().map(|(_, to, _)| *to).fold(0.0, f64::max);
    let columns: Vec<_> = days.iter().map(|parts| column(parts, highest)).collect();
    view! {
        <div class="plot">
            <span class="plot-top note">{top}</span>
            <div class="plot-days" role="img" aria-label=label.to_owned()>{columns}</div>
            <div class="plot-edges note"><span>{edges[0].to_owned()}</span><span>{edges[1].to_owned()}</span></div>
        </div>
    }
    .into_any()
}

fn column(parts: &[Part], highest: f64) -> AnyView {
    let share = |value: f64| if highest > 0.0 { value / highest * 100.0 } else { 0.0 };
    let part = |(from, to, class): &Part| {
        (to > from).then(|| {
            let style = format!("--a:{:.2};--b:{:.2}", share(*from), share(*to));
            view! { <i class=*class style=style></i> }
        })
    };
    view! { <span>{parts.iter().map(part).collect_view()}</span> }.into_any()
}

/// One thing that rows are compared by: a bar a row, from and to in a unit of its own.
pub(super) struct Measure {
    /// What it is.
    pub(super) name: &'static str,
    /// The parts of each row's bar.
    pub(super) bars: Vec<Vec<Part>>,
}

/// Rows beside each other, each with a bar for each measure; the longest bar of a measure fills its column.
pub(super) fn rows(title: &str, names: &[&str], measures: &[Measure]) -> AnyView {
    let head: Vec<_> = measures.iter().map(|measure| view! { <span class="note">{measure.name}</span> }).collect();
    let highest: Vec<f64> = measures
        .iter()
        .map(|measure| measure.bars.iter().flatten().map(|(_, to, _)| *to).fold(0.0, f64::max))
        .collect();
    let row = |(index, name): (usize, &&str)| {
        let bars: Vec<_> = measures
            .iter()
            .zip(&highest)
            .map(|(measure, highest)| {
                let parts = measure.bars.get(index).map(Vec::as_slice).unwrap_or_default();
                view! { <span class="lane-bar">{parts.iter().map(|part| bar(part, *highest)).collect_view()}</span> }
            })
            .collect();
        view! { <span class="plot-name">{(*name).to_owned()}</span>{bars} }
    };
    let rows: Vec<_> = names.iter().enumerate().map(row).collect();
    let label = words::usage::beside_each_other(title, names);
    view! { <div class="plot-rows" role="img" aria-label=label><span class="plot-name"></span>{head}{rows}</div> }
        .into_any()
}

fn bar((from, to, class): &Part, highest: f64) -> Option<AnyView> {
    let share = |value: f64| if highest > 0.0 { value / highest * 100.0 } else { 0.0 };
    (to > from).then(|| {
        let style = format!("--a:{:.2};--b:{:.2}", share(*from), share(*to));
        view! { <i class=*class style=style></i> }.into_any()
    })
}

/// Values set on top of each other, in order.
pub(super) fn stacked(values: &[(f64, &'static str)]) -> Vec<Part> {
    let mut from = 0.0;
    let part = |(value, class): &(f64, &'static str)| {
        let part = (from, from + value, *class);
        from += value;
        part
    };
    values.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_on_each_other() {
        assert_eq!(stacked(&[(2.0, "a"), (0.0, "b"), (3.0, "c")]), [(0.0, 2.0, "a"), (2.0, 2.0, "b"), (2.0, 5.0, "c")]);
    }

    #[test]
    fn rows_are_compared_within_a_measure() {
        let measures = [
            Measure { name: "Tokens", bars: vec![stacked(&[(10.0, "in")]), stacked(&[(30.0, "in"), (10.0, "out")])] },
            Measure { name: "Failed", bars: vec![stacked(&[(1.0, "out")]), Vec::new()] },
        ];
        let html = rows("Chats beside each other", &["Garden", "Kitchen"], &measures).to_html();
        assert!(html.contains("--a:0.00;--b:25.00") && html.contains("--a:75.00;--b:100.00"), "{html}");
        assert_eq!((html.matches("lane-bar").count(), html.matches("<i ").count()), (4, 4), "{html}");
        assert!(html.contains("aria-label=\"Chats beside each other: Garden, Kitchen."), "{html}");
    }

    #[test]
    fn the_highest_day_is_the_full_height_and_nothing_is_not_drawn() {
        let days = [stacked(&[(1.0, "in"), (1.0, "out")]), Vec::new(), stacked(&[(4.0, "in"), (0.0, "out")])];
        let html = plot("Tokens", "4 tokens".to_owned(), ["1 Nov", "3 Nov"], &days).to_html();
        assert!(html.contains("--a:0.00;--b:25.00") && html.contains("--a:25.00;--b:50.00"), "{html}");
        assert!(html.contains("--a:0.00;--b:100.00"), "{html}");
        assert_eq!(html.matches("<i ").count(), 3, "{html}");
    }
}

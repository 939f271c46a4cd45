//! Predicted against reported tokens, a picture for each model: a dot a turn, beside the line on which both are the same.
//!
//! Drawn as SVG on the server, like the plots of days: it works without scripts and in both themes. Dots that are further
//! than the band from the line are squares, so that nobody has to tell colours apart. The table holds the same in numbers.

use leptos::prelude::*;

use crate::{api::CountsView, words};

/// The band on both sides of the line, in percent of what was reported.
const BAND: f64 = 5.0;
/// The side of a picture, in its own units.
const SIDE: f64 = 100.0;
/// The columns of the table.
const HEADS: [&str; 8] = [
    words::usage::MODEL,
    words::usage::ANSWERS,
    words::PREDICTED,
    words::REPORTED,
    words::usage::FURTHER_OFF,
    words::usage::IN_THE_MIDDLE,
    words::usage::SCALE,
    words::usage::LEARNT_FROM,
];

/// The pictures with their table; nothing where no provider reported anything.
pub(super) fn counts(models: &[CountsView]) -> AnyView {
    let told: Vec<&CountsView> = models.iter().filter(|model| !model.points.is_empty()).collect();
    if told.is_empty() {
        return ().into_any();
    }
    let pictures: Vec<_> = told.iter().map(|model| picture(model)).collect();
    let rows: Vec<_> = told.iter().map(|model| row(model)).collect();
    view! {
        <section id="counts">
            <div class="sh">
                <h2>{words::usage::PREDICTED_AGAINST_REPORTED}</h2>
                <span class="note">{words::usage::a_dot_an_answer(BAND)}</span>
            </div>
            <div class="scatters">{pictures}</div>
            {super::use_tables::wide_table(words::usage::PREDICTED_AGAINST_REPORTED, &HEADS, rows)}
        </section>
    }
    .into_any()
}

fn picture(model: &CountsView) -> AnyView {
    let most = model.points.iter().map(|(predicted, reported)| *predicted.max(reported)).max().unwrap_or(1).max(1);
    let share = |tokens: u32| f64::from(tokens) / f64::from(most) * SIDE;
    let dot = |(predicted, reported): &(u32, u32)| {
        let (x, y) = (share(*predicted), SIDE - share(*reported));
        if is_far(*predicted, *reported) {
            view! { <rect class="dot far" x=at(x - 1.6) y=at(y - 1.6) width="3.2" height="3.2"></rect> }.into_any()
        } else {
            view! { <circle class="dot" cx=at(x) cy=at(y) r="1.2"></circle> }.into_any()
        }
    };
    let dots: Vec<_> = model.points.iter().map(dot).collect();
    // Where a prediction is so much more, or less, than what is reported.
    let edge = SIDE * (1.0 - BAND / 100.0);
    let top = SIDE - SIDE / (1.0 + BAND / 100.0);
    let band = format!("0,{SIDE} {},0 {SIDE},0 {SIDE},{}", at(edge), at(top));
    let label = words::usage::counts_of(&model.model, model.points.len(), model.drift_percent);
    view! {
        <figure>
            <svg viewBox="-2 -2 104 104" role="img" aria-label=label>
                <polygon class="band" points=band></polygon>
                <line class="same" x1="0" y1="100" x2="100" y2="0"></line>
                <path class="axes" d="M0 0V100H100"></path>
                {dots}
            </svg>
            <figcaption class="note"><b>{model.model.clone()}</b>{words::usage::to_so_many(most)}</figcaption>
        </figure>
    }
    .into_any()
}

fn at(value: f64) -> String {
    format!("{value:.1}")
}

fn is_far(predicted: u32, reported: u32) -> bool {
    f64::from(predicted.abs_diff(reported)) > f64::from(reported) * BAND / 100.0
}

fn row(model: &CountsView) -> AnyView {
    let sum = |of: fn(&(u32, u32)) -> u32| model.points.iter().map(|point| u64::from(of(point))).sum::<u64>();
    let far = model.points.iter().filter(|(predicted, reported)| is_far(*predicted, *reported)).count() as u64;
    let drift = model
        .drift_percent
        .map_or_else(|| words::usage::TOO_FEW_TO_SAY.to_owned(), |drift| words::usage::drift(Some(drift)));
    let class = if model.drift_percent.is_some_and(|drift| drift.abs() > BAND) { "num state warn" } else { "num" };
    let (scale, learnt) = model
        .scale
        .map_or((None, None), |(scale, reports)| (Some(format!("{scale:.3}")), Some(words::usage::reports(reports))));
    view! {
        <tr>
            <th scope="row">{model.model.clone()}</th>
            <td class="num">{words::count_u64(model.points.len() as u64)}</td>
            <td class="num">{words::count_u64(sum(|point| point.0))}</td>
            <td class="num">{words::count_u64(sum(|point| point.1))}</td>
            <td class="num">{words::count_u64(far)}</td>
            <td class="num"><span class=class>{drift}</span></td>
            <td class="num">{scale}</td>
            <td class="num dim">{learnt}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(points: Vec<(u32, u32)>) -> CountsView {
        CountsView { model: "m".to_owned(), points, drift_percent: Some(-7.0), scale: Some((1.15, 12)) }
    }

    #[test]
    fn what_is_reported_as_predicted_is_a_dot_on_the_line() {
        let html = picture(&model(vec![(1_000, 1_000), (500, 500), (1_000, 800)])).to_html();
        assert!(html.contains("cx=\"100.0\" cy=\"0.0\"") && html.contains("cx=\"50.0\" cy=\"50.0\""), "{html}");
        assert_eq!((html.matches("<circle").count(), html.matches("<rect").count()), (2, 1), "{html}");
    }

    #[test]
    fn the_band_is_five_percent_of_what_is_reported() {
        assert!(!is_far(950, 1_000) && !is_far(1_050, 1_000) && is_far(949, 1_000) && is_far(1_051, 1_000));
    }

    #[test]
    fn the_table_says_the_same_in_numbers() {
        let html = counts(&[model(vec![(1_000, 1_000), (1_000, 800)])]).to_html();
        for told in ["2,000", "1,800", "7.0 % too many", "1.150", "12 reports"] {
            assert!(html.contains(told), "{told}: {html}");
        }
        assert_eq!(counts(&[model(Vec::new())]).to_html().matches("<svg").count(), 0);
    }
}

//! The tier axis: lanes on one time line, each tier as a span, with its count at the right.

use leptos::prelude::*;

use super::time_line::Line;
use crate::{
    api::{InReachView, Moment, TierView, TiersView},
    words,
};

/// Columns of the histogram.
const COLUMNS: usize = 132;

/// The whole section.
pub(super) fn tiers(tiers: &TiersView, session_minutes: u32) -> AnyView {
    let line = Line::of(tiers);
    let (mid, short) = line.starts();
    view! {
        <section>
            <div class="sh">
                <h2>{words::overview::WHAT_IT_HOLDS}</h2>
                <span class="note">{words::overview::OLDER_DRAWN_CLOSER}</span>
                {in_reach(tiers.in_reach)}
            </div>
            <div class="axis" role="group" aria-label=words::overview::TIERS_ON_ONE_LINE aria-describedby="tiers-table">
                <div class="lab note sp">{words::MESSAGES}<small>{words::overview::PER_SLICE_OF_TIME}</small></div>
                <div class="cnt sp"></div>
                {histogram(tiers, &line)}
                {whole_history(tiers, &line)}
                {lane(words::MID_TERM, &words::overview::newest_before(tiers.mid_term_messages), tiers.mid_term,
                    &words::overview::of_so_many(tiers.mid_term_messages), Some(("mid", mid, short - 0.3)))}
                {lane(words::SHORT_TERM, &words::overview::the_last(session_minutes), tiers.short_term,
                    &words::tokens(tiers.short_term.tokens), Some(("short", short, 100.0)))}
                {episodes(tiers, &line)}
                {recalled(tiers, &line)}
                {ticks(tiers, &line)}
            </div>
            {table(tiers)}
        </section>
    }
    .into_any()
}

/// Whether any message is out of reach, and by which way the others come; nothing in an empty chat.
fn in_reach(of: InReachView) -> AnyView {
    let ways = [
        (of.verbatim, words::overview::WORD_FOR_WORD),
        (of.summaries, words::overview::IN_A_SUMMARY),
        (of.facts, words::overview::AS_FACTS),
        (of.recall, words::overview::BY_RECALL),
    ];
    let all: u64 = ways.iter().map(|(count, _)| count).sum();
    if all + of.waiting == 0 {
        return ().into_any();
    }
    let named: Vec<String> = ways
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, way)| words::overview::by_way(count, way))
        .collect();
    let ways = words::overview::in_reach(all, &named.join(", "));
    let (class, verdict) = match of.waiting {
        0 => ("state ok on", words::overview::NO_BLIND_SPOT.to_owned()),
        waiting => ("state warn on", words::overview::being_indexed(waiting)),
    };
    view! { <span class="note right"><span class=class>{verdict}</span>" "{ways}</span> }.into_any()
}

/// What recall brought for the newest reply, each message where it was said.
fn recalled(tiers: &TiersView, line: &Line) -> AnyView {
    let Some(recalled) = &tiers.recalled else { return ().into_any() };
    let marks: Vec<_> = recalled
        .said
        .iter()
        .map(|said| view! { <span class="span mark" style=format!("--a:{:.2}", line.place(*said))></span> })
        .collect();
    view! {
        <div class="lab">{words::RECALLED}<small>{words::overview::FOR_THE_LAST_REPLY}</small></div>
        <div class="cnt">{words::count_u64(recalled.said.len() as u64)}<small>{words::tokens(recalled.tokens)}</small></div>
        <div class="lane">{marks}</div>
    }
    .into_any()
}

/// Everything, with what was put away hatched.
fn whole_history(tiers: &TiersView, line: &Line) -> AnyView {
    let mut spans = vec![("whole", 0.0, 100.0)];
    spans.extend(archived_spans(tiers, line).into_iter().map(|(from, to)| ("archived", from, to)));
    let spans: Vec<_> = spans.into_iter().filter(|_| tiers.whole_history.messages > 0).map(span).collect();
    view! {
        <div class="lab">{words::WHOLE_HISTORY}<small>{words::overview::ARCHIVED_IS_HATCHED}</small></div>
        <div class="cnt">{words::count_u64(tiers.whole_history.messages)}<small>{words::overview::so_many_archived(tiers.archived.messages)}</small></div>
        <div class="lane">{spans}</div>
    }
    .into_any()
}

/// Stretches of the line whose messages were put away, most of them; neighbours are one stretch.
fn archived_spans(tiers: &TiersView, line: &Line) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = Vec::new();
    let mut goes_on = false;
    for (index, slice) in tiers.histogram.iter().enumerate() {
        let until = tiers.histogram.get(index + 1).map_or(line.now, |next| next.ms);
        if slice.archived * 2 <= slice.messages {
            goes_on = false;
            continue;
        }
        match spans.last_mut().filter(|_| goes_on) {
            Some(last) => last.1 = line.place(until),
            None => spans.push((line.place(slice.ms), line.place(until))),
        }
        goes_on = true;
    }
    spans
}

/// The episodes, each from its first message to its last.
fn episodes(tiers: &TiersView, line: &Line) -> AnyView {
    if tiers.spans.is_empty() {
        return ().into_any();
    }
    let spans: Vec<_> = tiers
        .spans
        .iter()
        .rev()
        .map(|each| {
            let class = match (each.open, each.in_context) {
                (true, _) => "ep open",
                (false, true) => "ep in",
                (false, false) => "ep",
            };
            span((class, line.place(each.from), if each.open { 100.0 } else { line.place(each.until) }))
        })
        .collect();
    let open = tiers.spans.iter().filter(|each| each.open).count();
    let inside = tiers.spans.iter().filter(|each| each.in_context).count();
    let under = match (inside, open) {
        (0, open) => words::overview::so_many_open(open),
        (inside, _) => words::overview::so_many_filled(inside),
    };
    view! {
        <div class="lab">{words::EPISODES}<small>{words::overview::FILLED_IS_IN_CONTEXT}</small></div>
        <div class="cnt">{words::count_u64(tiers.episodes)}<small>{under}</small></div>
        <div class="lane">{spans}</div>
    }
    .into_any()
}

fn span((class, from, to): (&'static str, f64, f64)) -> AnyView {
    view! { <span class=format!("span {class}") style=format!("--a:{from:.2};--b:{to:.2}")></span> }.into_any()
}

fn lane(
    name: &'static str,
    what: &str,
    tier: TierView,
    under: &str,
    span: Option<(&'static str, f64, f64)>,
) -> AnyView {
    let drawn = span.filter(|_| tier.messages > 0).map(self::span);
    view! {
        <div class="lab">{name}<small>{what.to_owned()}</small></div>
        <div class="cnt">{words::count_u64(tier.messages)}<small>{under.to_owned()}</small></div>
        <div class="lane">{drawn}</div>
    }
    .into_any()
}

fn histogram(tiers: &TiersView, line: &Line) -> AnyView {
    let mut columns = [0_u32; COLUMNS];
    for slice in &tiers.histogram {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place from 0 to 100")]
        let column = (line.place(slice.ms) / 100.0 * COLUMNS as f64) as usize;
        columns[column.min(COLUMNS - 1)] += slice.messages;
    }
    let most = columns.iter().copied().max().unwrap_or(0).max(1);
    let (mid, short) = line.starts();
    let bars: Vec<_> = columns
        .into_iter()
        .enumerate()
        .map(|(column, count)| {
            let place = column as f64 / COLUMNS as f64 * 100.0;
            let class = if place >= short {
                "s"
            } else if place >= mid {
                "m"
            } else {
                ""
            };
            view! { <i class=class style=format!("--h:{}", count * 100 / most)></i> }
        })
        .collect();
    view! { <div class="lane hist" aria-hidden="true">{bars}</div> }.into_any()
}

/// The moments at which parts begin and end. Those that would overlap are left out.
fn ticks(tiers: &TiersView, line: &Line) -> AnyView {
    let (mid, short) = line.starts();
    let mut marks: Vec<(f64, &Moment)> = Vec::new();
    marks.extend(tiers.first.as_ref().map(|first| (0.0, first)));
    marks.extend(tiers.mid_since.as_ref().map(|since| (mid, since)));
    marks.push((short, &tiers.short_since));
    marks.push((100.0, &tiers.now));
    marks.dedup_by(|later, earlier| (later.0 - earlier.0).abs() < 1.0);
    let marks: Vec<_> = marks
        .into_iter()
        .map(|(place, moment)| {
            view! { <span style=format!("--a:{place:.2}")>{tick(moment, &tiers.now)}</span> }
        })
        .collect();
    view! { <div class="ticks" aria-hidden="true">{marks}</div> }.into_any()
}

/// A moment of the last day by its time, an older one by its day.
fn tick(moment: &Moment, now: &Moment) -> String {
    const DAY_MS: i64 = 86_400_000;
    if now.ms - moment.ms < DAY_MS { moment.time.clone() } else { moment.short.clone() }
}

/// The same in words, for whoever does not see the picture.
fn table(tiers: &TiersView) -> AnyView {
    let inside = tiers.spans.iter().filter(|each| each.in_context).count();
    let episodes = words::overview::episodes_in_context(tiers.episodes, inside);
    let rows = [
        (words::WHOLE_HISTORY, tiers.whole_history),
        (words::overview::OF_THESE_ARCHIVED, tiers.archived),
        (words::MID_TERM, tiers.mid_term),
        (words::SHORT_TERM, tiers.short_term),
    ];
    let rows: Vec<_> = rows
        .map(|(name, tier)| {
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td>{words::count_u64(tier.messages)}</td>
                    <td>{words::count_u64(tier.tokens)}</td>
                </tr>
            }
        })
        .into();
    view! {
        <div class="vh">
            <table id="tiers-table">
                <caption>{words::TIERS}</caption>
                <thead><tr><th scope="col">{words::overview::TIER}</th><th scope="col">{words::MESSAGES}</th><th scope="col">{words::TOKENS}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p>{episodes}</p>
            {tiers.recalled.as_ref().map(|recalled| view! {
                <p>{words::overview::recalled(recalled.said.len())}</p>
            })}
        </div>
    }
    .into_any()
}

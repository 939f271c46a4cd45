//! `/chats/{id}/history`: everything said, by tier; with `?q=`, what is found in it; with `?day=`, a day's first message.
//!
//! With scripts, more is read before either end of the list comes into view; the links there do the same without. What has
//! been read that way is drawn anew as a whole when something changes, so that nobody loses their place.

use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use crate::{
    api::{self, HistoryAsk},
    components::{Forms, Tab, chat_id, chat_page, sheet},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let chat = chat_id();
    let query = use_query_map();
    let ask = Memo::new(move |_| query.with(asked));
    let forms = Forms::new();
    let changes = use_live().of(chat);
    // What was read besides: for which address, and its newest and oldest message.
    let reach = RwSignal::new(Reach::default());
    let history = Resource::new(
        move || (chat.get(), ask.get(), changes.get(), forms.version()),
        move |(chat, ask, ..)| {
            let wider = reach.with_untracked(|reach| reach.widen(&ask));
            api::history(chat, wider.unwrap_or(ask))
        },
    );
    #[cfg(feature = "hydrate")]
    {
        browser::read_ahead(chat, ask, reach);
        browser::keep_place();
    }
    let body = view! {
        <div on:submit=move |event| forms.take(&event)>{forms.alert()} {sheet(history)}</div>
    };
    chat_page(chat, Tab::History, body.into_any())
}

fn asked(query: &ParamsMap) -> HistoryAsk {
    let tier = query.get("tier").unwrap_or_default();
    let archived = tier == "archived";
    let number = |name: &str| query.get(name).and_then(|id| id.parse::<i64>().ok());
    HistoryAsk {
        tier: if archived { String::new() } else { tier },
        archived,
        cursor: number("before"),
        after: number("after"),
        from: None,
        at: number("at"),
        day: query.get("day").unwrap_or_default(),
        forget: query.get("forget").unwrap_or_default(),
        report: query.get("report").and_then(|id| id.parse().ok()),
        q: query.get("q").unwrap_or_default(),
        mode: query.get("mode").unwrap_or_default(),
    }
}

/// How far the list reaches beyond what its address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Reach {
    /// What the list began as.
    ask: HistoryAsk,
    /// What was read besides. Whatever is asked about a message of it (to forget it, say) names one of these, and is asked
    /// within the same list.
    read: Vec<HistoryAsk>,
    /// The message before which it begins; none when it begins with the newest.
    before: Option<i64>,
    /// Its oldest message; none while nothing was read besides.
    oldest: Option<i64>,
}

impl Reach {
    /// What asks for all of it, if this is of the same list.
    fn widen(&self, ask: &HistoryAsk) -> Option<HistoryAsk> {
        let from = self.oldest.filter(|_| self.holds(ask))?;
        Some(HistoryAsk { cursor: self.before, after: None, at: None, from: Some(from), ..ask.clone() })
    }

    /// Whether something that is asked is about this list, wherever in it.
    fn holds(&self, ask: &HistoryAsk) -> bool {
        let place = HistoryAsk { forget: String::new(), report: None, ..ask.clone() };
        let drawn_anew =
            HistoryAsk { cursor: self.before, after: None, at: None, day: String::new(), ..self.ask.clone() };
        place == self.ask || place == drawn_anew || self.read.contains(&place)
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::{Cell, RefCell};

    use leptos::{
        ev,
        prelude::*,
        task::spawn_local,
        wasm_bindgen::{JsCast, closure::Closure},
        web_sys::{Element, HtmlAnchorElement},
    };
    use leptos_router::params::ParamsMap;
    use web_sys::{MutationObserver, MutationObserverInit};

    use super::Reach;
    use crate::api::{self, HistoryAsk};

    /// How near an end of the list comes before more is read, in pixels.
    const AHEAD: f64 = 900.0;

    /// Keys that move up a page. At its very top nothing scrolls by them.
    const UP: [&str; 3] = ["ArrowUp", "PageUp", "Home"];

    /// Reads more whenever an end of the list is near and somebody moves, or would if the page did not end there.
    pub(super) fn read_ahead(chat: Memo<i64>, ask: Memo<HistoryAsk>, reach: RwSignal<Reach>) {
        let reading = StoredValue::new_local(Cell::new(false));
        let read = move || {
            if reading.with_value(Cell::get) {
                return;
            }
            let Some((link, more)) = near_end() else { return };
            reading.with_value(|reading| reading.set(true));
            let chat = chat.get_untracked();
            spawn_local(async move {
                if let Ok(sheet) = api::more_history(chat, more.clone()).await {
                    put(&link, &sheet.into_html());
                    let _ = reach.try_update(|reach| reached(reach, ask.get_untracked(), more));
                }
                reading.with_value(|reading| reading.set(false));
            });
        };
        let scrolled = window_event_listener(ev::scroll, move |_| read());
        let turned = window_event_listener(ev::wheel, move |_| read());
        let pulled = window_event_listener(ev::touchmove, move |_| read());
        let pressed = window_event_listener(ev::keydown, move |event| {
            if UP.contains(&event.key().as_str()) {
                read();
            }
        });
        on_cleanup(move || {
            scrolled.remove();
            turned.remove();
            pulled.remove();
            pressed.remove();
        });
    }

    /// The message in the middle of the window, where its upper edge is, and which list it is of.
    type Seen = (String, f64, String);

    thread_local! {
        static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
    }

    /// Keeps what somebody reads where it is when the list is drawn anew, with news above it. At the very top news are what
    /// one looks for, and nothing is kept.
    pub(super) fn keep_place() {
        let scrolled = window_event_listener(ev::scroll, |_| SEEN.set(seen()));
        let drawn = Closure::<dyn Fn()>::new(stay);
        let observer = MutationObserver::new(drawn.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(main)) = (&observer, document().get_element_by_id("main")) {
            let options = MutationObserverInit::new();
            options.set_child_list(true);
            options.set_subtree(true);
            let _ = observer.observe_with_options(&main, &options);
        }
        let watching = StoredValue::new_local((observer, drawn));
        on_cleanup(move || {
            scrolled.remove();
            SEEN.set(None);
            watching.with_value(|(observer, _)| observer.iter().for_each(MutationObserver::disconnect));
        });
    }

    #[expect(clippy::cast_possible_truncation, reason = "places on screen")]
    fn seen() -> Option<Seen> {
        let list = document().get_element_by_id("messages")?.get_bounding_client_rect();
        let middle = window().inner_height().ok()?.as_f64()? / 2.0;
        let is_below_the_top = window().scroll_y().is_ok_and(|y| y > 0.0);
        let found =
            document().element_from_point(list.left() as f32 + 8.0, middle as f32).filter(|_| is_below_the_top)?;
        let row = found.closest(".talk[id]").ok().flatten()?;
        Some((row.id(), row.get_bounding_client_rect().top(), window().location().search().ok()?))
    }

    fn stay() {
        let Some((id, top, list)) = SEEN.with_borrow(Clone::clone) else { return };
        let row =
            document().get_element_by_id(&id).filter(|_| window().location().search().is_ok_and(|now| now == list));
        let moved = row.map_or(0.0, |row| row.get_bounding_client_rect().top() - top);
        if moved.abs() >= 1.0 {
            window().scroll_by_with_x_and_y(0.0, moved);
        }
    }

    /// The link at an end of the list that is near the window, and what it asks for.
    fn near_end() -> Option<(Element, HistoryAsk)> {
        let height = window().inner_height().ok()?.as_f64()?;
        let links = document().query_selector_all("#messages [data-more]").ok()?;
        (0..links.length()).find_map(|index| {
            let link = links.item(index)?.dyn_into::<HtmlAnchorElement>().ok()?;
            let place = link.get_bounding_client_rect();
            let near = place.top() < height + AHEAD && place.bottom() > -AHEAD;
            near.then(|| Some((link.clone().into(), asked_by(&link)?)))?
        })
    }

    fn asked_by(link: &HtmlAnchorElement) -> Option<HistoryAsk> {
        let search = link.search();
        let mut params = ParamsMap::new();
        for pair in search.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=')?;
            params.insert(name.to_owned(), value.to_owned());
        }
        Some(super::asked(&params))
    }

    /// Puts messages in the place of the link that asked for them. What is on screen stays where it is.
    fn put(link: &Element, html: &str) {
        let Some(place) = link.closest("p").ok().flatten() else { return };
        let upwards = link.get_attribute("data-more").as_deref() == Some("newer");
        let beside = if upwards { place.next_element_sibling() } else { None };
        let before = beside.as_ref().map(|row| row.get_bounding_client_rect().top());
        let _ = place.insert_adjacent_html("beforebegin", html);
        place.remove();
        drop_repeated_days();
        if let (Some(row), Some(before)) = (beside.filter(|row| row.is_connected()), before) {
            window().scroll_by_with_x_and_y(0.0, row.get_bounding_client_rect().top() - before);
        }
    }

    /// A day that goes on where messages were joined is named once.
    fn drop_repeated_days() {
        let Ok(days) = document().query_selector_all("#messages > h2.day") else { return };
        let mut last = None;
        for day in (0..days.length()).filter_map(|index| days.item(index)?.dyn_into::<Element>().ok()) {
            let text = day.text_content();
            if text == last {
                day.remove();
            }
            last = text;
        }
    }

    /// How far the list reaches now, with `more` read besides.
    fn reached(reach: &mut Reach, ask: HistoryAsk, more: HistoryAsk) {
        let number = |selector: &str| {
            let row = document().query_selector(selector).ok().flatten()?;
            row.id().strip_prefix('m')?.parse::<i64>().ok()
        };
        if reach.oldest.is_none() || !reach.holds(&ask) {
            *reach = Reach { ask, ..Reach::default() };
        }
        reach.read.push(more);
        let begins_with_newest = document().query_selector("#messages [data-more=newer]").ok().flatten().is_none();
        let newest = number("#messages > .talk");
        reach.before = newest.filter(|_| !begins_with_newest || reach.ask.cursor.is_some()).map(|newest| newest + 1);
        let rows = document().query_selector_all("#messages > .talk").ok();
        let last = rows.and_then(|rows| rows.item(rows.length().checked_sub(1)?)?.dyn_into::<Element>().ok());
        reach.oldest = last.and_then(|row| row.id().strip_prefix('m')?.parse().ok());
    }
}

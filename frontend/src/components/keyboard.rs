//! Single keys, and the focus that a redrawn part would lose.
//!
//! Parts say themselves what keys do in them: a row that one can move to has `data-row` (the selector of what takes the focus
//! within it, or nothing for the row itself), and what a key presses has `data-key`. One handler serves every page. Keys rest
//! while a field has the focus, and can be turned off for good in the list that `?` opens.

use leptos::prelude::*;

use crate::words;

/// The keys: what is pressed, and what that does.
const KEYS: [(&str, &str); 9] = [
    ("J", words::keys::NEXT_ROW),
    ("K", words::keys::ROW_BEFORE),
    ("E", words::keys::EDIT),
    ("P", words::keys::PIN_OR_LET_GO),
    ("A", words::keys::ACCEPT),
    ("R", words::keys::REJECT),
    ("Z", words::keys::UNDO),
    ("/", words::keys::SEARCH_THIS_CHAT),
    ("?", words::keys::THIS_LIST),
];

/// Begins to listen to keys.
pub(crate) fn listen() {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| browser::listen());
}

/// Whether a single key may do something now: no field has the focus, no other key is held, and nobody turned keys off.
pub(crate) fn may_act(event: &leptos::ev::KeyboardEvent) -> bool {
    #[cfg(feature = "hydrate")]
    return browser::may_act(event);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        false
    }
}

/// The list of keys, and its button. Without scripts there are no keys, and the list says so.
pub(crate) fn help() -> AnyView {
    let keys: Vec<_> = KEYS.iter().map(|(key, what)| view! { <dt><kbd>{*key}</kbd></dt><dd>{*what}</dd> }).collect();
    view! {
        <div id="keys" class="keys" popover="auto" role="dialog" aria-labelledby="keys-title" tabindex="-1">
            <h2 id="keys-title">{words::keys::KEYS}</h2>
            <dl>{keys}<dt><kbd>{words::keys::ESC}</kbd></dt><dd>{words::keys::CLOSE_WHAT_IS_OPEN}</dd></dl>
            <label class="inline"><input type="checkbox" id="single-keys" checked/>" "{words::keys::SINGLE_KEYS}</label>
            <p class="note">{words::keys::WHEN_THEY_REST}</p>
            <button class="btn" type="button" popovertarget="keys" popovertargetaction="hide">{words::CLOSE}</button>
        </div>
    }
    .into_any()
}

/// What opens the list.
pub(crate) fn help_button() -> AnyView {
    view! { <button class="link note" type="button" popovertarget="keys">{words::keys::KEYS}</button> }.into_any()
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;

    use leptos::{
        ev::{self, KeyboardEvent},
        prelude::*,
        wasm_bindgen::{JsCast, closure::Closure},
        web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement, Storage},
    };
    use web_sys::{MutationObserver, MutationObserverInit};

    /// Where it is kept that somebody turned keys off.
    const OFF: &str = "souvenir-keys-off";

    thread_local! {
        static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
    }

    pub(super) fn listen() {
        let keys = window_event_listener(ev::keydown, |event| press(&event));
        let focus = window_event_listener(ev::focusin, |_| remember());
        on_cleanup(move || {
            keys.remove();
            focus.remove();
        });
        offer_switch();
        watch();
    }

    fn storage() -> Option<Storage> {
        window().local_storage().ok().flatten()
    }

    fn are_off() -> bool {
        storage().and_then(|storage| storage.get_item(OFF).ok().flatten()).is_some()
    }

    /// The box in the list of keys: as it was left, and kept when it changes.
    fn offer_switch() {
        let Some(switch) = by_id::<HtmlInputElement>("single-keys") else { return };
        switch.set_checked(!are_off());
        let changed = Closure::<dyn Fn()>::new(move || {
            let Some((switch, storage)) = by_id::<HtmlInputElement>("single-keys").zip(storage()) else { return };
            let _ = if switch.checked() { storage.remove_item(OFF) } else { storage.set_item(OFF, "1") };
        });
        let Some(target) = by_id::<HtmlElement>("single-keys") else { return };
        target.set_onchange(Some(changed.as_ref().unchecked_ref()));
        // It is there for as long as the document.
        changed.forget();
    }

    pub(super) fn may_act(event: &KeyboardEvent) -> bool {
        let with_others = event.ctrl_key() || event.meta_key() || event.alt_key();
        !with_others && !event.default_prevented() && !event.is_composing() && !field_has_focus() && !are_off()
    }

    fn field_has_focus() -> bool {
        let Some(element) = document().active_element() else { return false };
        let is_box = element.matches("input[type=checkbox], input[type=radio]").unwrap_or(false);
        !is_box && element.matches("input, textarea, select").unwrap_or(false)
    }

    fn press(event: &KeyboardEvent) {
        let key = event.key().to_lowercase();
        if ends_writing(event, &key) {
            event.prevent_default();
            return;
        }
        if !may_act(event) {
            return;
        }
        let done = match key.as_str() {
            "j" => step(1),
            "k" => step(-1),
            "?" => click(document().query_selector("[popovertarget=keys]").ok().flatten()),
            "e" | "p" | "a" | "r" | "z" => act(&key),
            _ => false,
        };
        if done {
            event.prevent_default();
        }
    }

    /// Control and Enter send what is being written, Escape gives it up: also while a field has the focus.
    fn ends_writing(event: &KeyboardEvent, key: &str) -> bool {
        let sends = key == "enter" && (event.ctrl_key() || event.meta_key());
        if event.default_prevented() || event.is_composing() {
            return false;
        }
        if sends {
            let form =
                document().active_element().and_then(|field| field.closest(".part form[method=post]").ok().flatten());
            let form = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
            return form.is_some_and(|form| form.request_submit().is_ok());
        }
        let is_list_open = document().query_selector("#keys:popover-open").ok().flatten().is_some();
        key == "escape" && !is_list_open && click(document().query_selector("main [data-key=esc]").ok().flatten())
    }

    fn rows() -> Vec<Element> {
        let Ok(found) = document().query_selector_all("main [data-row]") else { return Vec::new() };
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
    }

    /// The row that has the focus, or is open beside the list.
    fn current(rows: &[Element]) -> Option<usize> {
        let focused = document().active_element()?.closest("[data-row]").ok().flatten();
        focused
            .and_then(|row| rows.iter().position(|each| *each == row))
            .or_else(|| rows.iter().position(|row| row.get_attribute("aria-current").is_some()))
    }

    fn step(by: isize) -> bool {
        let rows = rows();
        let next = match current(&rows) {
            Some(now) => now.checked_add_signed(by),
            None => Some(0),
        };
        next.and_then(|next| rows.get(next)).is_some_and(focus_row)
    }

    fn focus_row(row: &Element) -> bool {
        let within = row.get_attribute("data-row").filter(|selector| !selector.is_empty());
        let target = within.and_then(|selector| row.query_selector(&selector).ok().flatten());
        let target = target.unwrap_or_else(|| row.clone()).dyn_into::<HtmlElement>();
        let Ok(target) = target else { return false };
        row.scroll_into_view_with_bool(false);
        target.focus().is_ok()
    }

    /// Presses what stands for a key: in the row one is at (the first one, if none), else elsewhere on the page.
    fn act(key: &str) -> bool {
        let rows = rows();
        let row = rows.get(current(&rows).unwrap_or(0));
        let selector = format!("[data-key={key}]");
        let here = row.and_then(|row| row.query_selector(&selector).ok().flatten());
        click(here.or_else(|| document().query_selector(&format!("main {selector}")).ok().flatten()))
    }

    fn click(element: Option<Element>) -> bool {
        let element = element.and_then(|element| element.dyn_into::<HtmlElement>().ok());
        element.map(|element| element.click()).is_some()
    }

    fn by_id<T: JsCast>(id: &str) -> Option<T> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }

    /// Where the focus was, in terms that outlive a redrawing: the nth element of its kind in the nearest element that has a
    /// name, and the row that was, on this page.
    struct Place {
        page: String,
        element: Element,
        root: String,
        tag: String,
        index: u32,
        row: Option<usize>,
    }

    fn remember() {
        let Some(element) = document().active_element() else { return };
        let part = element.closest(".part").ok().flatten();
        let place = part.map(|_| {
            // Where nothing around it has a name, its row says where it was.
            let root = element.closest("main [id]").ok().flatten();
            let tag = element.tag_name();
            let alike = root.as_ref().and_then(|root| root.query_selector_all(&tag).ok());
            let index = alike.and_then(|alike| {
                (0..alike.length())
                    .find(|index| alike.item(*index).is_some_and(|each| each.is_same_node(Some(&element))))
            });
            let rows = rows();
            let row = current(&rows);
            let root = root.map(|root| root.id()).unwrap_or_default();
            Place { page: page(), root, tag, index: index.unwrap_or(0), row, element }
        });
        LAST.set(place);
    }

    /// Gives the focus to a field that asks for it when it is drawn, once. The browser does that for a page, not for its parts.
    fn serve() -> bool {
        let asking = document().query_selector("main .part [autofocus]:not([data-served])").ok().flatten();
        let Some(field) = asking.and_then(|field| field.dyn_into::<HtmlElement>().ok()) else { return false };
        field.set_attribute("data-served", "").is_ok() && field.focus().is_ok()
    }

    /// Gives the focus back when what had it was drawn anew.
    fn restore() {
        if serve() {
            return;
        }
        let nobody = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if !nobody {
            return;
        }
        // Taken out while it is used: giving the focus tells where it is now.
        let Some(place) = LAST.take().filter(|place| place.page == page()) else { return };
        let gone = !place.element.is_connected();
        if !(gone && give_back(&place)) {
            // What is drawn anew may not be there yet.
            LAST.set(Some(place));
        }
    }

    fn give_back(place: &Place) -> bool {
        let again = document().get_element_by_id(&place.root).and_then(|root| {
            let found = root.query_selector_all(&place.tag).ok()?.item(place.index);
            found.or_else(|| Some(root.into()))?.dyn_into::<HtmlElement>().ok()
        });
        match (again, place.row) {
            (Some(element), _) => element.focus().is_ok(),
            (None, Some(row)) => {
                let rows = rows();
                rows.get(row.min(rows.len().saturating_sub(1))).is_some_and(focus_row)
            }
            (None, None) => false,
        }
    }

    fn page() -> String {
        window().location().pathname().unwrap_or_default()
    }

    fn watch() {
        let Some(main) = document().get_element_by_id("main") else { return };
        let changed = Closure::<dyn Fn()>::new(restore);
        if let Ok(observer) = MutationObserver::new(changed.as_ref().unchecked_ref()) {
            let options = MutationObserverInit::new();
            options.set_child_list(true);
            options.set_subtree(true);
            let _ = observer.observe_with_options(&main, &options);
        }
        changed.forget();
    }
}

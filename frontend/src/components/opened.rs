//! What somebody opened stays open when its part is drawn anew, and what they closed stays closed.
//!
//! A part is HTML from the server, which does not know what is open in this browser. Things are known again by their page, by
//! what around them has a name, and by their own heading.

/// Begins to take notice.
pub(super) fn listen() {
    #[cfg(feature = "hydrate")]
    leptos::prelude::Effect::new(|_| browser::listen());
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;

    use leptos::{
        prelude::*,
        wasm_bindgen::{JsCast, closure::Closure},
        web_sys::{Element, Event},
    };
    use web_sys::{MutationObserver, MutationObserverInit};

    /// Things that were opened or closed, and which of it.
    #[derive(Default)]
    struct Noted {
        page: String,
        things: Vec<(String, bool)>,
    }

    thread_local! {
        static NOTED: RefCell<Noted> = RefCell::default();
    }

    pub(super) fn listen() {
        let Some(main) = document().get_element_by_id("main") else { return };
        let toggled = Closure::<dyn Fn(Event)>::new(|event: Event| note(&event));
        // It tells nobody above, so it is heard on its way down.
        let _ = main.add_event_listener_with_callback_and_bool("toggle", toggled.as_ref().unchecked_ref(), true);
        let drawn = Closure::<dyn Fn()>::new(restore);
        if let Ok(observer) = MutationObserver::new(drawn.as_ref().unchecked_ref()) {
            let options = MutationObserverInit::new();
            options.set_child_list(true);
            options.set_subtree(true);
            let _ = observer.observe_with_options(&main, &options);
        }
        // They are there for as long as the document.
        toggled.forget();
        drawn.forget();
    }

    fn note(event: &Event) {
        let Some(thing) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let (name, is_open) = (name_of(&thing), thing.has_attribute("open"));
        NOTED.with_borrow_mut(|noted| {
            if noted.page != page() {
                *noted = Noted { page: page(), things: Vec::new() };
            }
            noted.things.retain(|(known, _)| *known != name);
            noted.things.push((name, is_open));
        });
    }

    fn restore() {
        NOTED.with_borrow(|noted| {
            if noted.things.is_empty() || noted.page != page() {
                return;
            }
            let Ok(found) = document().query_selector_all(".part details") else { return };
            for thing in (0..found.length()).filter_map(|index| found.item(index)?.dyn_into::<Element>().ok()) {
                let name = name_of(&thing);
                let noted = noted.things.iter().find(|(known, _)| *known == name);
                let Some((_, is_open)) = noted.filter(|(_, is_open)| *is_open != thing.has_attribute("open")) else {
                    continue;
                };
                let _ = if *is_open { thing.set_attribute("open", "") } else { thing.remove_attribute("open") };
            }
        });
    }

    fn page() -> String {
        window().location().pathname().unwrap_or_default()
    }

    fn name_of(thing: &Element) -> String {
        let around = thing.parent_element().and_then(|parent| parent.closest("[id], [aria-labelledby]").ok().flatten());
        let around = around.and_then(|around| around.get_attribute("aria-labelledby").or_else(|| Some(around.id())));
        let heading = thing.query_selector("summary").ok().flatten().and_then(|heading| heading.text_content());
        [around, heading].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

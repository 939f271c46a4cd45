//! What happens on the server while a page is open: one stream of events, and signals that pages follow.
//!
//! Pages read [`Live::any`] or [`Live::of`] among the sources of their resources and so read anew when something
//! changed. An answer being written is kept apart in [`Live::writing`]: it arrives in pieces, and reading everything
//! anew for each would be waste. On the server there are no events, and the signals never change.

use leptos::prelude::*;

/// An answer being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Writing {
    /// The chat.
    pub(crate) chat: i64,
    /// The turn.
    pub(crate) turn: i64,
    /// What there is of it so far.
    pub(crate) text: String,
    /// Whether it has ended, so that the stored answer is about to take its place.
    pub(crate) done: bool,
}

/// The page's view of what happens.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// The chat of the last change and how many changes there were; chat 0 stands for all chats.
    last: RwSignal<(i64, u32)>,
    /// The answer being written, if there is one.
    pub(crate) writing: RwSignal<Option<Writing>>,
    /// The turn whose reply was last heard of on its way, and how often that was for any.
    delivered: RwSignal<(i64, u32)>,
    /// How often an import was heard of.
    imported: RwSignal<u32>,
}

impl Live {
    /// Changes with every change in any chat.
    pub(crate) fn any(self) -> u32 {
        self.last.get().1
    }

    /// Changes with every change in `chat`.
    pub(crate) fn of(self, chat: Memo<i64>) -> Memo<u32> {
        Memo::new(move |before: Option<&u32>| {
            let (changed, number) = self.last.get();
            let concerns = changed == 0 || changed == chat.get();
            if concerns { number } else { before.copied().unwrap_or_default() }
        })
    }

    /// Changes with every news of the way of a turn's reply.
    pub(crate) fn delivered(self, turn: Memo<i64>) -> Memo<u32> {
        Memo::new(move |before: Option<&u32>| {
            let (delivered, number) = self.delivered.get();
            if delivered == turn.get() { number } else { before.copied().unwrap_or_default() }
        })
    }

    /// Changes with every news of an import, and with every change in any chat.
    pub(crate) fn imported(self) -> (u32, u32) {
        (self.imported.get(), self.any())
    }

    /// Something is to be read anew, in `chat` or, for 0, everywhere. Not under the hands of somebody who is writing in
    /// a part that would be replaced: then a little later.
    #[cfg(feature = "hydrate")]
    fn changed(self, chat: i64) {
        if browser::somebody_writes() {
            set_timeout(move || self.changed(chat), browser::PATIENCE);
            return;
        }
        self.last.update(|(last, number)| {
            *last = chat;
            *number += 1;
        });
    }
}

/// Begins to listen; once for the whole dashboard.
pub(crate) fn provide_live() {
    let live = Live {
        last: RwSignal::new((0, 0)),
        writing: RwSignal::new(None),
        delivered: RwSignal::new((0, 0)),
        imported: RwSignal::new(0),
    };
    provide_context(live);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::listen(live));
}

/// The events of this page.
pub(crate) fn use_live() -> Live {
    expect_context::<Live>()
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::{
        cell::RefCell,
        rc::{Rc, Weak},
        time::Duration,
    };

    use leptos::prelude::*;
    use serde::Deserialize;
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{EventSource, HtmlInputElement, HtmlTextAreaElement, MessageEvent};

    use super::{Live, Writing};

    /// Where the server tells what happens in all chats.
    const STREAM: &str = "/api/events";

    /// The names of the events.
    const NAMES: [&str; 12] = [
        "message",
        "turn_started",
        "delta",
        "turn_finished",
        "delivery",
        "facts",
        "episodes",
        "analysis",
        "job",
        "import",
        "forgotten",
        "settings",
    ];

    /// How long to leave somebody who is writing in peace before looking again.
    pub(super) const PATIENCE: Duration = Duration::from_secs(1);

    /// How long to wait before asking again for a stream that was refused.
    const RETRY: Duration = Duration::from_secs(3);

    /// Fields that can be written in and lie in a part drawn on the server, which would be drawn anew.
    const FIELDS: &str = ".part input, .part textarea, .part select";

    /// Fields of forms that change something, and boxes that belong to such a form from where they stand.
    const UNSENT: &str = ".part form[method=post] :is(textarea, input), .part input[form]";

    /// Whether somebody is writing in such a part: a field has the focus, or a form holds what was not sent yet.
    pub(super) fn somebody_writes() -> bool {
        let focused = document().active_element();
        let focused = focused.is_some_and(|element| element.matches(FIELDS).unwrap_or(false));
        focused || has_unsent_words()
    }

    /// Whether a form that changes something differs from how it was drawn. Forms that only ask may stay filled in.
    fn has_unsent_words() -> bool {
        let Ok(fields) = document().query_selector_all(UNSENT) else {
            return false;
        };
        (0..fields.length()).filter_map(|index| fields.item(index)).any(|field| {
            if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
                area.default_value().is_ok_and(|drawn| drawn != area.value())
            } else if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
                // A box without a value of its own has the value "on" whether it is ticked or not.
                let is_box = input.type_() == "checkbox";
                input.checked() != input.default_checked() || (!is_box && input.value() != input.default_value())
            } else {
                false
            }
        })
    }

    /// What an event says; ids that are not needed are left alone.
    #[derive(Deserialize)]
    struct Event {
        #[serde(rename = "type")]
        name: String,
        chat: i64,
        #[serde(default)]
        turn: i64,
        #[serde(default)]
        text: String,
    }

    /// Listens for as long as the page is seen.
    ///
    /// A browser opens six connections to a server at most, for all its tabs together, and keeps pages that were left in
    /// memory, streams and all. A page that nobody sees therefore lets its stream go, and reads everything anew when it is
    /// seen again.
    pub(super) fn listen(live: Live) {
        let stream = Rc::new_cyclic(|stream| Stream::new(live, stream.clone()));
        stream.open();
        for name in ["visibilitychange", "pagehide", "pageshow"] {
            let stream = Rc::clone(&stream);
            // The listener stays for as long as the page does.
            let _ = window_event_listener_untyped(name, move |_| {
                if name == "pagehide" || document().hidden() { stream.close() } else { stream.open() }
            });
        }
    }

    /// The stream of events, while it is open. The browser connects again by itself when the connection breaks, but gives
    /// up where it is refused: by a proxy while the server starts anew, or by a server that has too much to do. Then it is
    /// opened again after a while. Whatever was missed is made up for by reading everything anew.
    struct Stream {
        source: RefCell<Option<EventSource>>,
        hear: Closure<dyn Fn(MessageEvent)>,
        opened: Closure<dyn Fn()>,
        failed: Closure<dyn Fn()>,
    }

    impl Stream {
        fn new(live: Live, this: Weak<Self>) -> Self {
            let hear = Closure::new(move |message: MessageEvent| {
                let text = message.data().as_string().unwrap_or_default();
                if let Ok(event) = serde_json::from_str::<Event>(&text) {
                    take(live, event);
                }
            });
            // What happened between drawing the page and listening, or while the connection was broken, was missed.
            let opened = Closure::new(move || {
                mark_alive();
                live.writing.set(None);
                live.changed(0);
            });
            let failed = Closure::new(move || {
                let this = this.clone();
                let again = move || {
                    if let Some(stream) = this.upgrade() {
                        stream.open_if_refused();
                    }
                };
                set_timeout(again, RETRY);
            });
            Self { source: RefCell::new(None), hear, opened, failed }
        }

        fn open(&self) {
            let mut source = self.source.borrow_mut();
            if source.is_none()
                && let Ok(opening) = EventSource::new(STREAM)
            {
                for name in NAMES {
                    let _ = opening.add_event_listener_with_callback(name, self.hear.as_ref().unchecked_ref());
                }
                opening.set_onopen(Some(self.opened.as_ref().unchecked_ref()));
                opening.set_onerror(Some(self.failed.as_ref().unchecked_ref()));
                *source = Some(opening);
            }
        }

        fn close(&self) {
            if let Some(source) = self.source.take() {
                source.close();
            }
        }

        /// Opens it again if the browser has given up; a page that closed it meanwhile opens it when it is seen again.
        fn open_if_refused(&self) {
            let refused = |source: &EventSource| source.ready_state() == EventSource::CLOSED;
            if self.source.borrow().as_ref().is_some_and(refused) {
                self.close();
                self.open();
            }
        }
    }

    /// Says on the document that scripts run and news arrive: for whoever drives the page.
    fn mark_alive() {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-live", "");
        }
    }

    fn take(live: Live, event: Event) {
        let Event { name, chat, turn, text } = event;
        match name.as_str() {
            "turn_started" => {
                live.writing.set(Some(Writing { chat, turn, ..Writing::default() }));
                live.changed(chat);
            }
            "delta" => live.writing.update(|writing| match writing {
                Some(writing) if writing.turn == turn => writing.text.push_str(&text),
                _ => *writing = Some(Writing { chat, turn, text, done: false }),
            }),
            "turn_finished" => {
                live.writing.update(|writing| {
                    if let Some(writing) = writing.as_mut().filter(|writing| writing.turn == turn) {
                        writing.done = true;
                    }
                });
                live.changed(chat);
            }
            "delivery" => {
                live.delivered.update(|(last, number)| {
                    *last = turn;
                    *number += 1;
                });
                live.changed(chat);
            }
            "import" => live.imported.update(|number| *number += 1),
            _ => live.changed(chat),
        }
    }
}

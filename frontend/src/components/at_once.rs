//! Edits that show at once: what a form says it does is drawn before the server has answered.
//!
//! A form, or the button that sends it, says so in three attributes: `data-now` is what becomes of things, which the
//! stylesheet draws (`gone`, `pinned`, `archived`); `data-on` which things those are, or else the rows whose boxes are ticked;
//! `data-say` where the statement that is being sent is to stand. The part that is drawn anew afterwards replaces all of this,
//! and a refusal takes it back.

use leptos::{
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, FormData, HtmlButtonElement, HtmlFormElement, HtmlInputElement},
};

/// What waits to be saved: the stylesheet's sign of it.
const PENDING: &str = "data-pending";

/// What a form has shown before it was answered.
#[derive(Default)]
pub(super) struct Shown {
    things: Vec<Element>,
    /// A place with what stood there.
    said: Option<(Element, String)>,
}

impl Shown {
    /// Shows what a form that is being sent does.
    pub(super) fn of(form: &HtmlFormElement, button: Option<&HtmlButtonElement>) -> Self {
        let says = |name: &str| {
            let button = button.and_then(|button| button.get_attribute(name));
            button.or_else(|| form.get_attribute(name)).filter(|says| !says.is_empty())
        };
        let Some(now) = says("data-now") else { return Self::default() };
        let things = says("data-on").map_or_else(|| ticked(form), |selector| all(&selector));
        for thing in &things {
            let _ = thing.set_attribute(PENDING, &now);
        }
        Self { things, said: says("data-say").and_then(|place| say(form, &place)) }
    }

    /// It was refused: all is as it was.
    pub(super) fn take_back(self) {
        for thing in self.things {
            let _ = thing.remove_attribute(PENDING);
        }
        if let Some((place, before)) = self.said {
            place.set_inner_html(&before);
        }
    }
}

fn all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// The rows whose boxes belong to the form and are ticked.
fn ticked(form: &HtmlFormElement) -> Vec<Element> {
    let fields = form.elements();
    (0..fields.length())
        .filter_map(|index| fields.item(index)?.dyn_into::<HtmlInputElement>().ok())
        .filter(|field| field.type_() == "checkbox" && field.checked())
        .filter_map(|field| field.closest("tr, .talk").ok().flatten())
        .collect()
}

/// Puts the statement that is being sent in its place, as the text that it is.
fn say(form: &HtmlFormElement, place: &str) -> Option<(Element, String)> {
    let fields = FormData::new_with_form(form).ok()?;
    let said = ["form[statement]", "statement"].into_iter().find_map(|name| fields.get(name).as_string())?;
    let place = document().query_selector(place).ok().flatten()?;
    let before = place.inner_html();
    place.set_text_content(Some(&said));
    Some((place, before))
}

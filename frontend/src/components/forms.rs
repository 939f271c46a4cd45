//! The forms of a page: each posts to a server function by itself, and is sent without leaving the page once there are
//! scripts.
//!
//! One handler takes all of them, by their address and their fields; so a page need not know its server functions, and the
//! wasm holds the way of one form and not of each. What a form does shows at once where it says so (`at_once`); what
//! it did is said in a notice with *Undo*, by the number that the address has then (`?did=7`).

use leptos::{ev, prelude::*, server::ServerActionError, server_fn::error::ServerFnUrlError};
use leptos_router::hooks::use_query_map;

use super::{load_or, part};
use crate::{
    api::{self, ApiError, Sheet},
    words,
};

/// What became of the forms that were sent from a page.
#[derive(Clone, Copy)]
pub(crate) struct Forms {
    /// How many have come back.
    sent: RwSignal<u32>,
    /// Why the last one was refused.
    refused: RwSignal<Option<ApiError>>,
    /// What was done last.
    done: Resource<Result<Sheet, ApiError>>,
    #[cfg(feature = "hydrate")]
    post: browser::Post,
}

impl Forms {
    /// No form was sent yet, unless the address says that one was refused: without scripts it is told there.
    pub(crate) fn new() -> Self {
        let refused = use_context::<ServerActionError>();
        let refused = refused.map(|error| ServerFnUrlError::<ApiError>::decode_err(error.err()));
        let query = use_query_map();
        let did = Memo::new(move |_| query.with(|query| query.get("did").and_then(|did| did.parse::<u64>().ok())));
        let done = Resource::new(
            move || did.get(),
            |did| async move {
                match did {
                    Some(did) => api::done(did).await,
                    None => Ok(Sheet::default()),
                }
            },
        );
        Self {
            sent: RwSignal::new(0),
            refused: RwSignal::new(refused),
            done,
            #[cfg(feature = "hydrate")]
            post: browser::Post::new(),
        }
    }

    /// Changes whenever a form has come back: what is shown is old then.
    pub(crate) fn version(self) -> u32 {
        self.sent.get()
    }

    /// Why the last form was refused, with a way to send it again where that may help; and what was done.
    pub(crate) fn alert(self) -> AnyView {
        let again = move || {
            let may_help = matches!(self.refused.get(), Some(ApiError::Unreachable | ApiError::Internal));
            may_help.then(
                || view! { <button class="btn" type="button" on:click=move |_| self.again()>{words::RETRY}</button> },
            )
        };
        view! {
            <div class="refusal">{super::alert(move || self.refused.get().map(Err::<(), _>))} {again}</div>
            <div class="done" role="status">{load_or(self.done, part, |_| ().into_any())}</div>
        }
        .into_any()
    }

    /// Takes a form over, if it posts to a server function.
    pub(crate) fn take(self, event: &ev::SubmitEvent) {
        #[cfg(feature = "hydrate")]
        browser::take(self, event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }

    /// Sends the form that was refused once more. Without scripts there is no button for it: the browser has one.
    fn again(self) {
        #[cfg(feature = "hydrate")]
        browser::again(self);
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::{
        ev,
        prelude::*,
        server_fn::{
            client::{Client, browser::BrowserClient},
            error::FromServerFnError,
            redirect::call_redirect_hook,
            request::{ClientReq, browser::BrowserRequest},
            response::ClientRes,
        },
        wasm_bindgen::JsCast,
        web_sys::{AnimationEvent, FormData, HtmlButtonElement, HtmlElement, HtmlFormElement, UrlSearchParams},
    };
    use leptos_router::{NavigateOptions, hooks::use_navigate};

    use super::Forms;
    use crate::{api::ApiError, components::at_once::Shown};

    const FORM: &str = "application/x-www-form-urlencoded";

    type Navigate = Box<dyn Fn(&str)>;

    /// How a page sends its forms.
    #[derive(Clone, Copy)]
    pub(super) struct Post {
        /// Goes to another address of this page: in the place of the one before, and without moving the page.
        follow: StoredValue<Navigate, LocalStorage>,
        /// The form that was refused, with the button that sent it.
        refused: StoredValue<Option<(HtmlFormElement, Option<HtmlButtonElement>)>, LocalStorage>,
    }

    impl Post {
        pub(super) fn new() -> Self {
            let navigate = use_navigate();
            let follow: Navigate = Box::new(move |address| {
                navigate(address, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
            });
            let post = Self { follow: StoredValue::new_local(follow), refused: StoredValue::new_local(None) };
            let ended = window_event_listener(ev::animationend, move |event| post.put_notice_away(&event));
            on_cleanup(move || ended.remove());
            post
        }

        /// A notice that has been seen is not in the address any more: that can be shared, and nothing says it again.
        fn put_notice_away(self, event: &AnimationEvent) {
            let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
            if target.is_some_and(|target| target.class_list().contains("toast")) {
                let search = window().location().search().unwrap_or_default();
                let stays = search.trim_start_matches('?').split('&').filter(|pair| !pair.starts_with("did="));
                let stays = stays.collect::<Vec<_>>().join("&");
                let mark = if stays.is_empty() { "" } else { "?" };
                self.follow.with_value(|follow| follow(&format!("{}{mark}{stays}", path())));
            }
        }
    }

    fn path() -> String {
        window().location().pathname().unwrap_or_default()
    }

    pub(super) fn take(forms: Forms, event: &ev::SubmitEvent) {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form.filter(|_| !event.default_prevented()) else { return };
        let button = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
        if post(forms, form, button) {
            event.prevent_default();
        }
    }

    pub(super) fn again(forms: Forms) {
        if let Some((form, button)) = forms.post.refused.try_update_value(Option::take).flatten() {
            post(forms, form, button);
        }
    }

    /// Sends a form, if it posts to a server function, and shows at once what it does.
    fn post(forms: Forms, form: HtmlFormElement, button: Option<HtmlButtonElement>) -> bool {
        let elsewhere = button.as_ref().and_then(|button| button.get_attribute("formaction"));
        let action = elsewhere.or_else(|| form.get_attribute("action")).unwrap_or_default();
        if !action.starts_with("/fn/") || form.get_attribute("method").as_deref() != Some("post") {
            return false;
        }
        let Some(fields) = fields(&form, button.as_ref()) else { return false };
        // Pressed twice is meant once.
        let rest = {
            let button = button.clone();
            move |resting| button.iter().for_each(|button| button.set_disabled(resting))
        };
        let shown = Shown::of(&form, button.as_ref());
        rest(true);
        leptos::task::spawn_local(async move {
            let answer = send(&action, fields).await;
            rest(false);
            mark(&form, answer.as_ref().err());
            let refused = match answer {
                Ok(address) => {
                    address.iter().for_each(|address| follow(forms, address));
                    None
                }
                Err(refused) => {
                    shown.take_back();
                    let _ = forms.post.refused.try_set_value(Some((form, button)));
                    Some(refused)
                }
            };
            // Where the server cannot be reached, what is on screen stands.
            let is_out_of_reach = matches!(refused, Some(ApiError::Unreachable));
            let _ = forms.refused.try_set(refused);
            if !is_out_of_reach {
                let _ = forms.sent.try_update(|sent| *sent += 1);
            }
        });
        true
    }

    /// What the form holds, and what the button that sent it says.
    fn fields(form: &HtmlFormElement, button: Option<&HtmlButtonElement>) -> Option<String> {
        let fields = FormData::new_with_form(form).ok()?;
        if let Some(button) = button.filter(|button| !button.name().is_empty()) {
            fields.append_with_str(&button.name(), &button.value()).ok()?;
        }
        UrlSearchParams::new_with_str_sequence_sequence(&fields).ok().map(|fields| String::from(fields.to_string()))
    }

    /// Marks the field that was refused and gives it the focus; whatever was marked before is well again.
    fn mark(form: &HtmlFormElement, refused: Option<&ApiError>) {
        let field = match refused {
            Some(ApiError::Invalid { field, .. }) => field.as_str(),
            _ => "",
        };
        let fields = form.elements();
        for element in (0..fields.length()).filter_map(|index| fields.item(index)) {
            let name = element.get_attribute("name").unwrap_or_default();
            let is_it = !field.is_empty() && (name == field || name == format!("form[{field}]"));
            if !is_it {
                let _ = element.remove_attribute("aria-invalid");
                continue;
            }
            let _ = element.set_attribute("aria-invalid", "true");
            if let Ok(element) = element.dyn_into::<HtmlElement>() {
                let _ = element.focus();
            }
        }
    }

    /// Sends a form as the server function's own client would; gives the address that its answer leads to.
    async fn send(action: &str, fields: String) -> Result<Option<String>, ApiError> {
        let request = <BrowserRequest as ClientReq<ApiError>>::try_new_post(action, FORM, "application/json", fields)?;
        let answer = <BrowserClient as Client<ApiError>>::send(request).await?;
        let status = ClientRes::<ApiError>::status(&answer);
        let leads = ClientRes::<ApiError>::has_redirect(&answer).then(|| ClientRes::<ApiError>::location(&answer));
        if (400..=599).contains(&status) {
            return Err(ApiError::de(ClientRes::<ApiError>::try_into_bytes(answer).await?));
        }
        Ok(leads)
    }

    /// What was done on this page does not leave it: going back leads to where one was before. A question that it led to (it has
    /// a place on the page) is a step of its own.
    fn follow(forms: Forms, address: &str) {
        let is_here = address.split(['?', '#']).next() == Some(path().as_str()) && !address.contains('#');
        if !is_here || forms.post.follow.try_with_value(|follow| follow(address)).is_none() {
            call_redirect_hook(address);
        }
    }
}

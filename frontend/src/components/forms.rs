//! The forms of a page: each posts to a server function by itself, and is sent without leaving the page once there are
//! scripts.
//!
//! One handler takes all of them, by their address and their fields; so a page need not know its server functions, and the
//! wasm holds the way of one form and not of each.

use leptos::{ev, prelude::*, server::ServerActionError, server_fn::error::ServerFnUrlError};

use crate::api::ApiError;

/// What became of the forms that were sent from a page.
#[derive(Clone, Copy)]
pub(crate) struct Forms {
    /// How many have come back.
    sent: RwSignal<u32>,
    /// Why the last one was refused.
    refused: RwSignal<Option<ApiError>>,
}

impl Forms {
    /// No form was sent yet, unless the address says that one was refused: without scripts it is told there.
    pub(crate) fn new() -> Self {
        let refused = use_context::<ServerActionError>();
        let refused = refused.map(|error| ServerFnUrlError::<ApiError>::decode_err(error.err()));
        Self { sent: RwSignal::new(0), refused: RwSignal::new(refused) }
    }

    /// Changes whenever a form has come back: what is shown is old then.
    pub(crate) fn version(self) -> u32 {
        self.sent.get()
    }

    /// Why the last form was refused.
    pub(crate) fn alert(self) -> AnyView {
        super::alert(move || self.refused.get().map(Err::<(), _>))
    }

    /// Takes a form over, if it posts to a server function.
    pub(crate) fn take(self, event: &ev::SubmitEvent) {
        #[cfg(feature = "hydrate")]
        browser::take(self, event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
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
        web_sys::{FormData, HtmlButtonElement, HtmlElement, HtmlFormElement, UrlSearchParams},
    };

    use super::Forms;
    use crate::api::ApiError;

    const FORM: &str = "application/x-www-form-urlencoded";

    pub(super) fn take(forms: Forms, event: &ev::SubmitEvent) {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form.filter(|_| !event.default_prevented()) else { return };
        let button = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
        let elsewhere = button.as_ref().and_then(|button| button.get_attribute("formaction"));
        let action = elsewhere.or_else(|| form.get_attribute("action")).unwrap_or_default();
        if !action.starts_with("/fn/") || form.get_attribute("method").as_deref() != Some("post") {
            return;
        }
        let Some(fields) = fields(&form, button.as_ref()) else { return };
        event.prevent_default();
        // Pressed twice is meant once.
        let rest = move |resting| button.iter().for_each(|button| button.set_disabled(resting));
        rest(true);
        leptos::task::spawn_local(async move {
            let refused = send(&action, fields).await.err();
            rest(false);
            mark(&form, refused.as_ref());
            let _ = forms.refused.try_set(refused);
            let _ = forms.sent.try_update(|sent| *sent += 1);
        });
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

    /// Sends a form as the server function's own client would, and follows where its answer leads.
    async fn send(action: &str, fields: String) -> Result<(), ApiError> {
        let request = <BrowserRequest as ClientReq<ApiError>>::try_new_post(action, FORM, "application/json", fields)?;
        let answer = <BrowserClient as Client<ApiError>>::send(request).await?;
        let status = ClientRes::<ApiError>::status(&answer);
        let leads = ClientRes::<ApiError>::has_redirect(&answer).then(|| ClientRes::<ApiError>::location(&answer));
        if (400..=599).contains(&status) {
            return Err(ApiError::de(ClientRes::<ApiError>::try_into_bytes(answer).await?));
        }
        leads.iter().for_each(|address| call_redirect_hook(address));
        Ok(())
    }
}

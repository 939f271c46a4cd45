//! Waiting, failure and forms: how every page shows data that arrives.
//!
//! On the first load a page shows a skeleton; afterwards old data stays until new data is there.

use std::{pin::Pin, sync::Arc};

use leptos::{ev, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::{ApiError, Sheet},
    words,
};

/// Shows a resource by `view` once it is there, and again whenever it changes.
pub(crate) fn load<T>(
    resource: Resource<Result<T, ApiError>>,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    load_or(resource, view, failure)
}

/// The same with something else in the place of what cannot be shown.
pub(crate) fn load_or<T>(
    resource: Resource<Result<T, ApiError>>,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
    failed: fn(&ApiError) -> AnyView,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    let view = Arc::new(view);
    shown(Arc::new(move || {
        let view = Arc::clone(&view);
        Box::pin(async move {
            match resource.await {
                Ok(data) => view(data),
                Err(error) => failed(&error),
            }
        })
    }))
}

/// The name of a page that cannot be shown, which says why further down.
pub(crate) fn failed_title(error: &ApiError) -> AnyView {
    set_status(error);
    let title =
        if matches!(error, ApiError::NotFound { .. }) { words::frame::NOT_HERE } else { words::frame::NO_ANSWER };
    view! { <Title text=title/><h1 class="vh">{title}</h1> }.into_any()
}

/// Shows a sheet.
pub(crate) fn sheet(resource: Resource<Result<Sheet, ApiError>>) -> AnyView {
    load(resource, part)
}

/// A sheet in its place.
pub(crate) fn part(sheet: Sheet) -> AnyView {
    view! { <div class="part" inner_html=sheet.into_html()></div> }.into_any()
}

type Coming = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// The one place where waiting is compiled: everything above hands in a boxed future of a finished view.
fn shown(coming: Arc<dyn Fn() -> Coming + Send + Sync>) -> AnyView {
    view! { <Transition fallback=skeleton>{move || Suspend::new(coming())}</Transition> }.into_any()
}

/// Takes over a form's submission if it goes to the action's server function; says whether it did. Without it, or
/// when the fields cannot be read, the browser sends the form itself.
pub(crate) fn take<S>(event: &ev::SubmitEvent, action: ServerAction<S>) -> bool
where
    S: ServerFn + FromFormData + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
    S::Error: Send + Sync + 'static,
{
    use leptos::wasm_bindgen::JsCast;
    let form = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::HtmlFormElement>().ok());
    let goes_there = form.is_some_and(|form| form.get_attribute("action").as_deref() == Some(S::url()));
    if !goes_there || event.default_prevented() {
        return false;
    }
    let Ok(input) = S::from_event(event) else { return false };
    event.prevent_default();
    action.dispatch(input);
    true
}

/// Lines in the shape of rows, for the very first load.
fn skeleton() -> AnyView {
    let rows: Vec<_> = [82, 64, 90, 71]
        .map(|width| view! { <span class="sk" style=format!("inline-size:{width}%;margin-block:14px")></span> })
        .into();
    view! { <div aria-busy="true"><span class="vh">{words::frame::LOADING}</span>{rows}</div> }.into_any()
}

/// Why there is nothing to show. On the server it also sets the status of the response.
pub(crate) fn failure(error: &ApiError) -> AnyView {
    set_status(error);
    if matches!(error, ApiError::Invalid { .. }) {
        return view! { <p class="alert danger" role="alert">{error.to_string()}</p> }.into_any();
    }
    let title =
        if matches!(error, ApiError::NotFound { .. }) { words::frame::NOT_HERE } else { words::frame::NO_ANSWER };
    view! {
        <div class="empty" role="alert">
            <h2>{title}</h2>
            <p>{error.to_string()}</p>
            {way_out(error)}
        </div>
    }
    .into_any()
}

/// Where to go from here.
fn way_out(error: &ApiError) -> AnyView {
    if matches!(error, ApiError::Unauthorized) {
        view! { <a class="btn btn-primary" href="/login" rel="external">{words::frame::SIGN_IN}</a> }.into_any()
    } else {
        view! { <a class="btn" href="/">{words::frame::ALL_CHATS}</a> }.into_any()
    }
}

fn set_status(error: &ApiError) {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(match error {
            ApiError::NotFound { .. } => http::StatusCode::NOT_FOUND,
            ApiError::Invalid { .. } => http::StatusCode::UNPROCESSABLE_ENTITY,
            ApiError::Unauthorized => http::StatusCode::UNAUTHORIZED,
            ApiError::Unreachable | ApiError::Internal => http::StatusCode::INTERNAL_SERVER_ERROR,
        });
    }
    #[cfg(not(feature = "ssr"))]
    let _ = error;
}

/// The error of an action, if its last run failed. Its place is kept so that nothing moves but what must.
pub(crate) fn alert<T: Clone + Send + Sync + 'static>(
    outcome: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
) -> AnyView {
    view! {
        <div role="alert">
            {move || match outcome() {
                Some(Err(error)) => view! { <p class="alert danger">{error.to_string()}</p> }.into_any(),
                _ => ().into_any(),
            }}
        </div>
    }
    .into_any()
}

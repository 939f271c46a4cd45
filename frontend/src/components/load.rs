//! Waiting, failure and time: how every page shows data that arrives.
//!
//! On the first load a page shows a skeleton; afterwards old data stays until new data is there.

use leptos::prelude::*;

use crate::api::{ApiError, Moment};

/// Shows a resource by `view` once it is there, and again whenever it changes.
pub(crate) fn load<T>(
    resource: Resource<Result<T, ApiError>>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + serde::Serialize + serde::de::DeserializeOwned + 'static,
{
    view! {
        <Transition fallback=skeleton>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(data) => view(data),
                        Err(error) => failure(&error),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Lines in the shape of rows, for the very first load.
fn skeleton() -> AnyView {
    let rows: Vec<_> = [82, 64, 90, 71]
        .map(|width| view! { <span class="sk" style=format!("inline-size:{width}%;margin-block:14px")></span> })
        .into();
    view! { <div aria-busy="true"><span class="vh">"Loading"</span>{rows}</div> }.into_any()
}

/// Why there is nothing to show. On the server it also sets the status of the response.
pub(crate) fn failure(error: &ApiError) -> AnyView {
    set_status(error);
    let title = if matches!(error, ApiError::NotFound { .. }) { "Not here" } else { "No answer" };
    view! {
        <div class="empty" role="alert">
            <h2>{title}</h2>
            <p>{error.to_string()}</p>
            <a class="btn" href="/">"All chats"</a>
        </div>
    }
    .into_any()
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

/// What is wrong with one field, if the action's last run refused it.
pub(crate) fn field_error<T>(outcome: Option<&Result<T, ApiError>>, name: &str) -> Option<String> {
    match outcome {
        Some(Err(ApiError::Invalid { field, message })) if field == name => Some(message.clone()),
        _ => None,
    }
}

/// A moment, as short as it can be said, with the whole of it on demand.
pub(crate) fn time(moment: &Moment) -> AnyView {
    view! {
        <time datetime=moment.rfc3339.clone() title=format!("{}, {}", moment.day, moment.time)>
            {moment.short.clone()}
        </time>
    }
    .into_any()
}

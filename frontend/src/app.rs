//! The document around the pages, and the routes.
//!
//! Every route waits for its data before the first byte (`SsrMode::Async`): without scripts, a page that streams
//! would stay empty.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    components::{Frame, failed_title, failure},
    escape::in_title,
    live::provide_live,
    pages::{
        analyses::AnalysesPage,
        chats::ChatsPage,
        console::ConsolePage,
        episodes::EpisodesPage,
        facts::FactsPage,
        history::HistoryPage,
        imports::ImportsPage,
        overview::OverviewPage,
        proposals::ProposalsPage,
        settings::{ChatSettingsPage, SettingsPage},
        turn::TurnPage,
        turns::TurnsPage,
        usage::UsagePage,
    },
    words,
};

/// The policy of what a page may load: nothing from elsewhere, and only the scripts that carry this response's nonce.
///
/// Styles may stand in attributes, because the bars get their widths there, but in no element of their own.
#[must_use]
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// Sets the policy's header on this response; nothing to do in the browser.
fn send_content_security_policy() {
    #[cfg(feature = "ssr")]
    if let (Some(nonce), Some(response)) = (leptos::nonce::use_nonce(), use_context::<leptos_axum::ResponseOptions>())
        && let Ok(value) = http::HeaderValue::from_str(&content_security_policy(&nonce))
    {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
    }
}

/// The whole document, rendered on the server only.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    send_content_security_policy();
    let stylesheet = format!("/{}/souvenir.css", options.site_pkg_dir);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="stylesheet" href=stylesheet/>
                <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='%231c5d4a' stroke-width='1.4'%3E%3Cpath d='M3 3.2h10v9.6H3zM5.5 3.2v9.6M7.5 6h3.5M7.5 8.5h3.5'/%3E%3C/svg%3E"/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The dashboard.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_live();
    // A page that is left stays on screen until the next one has its data.
    let routing = RwSignal::new(false);
    view! {
        <Title formatter=title/>
        <Router set_is_routing=routing>
            <Frame>
                <FlatRoutes fallback=not_found>
                    <Route path=path!("/") view=ChatsPage ssr=SsrMode::Async/>
                    <Route path=path!("/usage") view=UsagePage ssr=SsrMode::Async/>
                    <Route path=path!("/imports") view=ImportsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id") view=OverviewPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/facts") view=FactsPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/proposals") view=ProposalsPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/analysis") view=AnalysesPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/episodes") view=EpisodesPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/turns") view=TurnsPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/turns/:turn") view=TurnPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/console") view=ConsolePage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/history") view=HistoryPage ssr=SsrMode::Async/>
                    <Route path=path!("/chats/:id/settings") view=ChatSettingsPage ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
    }
}

/// What the browser's tab says.
fn title(page: String) -> String {
    if page.is_empty() { words::SOUVENIR.to_owned() } else { words::frame::tab(&in_title(page)) }
}

fn not_found() -> AnyView {
    let error = crate::api::ApiError::NotFound { what: words::frame::THIS_PAGE.to_owned() };
    view! { {failed_title(&error)} {failure(&error)} }.into_any()
}

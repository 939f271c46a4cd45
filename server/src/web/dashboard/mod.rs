//! The dashboard's way to the engine: pages and server functions are mounted here, and what they ask is answered
//! through [`port`], the implementation of the frontend's port.
//!
//! Everything that depends on a calendar or a zone is written out on this side, in the zone of the chat.

mod analyses;
mod calendar;
mod chats;
mod contexts;
mod episodes;
mod errors;
mod evidence;
mod facts;
mod forgetting;
mod history;
mod imports;
mod port;
mod proposals;
mod recent;
mod refusals;
mod search;
mod settings;
mod talk;
mod undo;
mod usage;
mod views;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request},
    http::{Method, StatusCode},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::post,
};
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};
use souvenir_frontend::{
    api::DashboardPort,
    app::{App, shell},
};

use self::recent::Recent;
use super::{Web, auth::Owner, error::Problem};

/// The routes of the pages and of their server functions; any other address shows the pages' own "not here".
pub(super) fn routes(web: &Web) -> Router<Web> {
    let options = LeptosOptions::builder().output_name("souvenir").site_pkg_dir(web.config.site.prefix()).build();
    let port: DashboardPort = Arc::new(port::WebDashboard {
        web: web.clone(),
        reports: Recent::default(),
        trials: Recent::default(),
        deeds: Recent::default(),
    });
    let provide = move || provide_context(Arc::clone(&port));
    let document = {
        let options = options.clone();
        move || shell(options.clone())
    };
    let missing = render_app_async_with_context(provide.clone(), document.clone());
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), provide, document)
        .layer(from_fn(refusals::with_status))
        .fallback(move |request: Request| not_here(request, missing))
        .with_state(options)
        .route("/imports/upload", post(imports::upload).layer(DefaultBodyLimit::disable()))
}

/// An address without a page: the shell says so, with the status to match.
async fn not_here<F>(request: Request, page: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response<Body>>,
{
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD) && !request.uri().path().starts_with("/fn/");
    // The pages' frame lists the chats: some addresses that lead nowhere are open to everybody.
    if !is_page || request.extensions().get::<Owner>().is_none() {
        return Problem::not_found("there is nothing at this address").into_response();
    }
    let mut response = page(request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

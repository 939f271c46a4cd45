//! The web's door: pages, server functions, the HTTP API, health.
//!
//! [`router`] puts it together. From the outside in, a request meets: tracing (which never sees a sign-in token), the
//! security headers, the catch for panics, the check of the name it was sent to, the session, the gate
//! of [`auth`], the reading of its body within a time, and only then a route.

mod api;
pub mod assets;
mod auth;
mod dashboard;
mod error;
mod events;
mod headers;
mod health;
mod host;
mod in_time;
mod markdown;
mod trace;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
};
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{clock::Clock, config::Secret, engine::Engine, measure::Exporter};

/// The largest request body, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// What the web's door is told at start.
pub struct WebConfig {
    /// What links and cookies use: scheme, host and port, as people type it. Sessions are `Secure` when it is https.
    pub public_url: String,
    /// The reverse proxies whose word on a client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// The dashboard's password; without one only one-time links sign in.
    pub owner_password: Option<Secret>,
    /// The API's bearer token; without one the API takes sessions only.
    pub api_token: Option<Secret>,
    /// What `/metrics` shows.
    pub figures: Exporter,
    /// Where the dashboard's files are.
    pub site: assets::Site,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Ends event streams when the server stops, which would wait for them otherwise.
    pub shutdown: CancellationToken,
}

impl WebConfig {
    fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// What every handler shares.
#[derive(Clone)]
struct Web {
    engine: Engine,
    config: Arc<WebConfig>,
    auth: Arc<auth::Auth>,
    /// The places for event streams.
    listeners: events::Listeners,
}

/// The whole web side. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: the limit of attempts to sign
/// in goes by address. `beside` gets the same headers and limits, but no check of its name, no session and no gate.
pub fn router(engine: Engine, config: WebConfig, beside: Router) -> Router {
    let auth = Arc::new(auth::Auth::new(&config));
    let web = Web { engine, config: Arc::new(config), auth, listeners: events::Listeners::default() };
    let sessions = auth::layer(&web.engine, Arc::clone(&web.config.clock), web.config.is_https());

    Router::new()
        .merge(api::router(web.config.is_https()))
        .merge(auth::routes())
        .merge(health::metrics_route())
        .merge(assets::routes(&web.config.site))
        .merge(dashboard::routes(&web))
        .layer(from_fn_with_state(in_time::PATIENCE, in_time::read))
        .layer(from_fn_with_state(web.clone(), auth::gate))
        .layer(sessions)
        .layer(from_fn_with_state(web.clone(), host::check))
        .merge(beside.with_state(()).layer(from_fn_with_state(in_time::PATIENCE, in_time::read)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(error::frame_plain_errors))
        .layer(CatchPanicLayer::custom(trace::panicked))
        .layer(from_fn_with_state(web.clone(), headers::secure))
        .layer(from_fn(trace::request))
        .with_state(web)
}

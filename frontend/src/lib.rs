//! The dashboard: pages rendered on the server and hydrated in the browser.
//!
//! The server builds this crate with the feature `ssr`, the browser's half is built with `hydrate`; the two are never
//! on together. Nothing here knows the server: pages ask through the port in [`api`].

pub mod api;
pub mod app;
#[expect(unreachable_pub, reason = "the component macro makes its properties public")]
mod components;
mod escape;
mod live;
#[expect(unreachable_pub, reason = "the component macro makes its properties public")]
mod pages;
#[cfg(feature = "ssr")]
mod sheets;
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "most texts stand in what the server draws"))]
pub mod words;

pub use app::{App, content_security_policy, shell};

/// Where the browser begins: takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}

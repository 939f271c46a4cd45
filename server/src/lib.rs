//! Souvenir's server: the Telegram bot, the memory engine, the HTTP API and the dashboard, in one process.
//!
//! Dependencies point one way: `app → {telegram, web} → engine → {store, llm} → souvenir_memory`. `telegram` and `web`
//! never see each other, nor `store` or `llm`; `store` and `llm` never see each other. [`app`] is the only place
//! where things are wired.

pub mod app;
pub mod backup;
pub mod check;
pub mod clock;
pub mod command;
pub mod config;
mod days;
pub mod engine;
pub mod export;
pub mod forget;
pub mod hash;
pub mod import;
pub mod language;
pub mod llm;
pub mod logging;
pub mod measure;
pub mod store;
pub mod telegram;
pub mod web;
pub mod words;

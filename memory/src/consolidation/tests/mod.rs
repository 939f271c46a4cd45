//! The rules, tried by examples, by a hostile set, and by operations of any kind at all.

mod examples;
mod honest;
mod hostile;
mod properties;
mod scene;

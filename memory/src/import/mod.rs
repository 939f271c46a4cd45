//! History from elsewhere: what the records of Telegram Desktop's `result.json` say, and where they stand among messages.
//!
//! Nothing here reads files. A chat's head is an [`ExportedChat`]; a message is a JSON value that [`record()`] reads, leniently in
//! what it leaves out and strictly in what it needs: a number and a time. [`MessageId`]s are made of the time ([`place`]), so that
//! whatever is imported in whatever order stands in order of time, before everything that the bot received itself.
//!
//! [`MessageId`]: crate::MessageId

mod chat;
mod media;
pub mod place;
mod record;
#[cfg(test)]
mod tests;
mod text;

pub use chat::{ChatSort, ExportedChat};
pub use record::{Flaw, Record, record};

//! Messages that were said elsewhere, or before the bot was there, on their way in.
//!
//! [`mod@write`] keeps them, each once however often its record comes; [`order`] gives a chat's messages their places anew where
//! some came between or before others; [`episodes`] finds the episodes among them; [`queue`] keeps which files are to be read.

mod episodes;
mod order;
mod places;
mod queue;
mod target;
mod write;

pub use episodes::Held;
pub use queue::{ImportRecord, ImportRequest, ImportState, NewImport};
pub use target::NewTarget;
pub use write::{ImportedMessage, Taken};

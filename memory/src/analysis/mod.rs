//! Whole-history analysis: the whole of a chat read again, and a better `history_context` proposed.
//!
//! The strategy is map and reduce. The history is cut into windows that fit the memory model; each is read by itself, and
//! what people said of themselves in it is kept as [`Finding`]s, their quotes found by the same rules as in consolidation
//! ([`findings`]). A window's findings depend on nothing but its messages, so they serve the next analysis too. Then all
//! findings are gathered ([`gather`]), shared out into parts beside the facts they may concern ([`parts()`]), and the model
//! is asked what is to become of the facts. Code decides ([`decide()`]): each [`Line`] of the diff rests on words that
//! were said, closed facts and tombstones stay, and what the owner has turned down is not proposed again.

mod decide;
mod finding;
mod line;
mod parts;
#[cfg(test)]
mod tests;

pub use decide::{Decided, Known, Ledger, decide};
pub use finding::{Finding, findings, gather};
pub use line::{Declined, Line, LineOp, LineOperation, LineRefusal, RefusedLine};
pub use parts::{Part, Weighed, parts};

//! Consolidation in the database: what a batch is decided on, its changes in one transaction, and their way back.

mod apply;
mod ground;
mod revert;
mod work;

pub use apply::{Applied, Batch, Summed};
pub use ground::{GroundRecord, OperationRecord, ProposalRecord};
pub(super) use revert::{TakenBack, take_back};
pub(super) use work::{Work, insert_evidence, is_pinned, new_fact};

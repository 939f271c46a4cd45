//! Pieces that several pages share.

#[cfg(feature = "hydrate")]
mod at_once;
mod chat_frame;
mod forms;
mod frame;
mod icon;
mod keyboard;
mod load;
mod opened;

pub(crate) use chat_frame::{Tab, chat_id, chat_page};
pub(crate) use forms::Forms;
pub(crate) use frame::Frame;
pub(crate) use icon::{Icon, icon};
pub(crate) use load::{alert, failed_title, failure, load, load_or, part, sheet, take};

//! Pieces that several pages share.

mod bar;
mod chat_frame;
mod frame;
mod icon;
mod load;
mod message;

pub(crate) use bar::{bar, legend, ruler, section_name, swatch};
pub(crate) use chat_frame::{Tab, chat_id, chat_page};
pub(crate) use frame::Frame;
pub(crate) use icon::{Icon, icon};
pub(crate) use load::{alert, failure, field_error, load, time};
pub(crate) use message::talk;

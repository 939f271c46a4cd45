//! What pages show, as views that only the server draws: see [`Sheet`](crate::api::Sheet).
//!
//! One file a sheet, and the pieces they share. Nothing here reacts by itself: buttons are plain forms to server
//! functions and links, which work without scripts and which a page's own handlers may take over.

pub(crate) mod analyses;
pub(crate) mod axis;
mod bar;
pub(crate) mod chats;
pub(crate) mod console;
mod counts;
mod days;
mod delivery;
mod diff;
pub(crate) mod episodes;
mod evidence;
pub(crate) mod fact;
mod fact_form;
pub(crate) mod facts;
pub(crate) mod forget;
pub(crate) mod history;
pub(crate) mod imports;
mod jobs;
mod ledger;
mod manifest;
mod merge;
mod message;
pub(crate) mod overview;
mod plot;
mod post;
pub(crate) mod proposals;
pub(crate) mod replay;
pub(crate) mod search;
pub(crate) mod settings;
mod time_line;
pub(crate) mod toast;
pub(crate) mod turn;
pub(crate) mod turns;
pub(crate) mod usage;
mod use_plots;
mod use_tables;
pub(crate) mod what_if;

use bar::{bar, legend, ruler, section_name, swatch};
use message::talk;
use post::{Now, post, post_now, time};

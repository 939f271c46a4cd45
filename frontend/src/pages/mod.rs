//! The pages, one file a route: what each asks for, follows and sends. What it shows is drawn in `sheets`.

pub(crate) mod analyses;
pub(crate) mod chats;
pub(crate) mod console;
pub(crate) mod episodes;
pub(crate) mod facts;
pub(crate) mod history;
pub(crate) mod imports;
pub(crate) mod overview;
pub(crate) mod proposals;
pub(crate) mod settings;
pub(crate) mod turn;
pub(crate) mod turns;
pub(crate) mod usage;
mod what_if;

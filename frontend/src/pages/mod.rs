//! The pages, one file a route.

pub(crate) mod chats;
pub(crate) mod console;
pub(crate) mod facts;
pub(crate) mod history;
pub(crate) mod overview;
pub(crate) mod settings;
pub(crate) mod turn;
pub(crate) mod turns;

//! The memory engine: takes messages in, answers them, and tells what it knows.
//!
//! [`Engine`] is a cheap handle that doors (Telegram, web) share. Its parts: [`turn`] answers one message or burst;
//! [`inspect`] reads for pages and the API; [`facts`] and [`settings`] change what a person may change;
//! [`recall`] finds old messages; [`events`] tells the doors what happened.
//!
//! # A message's way
//! A door calls [`Engine::receive`], which commits the message before anything else, then [`Engine::answer`]. Turns of a
//! chat run one after another; whatever arrived while the reply before was being made is answered together, and the
//! callers whose message went along get `None`. The caller that gets the [`Answer`] delivers it and calls
//! [`Engine::delivered`]; until then no other turn of that chat begins, so replies cannot overtake each other.

pub mod events;
pub mod incoming;
pub mod turn;

pub use events::ChatEvent;
pub use incoming::{Incoming, Origin, Received, TelegramChat, UpdateKey};
pub use turn::{Answer, Delivery};

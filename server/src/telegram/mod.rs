//! Telegram: updates in, replies out.

mod format;

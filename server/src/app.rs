//! The app: the only place where things are wired.

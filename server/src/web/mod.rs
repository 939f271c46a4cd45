//! The web: pages, API, sign-in.

//! Souvenir from outside.

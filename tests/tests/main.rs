//! Every test of Souvenir from outside, in one binary.

mod servers;
mod window;

//! Tests of the builder: examples with concrete numbers, and properties that hold for any snapshot.

mod any;
mod conversations;
mod counters;
mod examples;
mod properties;
mod snapshots;

//! Tests of the builder: examples with concrete numbers, and properties that hold for any snapshot.

mod counters;
mod examples;
mod snapshots;

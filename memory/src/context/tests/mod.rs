//! Tests of the builder: examples with concrete numbers, and properties that hold for any snapshot.

mod absences;
mod any;
mod conversations;
mod counters;
mod layout;
mod properties;
mod reading;
mod recent;
mod remembered;
mod snapshots;
mod tool;

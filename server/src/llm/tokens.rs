//! Counting tokens exactly, off the async threads.

//! What the kernel says of this process.

use std::fs;

/// Bytes that this process made the kernel write to disk; zero where `/proc` does not tell.
pub(crate) fn written_bytes() -> u64 {
    field("/proc/self/io", "write_bytes:")
}

/// The memory this process occupies, in KiB.
pub(crate) fn resident_kib() -> u64 {
    field("/proc/self/status", "VmRSS:")
}

fn field(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

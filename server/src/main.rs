//! The `souvenir` command.

fn main() {}

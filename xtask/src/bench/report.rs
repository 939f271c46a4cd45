//! The figures as a table beside the goals.

use serde_json::Value;

/// What checkpoints of the write-ahead log may add to the fsyncs of a turn.
const CHECKPOINTS: f64 = 0.1;

/// A goal, what was measured, and whether that is within it.
struct Line {
    what: String,
    goal: Option<(f64, &'static str)>,
    measured: Option<f64>,
}

pub(super) fn print(figures: &Value, sizes: &[u32]) {
    println!();
    print_turns(figures, sizes);
    println!();
    println!("{:<58} {:>14} {:>14}", "", "goal", "measured");
    for line in lines(figures, sizes) {
        line.print();
    }
    println!();
    print_speeds(&figures["tokens"]);
}

fn print_turns(figures: &Value, sizes: &[u32]) {
    println!(
        "{:>9} {:>10} {:>10} {:>10} {:>10} {:>14} {:>14} {:>12} {:>9}",
        "messages",
        "FULL p50",
        "p95",
        "NORMAL p50",
        "p95",
        "instructions",
        "context tokens",
        "written/turn",
        "B/message"
    );
    for size in sizes {
        let turn = &figures["turns"][size.to_string()];
        let ms = |mode: &str, share: &str| turn[mode][share].as_f64().unwrap_or_default() / 1000.0;
        println!(
            "{size:>9} {:>7.2} ms {:>7.2} ms {:>7.2} ms {:>7.2} ms {:>14} {:>14} {:>10} B {:>9.0}",
            ms("full", "p50_us"),
            ms("full", "p95_us"),
            ms("normal", "p50_us"),
            ms("normal", "p95_us"),
            turn["instructions"],
            turn["full"]["measured"]["context_tokens"],
            turn["full"]["measured"]["written_bytes_per_turn"],
            bytes_a_message(figures, *size).unwrap_or_default(),
        );
    }
}

fn lines(figures: &Value, sizes: &[u32]) -> Vec<Line> {
    let instructions = |size: u32| figures["turns"][size.to_string()]["instructions"].as_f64();
    let largest = sizes.last().copied().unwrap_or_default();
    let ratio = instructions(largest).zip(instructions(1_000)).map(|(large, small)| large / small);
    let mib = |name: &str| figures["memory"][name].as_f64().map(|kib| kib / 1024.0);
    let recall = |what: &str, share: &str| figures["recall"][what][share].as_f64().map(|micros| micros / 1000.0);
    let line = |what: &str, goal, measured| Line { what: what.to_owned(), goal, measured };
    let mut lines = vec![
        line("million instructions a turn at 1,000 messages", Some((9.7, "M")), instructions(1_000).map(millions)),
        line("  the stretch goal", Some((5.8, "M")), instructions(1_000).map(millions)),
        line(&format!("instructions at {largest} messages over those at 1,000"), Some((1.2, "×")), ratio),
        line("fsyncs a turn, synchronous=FULL", Some((3.0 + CHECKPOINTS, "")), figures["fsyncs"]["full"].as_f64()),
        line("fsyncs a turn, synchronous=NORMAL", Some((CHECKPOINTS, "")), figures["fsyncs"]["normal"].as_f64()),
        line("bytes on disk a message, at the largest", Some((600.0, "B")), bytes_a_message(figures, largest)),
        line("memory of an idle process before the first count", Some((40.0, "MB")), mib("idle_kib")),
        line("memory after the first count", Some((90.0, "MB")), mib("after_kib")),
    ];
    if !figures["recall"].is_null() {
        lines.extend([
            line("recall among a million messages, 3 words, p50", None, recall("three_words", "p50_us")),
            line("recall among a million messages, 3 words, p99", Some((10.0, "ms")), recall("three_words", "p99_us")),
            line("recall by a whole message, p50", None, recall("whole_message", "p50_us")),
            line("recall by a whole message, p99", Some((10.0, "ms")), recall("whole_message", "p99_us")),
            line("the same with vectors of 384 dimensions, p50", None, recall("hybrid", "p50_us")),
            line("the same with vectors of 384 dimensions, p99", Some((10.0, "ms")), recall("hybrid", "p99_us")),
        ]);
    }
    lines
}

impl Line {
    fn print(&self) {
        let unit = self.goal.map_or("", |(_, unit)| unit);
        let goal = self.goal.map_or(String::new(), |(goal, unit)| format!("{goal} {unit}"));
        let measured = self.measured.map_or("not measured".to_owned(), |value| format!("{value:.2} {unit}"));
        let verdict = match (self.goal, self.measured) {
            (Some((goal, _)), Some(measured)) if measured <= goal => "met",
            (Some(_), Some(_)) => "NOT MET",
            _ => "",
        };
        println!("{:<58} {goal:>14} {measured:>14}  {verdict}", self.what);
    }
}

fn bytes_a_message(figures: &Value, size: u32) -> Option<f64> {
    Some(figures["sizes"][size.to_string()]["bytes"].as_f64()? / f64::from(size))
}

fn millions(count: f64) -> f64 {
    count / 1e6
}

fn print_speeds(tokens: &Value) {
    println!("counting tokens: loaded in {} ms, {} KiB", tokens["load_ms"], tokens["vocabulary_kib"]);
    for (what, speed) in tokens["mb_per_s"].as_object().into_iter().flatten() {
        println!(
            "{:>40} {speed:>8} MB/s",
            if what == "conversation" { what.clone() } else { format!("3 MB of {what}") }
        );
    }
}

//! A chat's document for people: what was said, day by day, then what is remembered.

use serde_json::Value;

use crate::clock::{self, TimeZone};

/// Writes Markdown, line by line of the document.
#[derive(Debug)]
pub(super) struct Markdown {
    zone: TimeZone,
    /// The day of the last message, or the section that was begun last.
    under: String,
    /// The bot's name.
    bot: &'static str,
}

impl Markdown {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, under: String::new(), bot: "Souvenir" }
    }

    /// What a line of the document says; nothing where people need not know.
    pub(super) fn line(&mut self, line: &str) -> String {
        let Ok(line) = serde_json::from_str::<Value>(line) else { return String::new() };
        match line["type"].as_str().unwrap_or_default() {
            "souvenir" => format!("# {}\n", one_line(&line["chat"]["title"])),
            "message" => self.message(&line),
            "fact_version" if line["expired_at"].is_null() && line["status"] == "active" => {
                let head = self.begin("What is remembered");
                let subject = line["subject"].as_str().map(|subject| format!("{subject}: ")).unwrap_or_default();
                let since =
                    self.told(&line["valid_at"], "%-d %B %Y").map(|day| format!(" (since {day})")).unwrap_or_default();
                format!("{head}- {subject}{}{since}\n", one_line(&line["statement"]))
            }
            "summary" if line["expired_at"].is_null() => {
                let head = self.begin("Summaries");
                format!("{head}- {}\n", one_line(&line["text"]))
            }
            _ => String::new(),
        }
    }

    fn message(&mut self, line: &Value) -> String {
        let day = self.told(&line["said_at"], "%A %-d %B %Y").unwrap_or_default();
        let head = self.begin(&day);
        let time = self.told(&line["said_at"], "%H:%M").unwrap_or_default();
        let who = match (line["role"].as_str(), line["author"].as_str()) {
            (Some("assistant"), _) => self.bot,
            (_, Some(author)) => author,
            _ => "somebody",
        };
        let forward = line["forwarded_from"].as_str().map(|from| format!(", forwarding {from}")).unwrap_or_default();
        let archived = if line["archived_at"].is_null() { "" } else { ", archived" };
        let text = line["text"].as_str().unwrap_or_default().trim_end();
        format!("{head}**{}**{forward}{archived}, {time}\n\n{text}\n\n", who.replace('*', "\\*"))
    }

    /// A heading, where another one stood before.
    fn begin(&mut self, heading: &str) -> String {
        if self.under == heading {
            return String::new();
        }
        heading.clone_into(&mut self.under);
        format!("\n## {heading}\n\n")
    }

    fn told(&self, at: &Value, format: &str) -> Option<String> {
        let at = clock::parse_rfc3339(at.as_str()?)?;
        Some(clock::local(at, &self.zone, format))
    }
}

fn one_line(text: &Value) -> String {
    text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_reads_as_a_diary_with_what_is_remembered_at_its_end() {
        let mut markdown = Markdown::new(TimeZone::UTC);
        let lines = [
            r#"{"type":"souvenir","version":2,"chat":{"title":"Ada"}}"#,
            r#"{"type":"message","role":"user","author":"Ada","said_at":"2025-01-01T10:00:00.000Z","text":"I live in Lyon.","archived_at":null}"#,
            r#"{"type":"message","role":"assistant","said_at":"2025-01-01T10:01:00.000Z","text":"Noted.","archived_at":null}"#,
            r#"{"type":"message","role":"user","author":null,"said_at":"2025-01-02T10:01:00.000Z","text":"x","forwarded_from":"Ben"}"#,
            r#"{"type":"turn","state":"done"}"#,
            r#"{"type":"fact_version","status":"active","subject":"Ada","statement":"lives in Lyon","expired_at":null,"valid_at":"2025-01-01T00:00:00Z"}"#,
            r#"{"type":"fact_version","status":"superseded","statement":"lives in Nice","expired_at":null}"#,
        ];
        let text: String = lines.iter().map(|line| markdown.line(line)).collect();
        assert_eq!(
            text,
            "# Ada\n\n## Wednesday 1 January 2025\n\n**Ada**, 10:00\n\nI live in Lyon.\n\n**Souvenir**, 10:01\n\nNoted.\n\n\n\
             ## Thursday 2 January 2025\n\n**somebody**, forwarding Ben, 10:01\n\nx\n\n\n## What is remembered\n\n\
             - Ada: lives in Lyon (since 1 January 2025)\n"
        );
    }
}

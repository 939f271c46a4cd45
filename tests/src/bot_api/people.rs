//! Who talks to the bot, and where.

use serde_json::{Value, json};

/// Somebody who can write to the bot; also their private chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Telegram's id, of the user and of the private chat alike.
    pub id: i64,
    /// The first name.
    pub name: String,
    /// The language of the app, such as `en`.
    pub language: String,
}

/// A group that the bot is a member of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Telegram's id: negative.
    pub id: i64,
    /// What it is called.
    pub title: String,
}

/// Where a message can stand.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Private(Person),
    Group(Group),
}

impl Person {
    pub(super) fn as_user(&self) -> Value {
        json!({
            "id": self.id, "is_bot": false, "first_name": self.name, "username": format!("user{}", self.id),
            "language_code": self.language,
        })
    }

    pub(super) fn as_chat(&self) -> Value {
        json!({"id": self.id, "type": "private", "first_name": self.name, "username": format!("user{}", self.id)})
    }
}

impl Group {
    /// Supergroups have ids of their own range.
    fn kind(&self) -> &'static str {
        if self.id <= -1_000_000_000_000 { "supergroup" } else { "group" }
    }

    pub(super) fn as_chat(&self) -> Value {
        json!({"id": self.id, "type": self.kind(), "title": self.title})
    }
}

impl Place {
    pub(super) fn id(&self) -> i64 {
        match self {
            Self::Private(person) => person.id,
            Self::Group(group) => group.id,
        }
    }

    pub(super) fn as_chat(&self) -> Value {
        match self {
            Self::Private(person) => person.as_chat(),
            Self::Group(group) => group.as_chat(),
        }
    }
}

//! Walking through a document: only the heads of chats and their lists of messages are taken apart.

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use souvenir_memory::import::ExportedChat;

use super::{HEADLESS, Heads, sink::Sink};

/// What walks through a document.
pub(super) struct Walk {
    pub(super) sink: Sink,
    /// Whether a list of messages was seen.
    pub(super) found: bool,
    pub(super) heads: Heads,
}

/// An object that holds a chat's head and its messages; the whole document may, or it holds a list of chats.
pub(super) struct ChatVisitor<'a> {
    pub(super) walk: &'a mut Walk,
    pub(super) is_top: bool,
}

impl<'de> Visitor<'de> for ChatVisitor<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an export")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut name, mut sort, mut id) = (Value::Null, Value::Null, Value::Null);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" => name = map.next_value()?,
                "type" => sort = map.next_value()?,
                "id" => id = map.next_value()?,
                "messages" => {
                    let place = usize::try_from(self.walk.sink.chat).unwrap_or(usize::MAX);
                    let head = match &self.walk.heads {
                        Heads::Known(heads) => heads.get(place).cloned(),
                        Heads::AsTheyCome if place == 0 && sort.is_null() => return Err(A::Error::custom(HEADLESS)),
                        Heads::AsTheyCome => None,
                    };
                    let head = head.unwrap_or_else(|| ExportedChat::new(&name, &sort, &id));
                    map.next_value_seed(Messages { walk: self.walk, head })?;
                }
                "chats" | "left_chats" if self.is_top => map.next_value_seed(Chats { walk: self.walk })?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for ChatVisitor<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

/// The part of a full export that lists chats.
struct Chats<'a> {
    walk: &'a mut Walk,
}

impl<'de> DeserializeSeed<'de> for Chats<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Chats<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("chats")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "list" {
                map.next_value_seed(Chats { walk: self.walk })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(ChatVisitor { walk: self.walk, is_top: false })?.is_some() {}
        Ok(())
    }
}

/// A chat's list of messages.
struct Messages<'a> {
    walk: &'a mut Walk,
    head: ExportedChat,
}

impl<'de> DeserializeSeed<'de> for Messages<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Messages<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a list of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.walk.found = true;
        let sink = &mut self.walk.sink;
        sink.begin(self.head).map_err(A::Error::custom)?;
        while let Some(value) = list.next_element::<Value>()? {
            sink.take(&value).map_err(A::Error::custom)?;
        }
        sink.flush().map_err(A::Error::custom)
    }
}

/// Finds the heads of chats and skips their messages.
pub(super) struct HeadVisitor<'a> {
    pub(super) heads: &'a mut Vec<ExportedChat>,
    pub(super) is_top: bool,
}

impl<'de> Visitor<'de> for HeadVisitor<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an export")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut name, mut sort, mut id, mut has_messages) = (Value::Null, Value::Null, Value::Null, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" => name = map.next_value()?,
                "type" => sort = map.next_value()?,
                "id" => id = map.next_value()?,
                "chats" | "left_chats" | "list" if self.is_top => {
                    map.next_value_seed(HeadVisitor { heads: self.heads, is_top: true })?;
                }
                _ => {
                    has_messages |= key == "messages";
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if has_messages {
            self.heads.push(ExportedChat::new(&name, &sort, &id));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(HeadVisitor { heads: self.heads, is_top: false })?.is_some() {}
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for HeadVisitor<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

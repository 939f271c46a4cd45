//! What an update says: Telegram's many shapes, reduced to the few that Souvenir acts on.
//!
//! From groups only what may be a command, and presses. What is no text is kept as a few words about it, so that the model knows that something came.

use souvenir_memory::{FactId, MessageKind, Timestamp, media};
use teloxide::types::{CallbackQuery, Chat, Message, MessageEntityKind, MessageOrigin, Update, UpdateKind, User};

use super::{
    language::Language,
    media::{content, files, unknown},
    replies,
};
use crate::engine::{Incoming, Origin, Quoted, TelegramChat, UpdateKey};

/// Telegram keeps updates for a day: what claims to be older, or to come from the future, is dated now.
const OLDEST_MS: i64 = 24 * 60 * 60 * 1_000;
const AHEAD_MS: i64 = 60 * 1_000;
/// Of what a message refers to, so many characters are kept with it.
const LONGEST_QUOTE: usize = 1_000;

/// Something to act on.
#[derive(Debug)]
pub(super) enum Arrival {
    /// Somebody wrote.
    Message(Said),
    /// Somebody changed what they wrote.
    Edited(Said),
    /// Somebody pressed a button.
    Press(Press),
    /// Somebody stopped an answer that was being shown.
    Stopped {
        /// Telegram's id of the chat.
        chat: i64,
        /// The draft's number.
        draft: i64,
    },
    /// A group became a supergroup, which has another id.
    Migrated {
        /// The group's id.
        from: i64,
        /// The supergroup's.
        to: i64,
    },
}

/// A message, and who wrote it where.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) user: i64,
    pub(super) chat: TelegramChat,
    pub(super) incoming: Incoming,
    /// The fact that the message it replies to asks another wording of.
    pub(super) asked_about: Option<FactId>,
    /// Whether it replies to the bot or points at it by other means than its name.
    pub(super) to_bot: bool,
    /// The album that it is part of.
    pub(super) album: Option<String>,
}

/// A pressed button of one of our messages.
#[derive(Clone, Debug)]
pub(super) struct Press {
    /// The callback query, to be answered.
    pub(super) id: String,
    pub(super) user: i64,
    pub(super) author: String,
    pub(super) chat: TelegramChat,
    /// The message under which the button stands.
    pub(super) message_id: i32,
    /// What the button says to us.
    pub(super) data: String,
    pub(super) update: UpdateKey,
}

impl Said {
    /// The language to answer in.
    pub(super) fn language(&self) -> Language {
        Language::of(self.chat.language.as_deref())
    }

    /// Whether nothing was said with it: there is a note for the model to see next time, but nothing to answer now.
    pub(super) fn is_wordless(&self) -> bool {
        media::is_wordless(self.incoming.kind, &self.incoming.text)
    }

    /// Whether it came in a form that Telegram has invented since.
    pub(super) fn is_of_unknown_kind(&self) -> bool {
        self.incoming.kind == MessageKind::Media && self.incoming.text == unknown()
    }

    /// Whether a file came with it that may be read.
    pub(super) fn has_file(&self) -> bool {
        self.own_file().is_some()
    }

    /// That file.
    pub(super) fn own_file(&self) -> Option<&media::File> {
        self.incoming.files.iter().find(|(of_reply, _)| !of_reply).map(|(_, file)| file)
    }
}

/// Reads an update; `None` when it calls for nothing.
pub(super) fn read(update: Update, key: UpdateKey, now: Timestamp) -> Option<Arrival> {
    match update.kind {
        UpdateKind::Message(message) => migrated(&message).or_else(|| said(&message, key, now).map(Arrival::Message)),
        UpdateKind::EditedMessage(message) => said(&message, key, now).map(Arrival::Edited),
        UpdateKind::CallbackQuery(query) => press(query, key).map(Arrival::Press),
        // Being blocked or unblocked needs no action: sending finds out.
        _ => None,
    }
}

/// The old group says where it went, and the new one where it came from: either will do.
fn migrated(message: &Message) -> Option<Arrival> {
    let here = message.chat.id.0;
    let to = message.migrate_to_chat_id().map(|to| Arrival::Migrated { from: here, to: to.0 });
    to.or_else(|| message.migrate_from_chat_id().map(|from| Arrival::Migrated { from: from.0, to: here }))
}

fn said(message: &Message, key: UpdateKey, now: Timestamp) -> Option<Said> {
    let user = message.from.as_ref().filter(|user| !user.is_bot)?;
    let asked_about = asked_about(message, key);
    let (kind, text) = content(message)?;
    let chat = chat(&message.chat, message, user);
    let incoming = Incoming {
        origin: Origin::Telegram(chat.clone()),
        update: Some(key),
        telegram_message_id: Some(i64::from(message.id.0)),
        author: Some(user.full_name()),
        author_id: id_of(user),
        text,
        kind,
        said_at: said_at(message, now),
        reply_to: message.reply_to_message().map(|replied| i64::from(replied.id.0)),
        forwarded_from: message.forward_origin().map(origin_name),
        quoted: quoted(message, key),
        overheard: false,
        // What the bot itself sent, it knows.
        files: files(message, message.reply_to_message().filter(|replied| !is_ours(replied, key))),
    };
    let album = message.media_group_id().map(|album| album.0.clone());
    let to_bot = message.reply_to_message().is_some_and(|replied| is_ours(replied, key)) || points_at_bot(message, key);
    Some(Said { user: id_of(user)?, chat, incoming, asked_about, to_bot, album })
}

fn is_ours(message: &Message, key: UpdateKey) -> bool {
    message.from.as_ref().and_then(id_of) == Some(key.bot_id)
}

/// Whether a word of it leads to the bot: for bots without a name of their own in the text.
fn points_at_bot(message: &Message, key: UpdateKey) -> bool {
    let entities = message.entities().or_else(|| message.caption_entities()).unwrap_or_default();
    entities.iter().any(|entity| match &entity.kind {
        MessageEntityKind::TextMention { user } => id_of(user) == Some(key.bot_id),
        _ => false,
    })
}

/// What it refers to: the part that was quoted, else the message it replies to. What the bot asks is no talk, and neither is
/// the message that opened a topic, which Telegram names in every message there.
fn quoted(message: &Message, key: UpdateKey) -> Option<Quoted> {
    let replied = message.reply_to_message();
    let part = message.quote().map(|quote| quote.text.clone());
    let is_part = part.is_some();
    // A rich message of ours cannot be read from what Telegram gives back; the engine holds it.
    let is_readable = |message: &&Message| message.text().is_some() || !is_ours(message, key);
    let whole = || {
        replied.map(|replied| {
            Some(replied).filter(is_readable).and_then(content).map(|(_, text)| text).unwrap_or_default()
        })
    };
    let text: String = part.or_else(whole)?.chars().take(LONGEST_QUOTE).collect();
    let author = replied.filter(|replied| !is_ours(replied, key)).and_then(|replied| replied.from.as_ref());
    Some(Quoted { text, author: author.map(User::full_name), is_part })
}

/// The fact that the bot's message to which this is a reply asks another wording of.
fn asked_about(message: &Message, key: UpdateKey) -> Option<FactId> {
    let replied = message.reply_to_message()?;
    replied.text().filter(|_| is_ours(replied, key)).and_then(replies::facts::asked_about)
}

fn press(query: CallbackQuery, key: UpdateKey) -> Option<Press> {
    let message = query.message.as_ref()?;
    let user = id_of(&query.from)?;
    let thread_id = message.regular_message().and_then(thread_id);
    let chat = TelegramChat {
        chat_id: message.chat().id.0,
        thread_id,
        private: message.chat().is_private(),
        title: title(message.chat(), &query.from),
        language: query.from.language_code.clone(),
    };
    Some(Press {
        user,
        author: query.from.full_name(),
        chat,
        message_id: message.id().0,
        data: query.data.unwrap_or_default(),
        id: query.id.0,
        update: key,
    })
}

fn chat(chat: &Chat, message: &Message, user: &User) -> TelegramChat {
    TelegramChat {
        chat_id: chat.id.0,
        thread_id: thread_id(message),
        private: chat.is_private(),
        title: title(chat, user),
        language: user.language_code.clone(),
    }
}

/// The person's name, or the group's.
fn title(chat: &Chat, user: &User) -> String {
    let group = chat.title().filter(|_| !chat.is_private());
    group.map_or_else(|| user.full_name(), str::to_owned)
}

/// The topic, where the chat has topics; a thread of replies is none.
fn thread_id(message: &Message) -> Option<i64> {
    message.thread_id.filter(|_| message.is_topic_message).map(|thread| i64::from(thread.0.0))
}

fn id_of(user: &User) -> Option<i64> {
    i64::try_from(user.id.0).ok()
}

fn said_at(message: &Message, now: Timestamp) -> Option<Timestamp> {
    let at = Timestamp(message.date.timestamp_millis());
    (-AHEAD_MS..=OLDEST_MS).contains(&now.millis_since(at)).then_some(at)
}

fn origin_name(origin: &MessageOrigin) -> String {
    match origin {
        MessageOrigin::User { sender_user, .. } => sender_user.full_name(),
        MessageOrigin::HiddenUser { sender_user_name, .. } => sender_user_name.clone(),
        MessageOrigin::Chat { sender_chat: chat, .. } | MessageOrigin::Channel { chat, .. } => {
            chat.title().or(chat.username()).unwrap_or("a chat").to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use souvenir_memory::media::FileKind;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_353_480_000);
    const KEY: UpdateKey = UpdateKey { bot_id: 7, update_id: 1 };

    fn read_update(update: Value) -> Option<Arrival> {
        read(serde_json::from_str(&update.to_string()).unwrap(), KEY, NOW)
    }

    fn read_message(more: Value) -> Option<Arrival> {
        let mut message = json!({
            "message_id": 5, "date": NOW.0 / 1_000 - 60,
            "chat": {"id": 42, "type": "private", "first_name": "Ada"},
            "from": {"id": 42, "is_bot": false, "first_name": "Ada", "last_name": "L", "language_code": "fr"},
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let update = json!({"update_id": 1, "message": message});
        read_update(update)
    }

    fn incoming(more: Value) -> Incoming {
        match read_message(more) {
            Some(Arrival::Message(said)) => said.incoming,
            other => panic!("not a message: {other:?}"),
        }
    }

    #[test]
    fn a_text_comes_with_who_said_it_when_and_where() {
        let said = incoming(json!({"text": "hello"}));
        assert_eq!((said.kind, said.text.as_str()), (MessageKind::Text, "hello"));
        assert_eq!(said.author.as_deref(), Some("Ada L"));
        assert_eq!((said.author_id, said.telegram_message_id), (Some(42), Some(5)));
        assert_eq!(said.said_at, Some(Timestamp(NOW.0 - 60_000)));
        let Origin::Telegram(chat) = said.origin else { panic!("not from Telegram") };
        assert_eq!((chat.chat_id, chat.thread_id, chat.language.as_deref()), (42, None, Some("fr")));
    }

    #[test]
    fn a_date_telegram_cannot_have_kept_is_now() {
        for date in [1_000, NOW.0 / 1_000 - 25 * 3_600, NOW.0 / 1_000 + 3_600] {
            assert_eq!(incoming(json!({"text": "x", "date": date})).said_at, None);
        }
    }

    #[test]
    fn replies_and_forwards_keep_where_they_come_from() {
        let replied = json!({"message_id": 3, "date": 1, "chat": {"id": 42, "type": "private"}, "text": "before"});
        assert_eq!(incoming(json!({"text": "x", "reply_to_message": replied})).reply_to, Some(3));
        let origin = json!({"type": "hidden_user", "date": 1, "sender_user_name": "Ben"});
        assert_eq!(incoming(json!({"text": "x", "forward_origin": origin})).forwarded_from.as_deref(), Some("Ben"));
    }

    #[test]
    fn what_is_no_text_becomes_words_about_it() {
        let size = json!({"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1});
        let photo = incoming(json!({"photo": [size], "caption": "my cat"}));
        assert_eq!((photo.kind, photo.text.as_str()), (MessageKind::Media, "[photo] my cat"));
        let voice = json!({"file_id": "a", "file_unique_id": "b", "duration": 4, "mime_type": "audio/ogg"});
        assert_eq!(incoming(json!({"voice": voice})).text, "[voice message, 4 s]");
        let novel = incoming(json!({"hologram": {"depth": 3}}));
        assert_eq!(novel.text, "[a message of a kind that cannot be read yet]");
        assert!(media::is_wordless(novel.kind, &novel.text) && !media::is_wordless(photo.kind, &photo.text));
    }

    #[test]
    fn a_file_that_may_be_read_is_named_with_its_message() {
        let size =
            |id: &str, side: u32| json!({"file_id": id, "file_unique_id": id, "width": side, "height": side / 2});
        let photo = incoming(json!({"photo": [size("s", 90), size("m", 1_280), size("l", 2_560)]}));
        let (of_reply, file) = photo.files.first().expect("a file");
        assert_eq!((*of_reply, file.kind, file.id.as_str()), (false, FileKind::Picture, "m"), "no larger than is seen");
        let document = |name: &str, mime: &str| {
            let said = incoming(json!({"document": {"file_id": "d", "file_unique_id": "d", "file_name": name,
                "mime_type": mime, "file_size": 12}}));
            said.files.first().map(|(_, file)| (file.kind, file.bytes))
        };
        for (name, mime) in [("a.txt", "text/plain"), ("a.RS", "application/octet-stream"), ("a", "application/json")] {
            assert_eq!(document(name, mime), Some((FileKind::Document, Some(12))), "{name}");
        }
        assert_eq!(document("cat.png", "image/png"), Some((FileKind::Picture, Some(12))));
        for (name, mime) in [("a.pdf", "application/pdf"), ("a.zip", "application/zip"), ("c", "application/x-what")] {
            assert_eq!(document(name, mime), None, "{name}");
        }
    }

    #[test]
    fn a_reply_brings_the_file_of_what_it_replies_to_unless_the_bot_sent_that() {
        let voice = json!({"file_id": "v", "file_unique_id": "v", "duration": 4, "mime_type": "audio/ogg"});
        let replied = |from: i64| {
            let from = json!({"id": from, "is_bot": from == KEY.bot_id, "first_name": "X"});
            let chat = json!({"id": 42, "type": "private"});
            let message = json!({"message_id": 3, "date": 1, "chat": chat, "from": from, "voice": voice});
            incoming(json!({"text": "what does it say?", "reply_to_message": message})).files
        };
        assert!(matches!(replied(9).as_slice(), [(true, file)] if file.kind == FileKind::Voice));
        assert!(replied(KEY.bot_id).is_empty());
    }

    #[test]
    fn what_bots_say_calls_for_nothing_and_an_edit_is_told_from_a_message() {
        let bot = json!({"text": "x", "from": {"id": 9, "is_bot": true, "first_name": "B"}});
        assert!(read_message(bot).is_none());
        let edit = json!({"message_id": 5, "date": 1, "edit_date": 2, "chat": {"id": 42, "type": "private"}, "text": "x",
            "from": {"id": 42, "is_bot": false, "first_name": "Ada"}});
        let update = json!({"update_id": 1, "edited_message": edit});
        assert!(matches!(read_update(update), Some(Arrival::Edited(said)) if said.incoming.text == "x"));
    }

    #[test]
    fn what_a_message_is_about_comes_with_it() {
        let replied = |from: Value| {
            let chat = json!({"id": 42, "type": "private"});
            json!({"message_id": 3, "date": 1, "chat": chat, "from": from, "text": "Shall we meet at noon, or later?"})
        };
        let ours = json!({"id": KEY.bot_id, "is_bot": true, "first_name": "B"});
        let ben = json!({"id": 9, "is_bot": false, "first_name": "Ben"});
        let quoted = |more: Value| incoming(more).quoted.map(|quoted| (quoted.text, quoted.author));
        let whole = "Shall we meet at noon, or later?".to_owned();
        assert_eq!(quoted(json!({"text": "x", "reply_to_message": replied(ours)})), Some((whole.clone(), None)));
        let of_ben = replied(ben);
        assert_eq!(quoted(json!({"text": "x", "reply_to_message": of_ben})), Some((whole, Some("Ben".to_owned()))));
        let part = json!({"text": "x", "reply_to_message": of_ben, "quote": {"text": "at noon", "position": 14}});
        assert_eq!(quoted(part), Some(("at noon".to_owned(), Some("Ben".to_owned()))));
        assert_eq!(quoted(json!({"text": "x"})), None);
    }

    #[test]
    fn a_group_tells_what_is_said_to_the_bot() {
        let said = |more: Value| match read_message(more) {
            Some(Arrival::Message(said)) => said.to_bot,
            other => panic!("not a message: {other:?}"),
        };
        let group = json!({"id": -1, "type": "group", "title": "G"});
        let bot = json!({"id": KEY.bot_id, "is_bot": true, "first_name": "B"});
        assert!(!said(json!({"text": "x", "chat": group})));
        let reply = json!({"message_id": 3, "date": 1, "chat": group, "from": bot, "text": "y"});
        assert!(said(json!({"text": "x", "chat": group, "reply_to_message": reply})));
        let mention = json!([{"type": "text_mention", "offset": 0, "length": 1, "user": bot}]);
        assert!(said(json!({"text": "x", "chat": group, "entities": mention})));
    }

    #[test]
    fn a_command_in_a_group_belongs_to_the_group() {
        let group = json!({"text": "/facts", "chat": {"id": -1, "type": "group", "title": "G"}});
        let Some(Arrival::Message(said)) = read_message(group) else { panic!("not a message") };
        assert_eq!((said.chat.private, said.chat.title.as_str(), said.user), (false, "G", 42));
    }

    #[test]
    fn a_reply_to_the_bots_question_says_of_which_fact() {
        let reply_to = |from: i64, text: &str| {
            let from = json!({"id": from, "is_bot": true, "first_name": "B"});
            let chat = json!({"id": 42, "type": "private"});
            let replied = json!({"message_id": 3, "date": 1, "chat": chat, "from": from, "text": text});
            match read_message(json!({"text": "x", "reply_to_message": replied})) {
                Some(Arrival::Message(said)) => said.asked_about,
                other => panic!("not a message: {other:?}"),
            }
        };
        assert_eq!(reply_to(KEY.bot_id, "✏️ #12 · Reply to this message"), Some(FactId(12)));
        assert_eq!(reply_to(KEY.bot_id, "The fact is #12"), None);
        assert_eq!(reply_to(99, "✏️ #12 · Reply to this message"), None);
    }

    #[test]
    fn a_group_that_becomes_a_supergroup_says_so_on_both_sides() {
        let update = |message: Value| read_update(json!({"update_id": 1, "message": message}));
        let old = json!({"message_id": 5, "date": 1, "chat": {"id": -7, "type": "group", "title": "G"},
            "migrate_to_chat_id": -1007});
        let new = json!({"message_id": 1, "date": 1, "chat": {"id": -1007, "type": "supergroup", "title": "G"},
            "migrate_from_chat_id": -7});
        for message in [old, new] {
            assert!(matches!(update(message), Some(Arrival::Migrated { from: -7, to: -1007 })));
        }
    }

    #[test]
    fn a_pressed_button_says_what_and_where() {
        let message = json!({"message_id": 8, "date": 1, "chat": {"id": 42, "type": "private"}, "text": "choose"});
        let query = json!({"id": "99", "from": {"id": 42, "is_bot": false, "first_name": "Ada"}, "message": message,
            "chat_instance": "1", "data": "session:short"});
        let update = json!({"update_id": 1, "callback_query": query});
        let Some(Arrival::Press(press)) = read_update(update) else { panic!("not a press") };
        assert_eq!((press.id.as_str(), press.user, press.message_id), ("99", 42, 8));
        assert_eq!((press.data.as_str(), press.chat.chat_id), ("session:short", 42));
    }
}

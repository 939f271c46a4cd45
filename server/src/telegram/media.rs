//! What is no text, in a few words; and the file of it that may be read.

use souvenir_memory::{
    MessageKind,
    media::{self, File, FileKind},
};
use teloxide::types::{Document, FileMeta, Message, MessageKind as TelegramKind, PhotoSize};

/// The longer side of the picture that a model is shown: of the sizes that Telegram makes, the largest that costs no more than
/// it shows.
const LONGEST_SIDE: u32 = 1_280;
/// Media types of text that do not say so.
const TEXT_TYPES: [&str; 9] = [
    "application/json",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/toml",
    "application/sql",
    "application/javascript",
    "application/x-sh",
    "application/x-ndjson",
];
/// Endings of names of text that is often sent as anything.
const TEXT_ENDINGS: [&str; 54] = [
    "adoc", "bash", "bat", "bib", "c", "cc", "cfg", "conf", "cpp", "cs", "css", "csv", "diff", "env", "go", "h", "hpp",
    "htm", "html", "ics", "ini", "java", "js", "json", "jsonl", "kt", "log", "lua", "md", "mjs", "org", "patch", "php",
    "pl", "ps1", "py", "r", "rb", "rs", "rst", "scala", "sh", "sql", "srt", "svg", "swift", "tex", "toml", "ts", "tsv",
    "txt", "vtt", "xml", "yaml",
];
/// Endings that are text beside those.
const MORE_TEXT_ENDINGS: [&str; 8] = ["yml", "markdown", "text", "tsx", "jsx", "vue", "properties", "gitignore"];

/// What was said; `None` for what happened, such as a pinned message.
pub(super) fn content(message: &Message) -> Option<(MessageKind, String)> {
    if let Some(text) = message.text() {
        return Some((MessageKind::Text, text.to_owned()));
    }
    let what = match &message.kind {
        TelegramKind::Common(_) => what(message),
        TelegramKind::Empty { .. } => UNKNOWN.to_owned(),
        _ => return None,
    };
    let caption = message.caption().map(|caption| format!(" {caption}")).unwrap_or_default();
    Some((MessageKind::Media, format!("{}{caption}", media::note(&what))))
}

/// What comes in a form that Telegram has invented since.
const UNKNOWN: &str = "a message of a kind that cannot be read yet";

/// How that is kept.
pub(super) fn unknown() -> String {
    media::note(UNKNOWN)
}

/// A few words about what is not text.
fn what(message: &Message) -> String {
    let named = |what: &str, name: Option<&str>| name.map_or(what.to_owned(), |name| format!("{what}: {name}"));
    if message.photo().is_some() {
        "photo".to_owned()
    } else if let Some(voice) = message.voice() {
        format!("voice message, {} s", voice.duration.seconds())
    } else if let Some(video) = message.video_note() {
        format!("video message, {} s", video.duration.seconds())
    } else if message.animation().is_some() {
        "animation".to_owned()
    } else if let Some(video) = message.video() {
        named("video", video.file_name.as_deref())
    } else if let Some(audio) = message.audio() {
        named("audio", audio.title.as_deref().or(audio.file_name.as_deref()))
    } else if let Some(document) = message.document() {
        let name = document.file_name.as_deref();
        named(if is_picture(document) { "picture" } else { "file" }, name)
    } else if let Some(sticker) = message.sticker() {
        named("sticker", sticker.emoji.as_deref())
    } else if let Some(contact) = message.contact() {
        named("contact", Some(&contact.first_name))
    } else if let Some(venue) = message.venue() {
        named("place", Some(&venue.title))
    } else if let Some(place) = message.location() {
        format!("location: {}, {}", place.latitude, place.longitude)
    } else if let Some(poll) = message.poll() {
        let options: Vec<&str> = poll.options.iter().map(|option| option.text.as_str()).collect();
        format!("poll: {} ({})", poll.question, options.join(" / "))
    } else if let Some(dice) = message.dice() {
        format!("dice: {}", dice.value)
    } else {
        UNKNOWN.to_owned()
    }
}

/// The files to read with a message: its own, and that of what it replies to.
pub(super) fn files(message: &Message, replied: Option<&Message>) -> Vec<(bool, File)> {
    let own = file(message).map(|file| (false, file));
    own.into_iter().chain(replied.and_then(file).map(|file| (true, file))).collect()
}

/// The file of a message that may be read.
fn file(message: &Message) -> Option<File> {
    if let Some(sizes) = message.photo() {
        let size = best(sizes)?;
        return Some(of(FileKind::Picture, &size.file, None, Some("image/jpeg".to_owned())));
    }
    if let Some(voice) = message.voice() {
        let mime = voice.mime_type.as_ref().map(ToString::to_string);
        return Some(lasting(voice.duration.seconds(), of(FileKind::Voice, &voice.file, None, mime)));
    }
    if let Some(video) = message.video_note() {
        let file = of(FileKind::Voice, &video.file, None, Some("video/mp4".to_owned()));
        return Some(lasting(video.duration.seconds(), file));
    }
    if let Some(audio) = message.audio() {
        let mime = audio.mime_type.as_ref().map(ToString::to_string);
        return Some(lasting(
            audio.duration.seconds(),
            of(FileKind::Audio, &audio.file, audio.file_name.clone(), mime),
        ));
    }
    // An animation comes as a document, too.
    let document = message.document().filter(|_| message.animation().is_none())?;
    let kind = match document {
        document if is_picture(document) => FileKind::Picture,
        document if is_text(document) => FileKind::Document,
        _ => return None,
    };
    Some(of(kind, &document.file, document.file_name.clone(), document.mime_type.as_ref().map(ToString::to_string)))
}

fn of(kind: FileKind, meta: &FileMeta, name: Option<String>, mime: Option<String>) -> File {
    // A server that does not say how large it is leaves teloxide with the largest number.
    let bytes = (meta.size != u32::MAX).then(|| u64::from(meta.size));
    File { kind, id: meta.id.0.clone(), name, mime, bytes, seconds: None }
}

/// A recording of so many seconds.
fn lasting(seconds: u32, file: File) -> File {
    File { seconds: Some(seconds), ..file }
}

fn best(sizes: &[PhotoSize]) -> Option<&PhotoSize> {
    let side = |size: &&PhotoSize| size.width.max(size.height);
    let fitting = sizes.iter().filter(|size| side(size) <= LONGEST_SIDE).max_by_key(side);
    fitting.or_else(|| sizes.iter().min_by_key(side))
}

fn is_picture(document: &Document) -> bool {
    let mime = document.mime_type.as_ref().map(|mime| mime.essence_str());
    matches!(mime, Some("image/jpeg" | "image/png" | "image/webp" | "image/gif"))
}

/// Whether a document may be text, by its type or its name; its bytes have the last word.
fn is_text(document: &Document) -> bool {
    let says_so = |mime: &str| {
        mime.starts_with("text/") || mime.ends_with("+json") || mime.ends_with("+xml") || TEXT_TYPES.contains(&mime)
    };
    let name = document.file_name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let ending = name.rsplit('.').next().unwrap_or_default();
    document.mime_type.as_ref().is_some_and(|mime| says_so(mime.essence_str()))
        || (name.contains('.') && (TEXT_ENDINGS.contains(&ending) || MORE_TEXT_ENDINGS.contains(&ending)))
}

//! Files that people send: photos in several sizes, recordings, documents, albums; and the way to fetch them, `getFile` and an
//! address with the token in it, with Telegram's limit.

use std::path::Path;
use std::sync::Arc;

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::params::text;
use super::people::Place;
use super::refusal::Refusal;
use super::state::State;
use super::{BotApi, Call, Fault, Group, Person, TOKEN};
use crate::wire::{Cut, now};

/// Telegram's own server gives bots no larger files.
const LARGEST: usize = 20 * 1024 * 1024;

/// A file as somebody sends it.
#[derive(Clone, Debug)]
pub enum Attached {
    /// A photo of so many pixels; Telegram makes smaller ones of it.
    Photo(u32, u32),
    /// A voice message of so many seconds.
    Voice(u32, Vec<u8>),
    /// Music, or what passes for it, with its title.
    Audio(String, Vec<u8>),
    /// A file with its name and media type.
    Document(String, String, Vec<u8>),
    /// A sticker with its emoji: nothing to fetch.
    Sticker(String),
    /// A place: nothing to fetch.
    Location(f64, f64),
}

impl Attached {
    /// A text file.
    #[must_use]
    pub fn text(name: &str, content: &str) -> Self {
        Self::Document(name.to_owned(), "text/plain".to_owned(), content.as_bytes().to_vec())
    }
}

/// A file that waits to be fetched.
#[derive(Clone, Debug)]
pub(super) struct Held {
    bytes: Vec<u8>,
    /// Where it is; known once it was asked for.
    path: String,
    asked_for: bool,
}

/// A picture of so many pixels: its header, which is all that anybody here looks at.
#[must_use]
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let head =
        [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()].concat();
    [head.as_slice(), &[8, 2, 0, 0, 0]].concat()
}

impl BotApi {
    /// The person sends a file with a caption; gives the id of the update.
    pub fn send(&self, person: &Person, file: &Attached, caption: &str) -> i64 {
        self.send_at(person, &Place::Private(person.clone()), file, caption, &json!({}))
    }

    /// The same in a group.
    pub fn send_in(&self, group: &Group, person: &Person, file: &Attached, caption: &str) -> i64 {
        self.send_at(person, &Place::Group(group.clone()), file, caption, &json!({}))
    }

    /// The person sends several as an album, the caption under the first; gives the ids of the updates.
    pub fn send_album(&self, person: &Person, files: &[Attached], caption: &str) -> Vec<i64> {
        self.album_at(person, &Place::Private(person.clone()), files, caption)
    }

    /// The same in a group.
    pub fn send_album_in(&self, group: &Group, person: &Person, files: &[Attached], caption: &str) -> Vec<i64> {
        self.album_at(person, &Place::Group(group.clone()), files, caption)
    }

    /// The person passes on somebody's file; gives the id of the update.
    pub fn forward_file(&self, person: &Person, from: &str, file: &Attached) -> i64 {
        let origin = json!({"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": from}});
        self.send_at(person, &Place::Private(person.clone()), file, "", &origin)
    }

    fn album_at(&self, person: &Person, place: &Place, files: &[Attached], caption: &str) -> Vec<i64> {
        let album = json!({"media_group_id": format!("album-{}", self.state.borrow().next_message)});
        let send = |(at, file)| self.send_at(person, place, file, if at == 0 { caption } else { "" }, &album);
        files.iter().enumerate().map(send).collect()
    }

    fn send_at(&self, person: &Person, place: &Place, file: &Attached, caption: &str, more: &Value) -> i64 {
        self.change(|state| {
            state.started.insert(place.id());
            let mut message = state.blank_message(person, place);
            let (kind, content) = state.attach(file);
            message[kind] = content;
            if !caption.is_empty() {
                message["caption"] = json!(caption);
            }
            if let (Some(message), Some(more)) = (message.as_object_mut(), more.as_object()) {
                message.extend(more.clone());
            }
            state.queue_update(json!({"message": message}))
        })
    }

    /// Files of which somebody asked the server where they are.
    #[must_use]
    pub fn fetched(&self) -> usize {
        self.state.borrow().calls.iter().filter(|call| call.method == DOWNLOAD && call.status == Some(200)).count()
    }
}

/// What fetching a file is called in the log of calls.
pub(super) const DOWNLOAD: &str = "download";

impl State {
    /// Keeps a file; gives the field of the message it stands in.
    fn attach(&mut self, file: &Attached) -> (&'static str, Value) {
        match file {
            Attached::Photo(width, height) => {
                let sizes = [90, 320, 800, 1_280, 2_560];
                let long = (*width).max(*height);
                let smaller = sizes.into_iter().filter(|side| *side < long);
                let made: Vec<Value> =
                    smaller.chain([long]).map(|side| self.photo_size(*width, *height, side)).collect();
                ("photo", json!(made))
            }
            Attached::Voice(seconds, bytes) => {
                let mut voice = self.hold(bytes, "voice", "oga");
                voice["duration"] = json!(seconds);
                voice["mime_type"] = json!("audio/ogg");
                ("voice", voice)
            }
            Attached::Audio(title, bytes) => {
                let mut audio = self.hold(bytes, "music", "mp3");
                audio["duration"] = json!(60);
                audio["title"] = json!(title);
                audio["mime_type"] = json!("audio/mpeg");
                ("audio", audio)
            }
            Attached::Document(name, mime, bytes) => {
                let mut document = self.hold(bytes, "documents", "bin");
                document["file_name"] = json!(name);
                document["mime_type"] = json!(mime);
                ("document", document)
            }
            Attached::Sticker(emoji) => {
                let mut sticker = self.hold(&[], "stickers", "webp");
                let more = json!({"type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false,
                    "emoji": emoji});
                if let (Some(sticker), Some(more)) = (sticker.as_object_mut(), more.as_object()) {
                    sticker.extend(more.clone());
                }
                ("sticker", sticker)
            }
            Attached::Location(latitude, longitude) => {
                ("location", json!({"latitude": latitude, "longitude": longitude}))
            }
        }
    }

    fn photo_size(&mut self, width: u32, height: u32, side: u32) -> Value {
        let long = width.max(height);
        let (width, height) = (width * side / long, height * side / long);
        let mut size = self.hold(&picture(width, height), "photos", "jpg");
        size["width"] = json!(width);
        size["height"] = json!(height);
        size
    }

    fn hold(&mut self, bytes: &[u8], folder: &str, ending: &str) -> Value {
        let number = self.held.len();
        let id = format!("file-{number}-{folder}");
        let path = format!("{folder}/file_{number}.{ending}");
        self.held.insert(id.clone(), Held { bytes: bytes.to_vec(), path, asked_for: false });
        json!({"file_id": id, "file_unique_id": format!("unique-{number}"), "file_size": bytes.len()})
    }
}

/// `getFile`: where a file is, for an hour.
pub(super) fn get_file(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let id = text(params, "file_id").unwrap_or_default();
    let file = state.held.get_mut(id).ok_or_else(|| Refusal::bad("Bad Request: invalid file_id"))?;
    if file.bytes.len() > LARGEST {
        return Err(Refusal::bad("Bad Request: file is too big"));
    }
    file.asked_for = true;
    let unique = id.replace("file", "unique");
    let path = match &state.disk {
        Some(folder) if state.disk_is_elsewhere => folder.join(TOKEN).join(&file.path).display().to_string(),
        Some(folder) => put(&folder.join(TOKEN).join(&file.path), &file.bytes),
        None => file.path.clone(),
    };
    Ok(json!({"file_id": id, "file_unique_id": unique, "file_size": file.bytes.len(), "file_path": path}))
}

fn put(place: &Path, bytes: &[u8]) -> String {
    std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder for files");
    std::fs::write(place, bytes).expect("room for a file");
    place.display().to_string()
}

/// Whether this is the address of a file, of whichever bot.
pub(super) fn is_address(uri: &Uri) -> bool {
    uri.path().starts_with("/file/bot")
}

/// A file's bytes, for whoever has the token and has asked where it is.
pub(super) async fn fetch(state: &Arc<watch::Sender<State>>, uri: &Uri, cut: &Cut) -> Response {
    let path = uri.path().strip_prefix(&format!("/file/bot{TOKEN}/")).map(str::to_owned);
    let (mut index, mut fault) = (0, None);
    state.send_modify(|state| {
        index = state.calls.len();
        let params = json!({"path": path});
        fault = state.faults.next(DOWNLOAD, &params);
        state.calls.push(Call {
            method: DOWNLOAD.to_owned(),
            known: true,
            params,
            at: now(),
            status: None,
            fault: fault.clone(),
            message_id: None,
        });
    });
    let answer = |status: u16, body: Vec<u8>| {
        state.send_modify(|state| {
            if let Some(call) = state.calls.get_mut(index) {
                call.status = Some(status);
            }
        });
        (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body).into_response()
    };
    match fault {
        Some(Fault::Cut | Fault::CutAfter) => {
            cut.now();
            return StatusCode::OK.into_response();
        }
        Some(Fault::Hang | Fault::HangAfter) => std::future::pending().await,
        Some(Fault::ServerError(status) | Fault::ServerErrorAfter(status)) => return answer(status, Vec::new()),
        Some(Fault::TooManyRequests(_)) => return answer(429, Vec::new()),
        Some(Fault::Refuse(status, _)) => return answer(status, Vec::new()),
        Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
        None => {}
    }
    let found = path.and_then(|path| {
        let state = state.borrow();
        let served = state.held.values().filter(|held| held.asked_for && state.disk.is_none());
        let held = served.into_iter().find(|held| held.path == path);
        held.map(|held| held.bytes.clone())
    });
    match found {
        Some(bytes) => answer(200, bytes),
        None => answer(404, br#"{"ok":false,"error_code":404,"description":"Not Found"}"#.to_vec()),
    }
}

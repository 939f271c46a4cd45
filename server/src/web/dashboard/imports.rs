//! Imports: a file sent by a form, which works without scripts, and what came of those that were sent.

use axum::{
    extract::{Multipart, State, multipart::MultipartError},
    response::Redirect,
};
use souvenir_frontend::{
    api::{ApiError, ImportView, ImportedChatView, ImportsView, RailChat, WaitingView},
    words,
};
use souvenir_memory::ChatId;

use super::{calendar::Calendar, errors::told, port::WebDashboard};
use crate::{
    engine::{
        EngineError,
        import::{ChatReport, ImportItem, Upload},
        maintenance::Waiting,
    },
    web::Web,
};

/// How many imports the page shows.
const SHOWN: u32 = 20;

/// Takes the form of the page: the chat to go to, whether to sum up at once, and the file.
pub(super) async fn upload(State(web): State<Web>, form: Multipart) -> Redirect {
    match taken(&web, form).await {
        Ok(id) => Redirect::to(&format!("/imports#i{id}")),
        Err(Refused::Broken) => Redirect::to("/imports?refused=broken"),
        Err(Refused::Engine(EngineError::Invalid { .. })) => Redirect::to("/imports?refused=empty"),
        Err(Refused::Engine(EngineError::NoChat(_))) => Redirect::to("/imports?refused=chat"),
        Err(Refused::Engine(error)) => {
            tracing::error!(%error, "an upload failed");
            Redirect::to("/imports?refused=internal")
        }
    }
}

/// Why a file was not taken.
enum Refused {
    /// The form broke off or makes no sense.
    Broken,
    /// The engine did not want it.
    Engine(EngineError),
}

impl From<MultipartError> for Refused {
    fn from(_: MultipartError) -> Self {
        Self::Broken
    }
}

impl From<EngineError> for Refused {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

async fn taken(web: &Web, mut form: Multipart) -> Result<i64, Refused> {
    let (mut chat, mut consolidate) = (None, false);
    let mut file: Option<(Upload, String)> = None;
    while let Some(mut field) = form.next_field().await? {
        match field.name().unwrap_or_default() {
            "chat" => chat = field.text().await?.trim().parse().ok().map(ChatId),
            "consolidate" => consolidate = field.text().await? == "on",
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let mut upload = web.engine.upload().await?;
                while let Some(piece) = field.chunk().await? {
                    upload.write(&piece).await?;
                }
                file = Some((upload, name));
            }
            _ => {}
        }
    }
    let (upload, name) = file.ok_or(Refused::Broken)?;
    Ok(web.engine.queue_upload(upload, &name, chat, consolidate).await?.id)
}

impl WebDashboard {
    /// What was imported, what of it waits, and the chats that there are.
    pub(super) async fn imports_view(&self) -> Result<ImportsView, ApiError> {
        let engine = &self.web.engine;
        let calendar = self.calendar_of(None).await?;
        let titles = engine.chat_titles().await.map_err(told)?;
        let title = |id: i64| titles.iter().find(|(chat, _)| chat.0 == id).map(|(_, title)| title.clone());
        let imports = engine.imports(None, SHOWN).await.map_err(told)?.items;
        let waiting = engine.waiting_imports().await.map_err(told)?;
        Ok(ImportsView {
            imports: imports.into_iter().map(|item| import(item, &title, &calendar)).collect(),
            waiting: waiting.into_iter().map(self::waiting).collect(),
            chats: titles.iter().map(|(id, title)| RailChat { id: id.0, title: title.clone(), waiting: 0 }).collect(),
            refused: None,
        })
    }
}

fn import(item: ImportItem, title: &dyn Fn(i64) -> Option<String>, calendar: &Calendar) -> ImportView {
    ImportView {
        id: item.id,
        name: item.name,
        state: item.state.to_owned(),
        done: item.done,
        total: item.total,
        chats: item.report.chats.into_iter().map(|report| chat(report, title)).collect(),
        bad: item.report.bad,
        places: item.report.places.iter().map(|place| place.told()).collect(),
        broken: item.report.broken,
        error: item.error,
        at: calendar.moment(item.asked_at),
        finished: item.finished_at.map(|at| calendar.moment(at)),
    }
}

fn chat(report: ChatReport, title: &dyn Fn(i64) -> Option<String>) -> ImportedChatView {
    let title = report.chat.and_then(title);
    ImportedChatView {
        // A chat that was forgotten since has no page.
        chat: report.chat.filter(|_| title.is_some()),
        title: title.unwrap_or_else(|| "a chat that is not here".to_owned()),
        made: report.made,
        read: report.read,
        told: report.told().into_iter().map(|(count, what)| format!("{} {what}", words::count_u64(count))).collect(),
        skipped: report.skipped,
    }
}

fn waiting(waiting: Waiting) -> WaitingView {
    WaitingView {
        chat: waiting.chat.0,
        title: waiting.title,
        episodes: waiting.episodes,
        messages: waiting.messages,
        tokens: waiting.tokens,
        model: waiting.model,
        usd: waiting.usd,
    }
}

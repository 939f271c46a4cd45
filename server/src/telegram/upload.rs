//! A file of our own making on its way to a chat.

use reqwest::multipart::{Form, Part};
use serde::de::DeserializeOwned;

use super::{
    Door,
    api::{Api, CallError},
    reply::Document,
    send::{Patience, Sent, Setback, Undelivered, thread},
};
use crate::engine::TelegramChat;

impl Door {
    /// Sends a file with a few words under it: once it may have arrived, never again.
    pub(super) async fn send_document(
        &self,
        to: &TelegramChat,
        document: &Document,
        caption: &str,
    ) -> Result<(), Undelivered> {
        let mut patience = Patience::new();
        loop {
            self.sender.wait_for_place(to.chat_id).await?;
            match self.api.upload::<Sent>("SendDocument", form(to, document, caption)).await {
                Ok(_) => return Ok(()),
                Err(error) => match self.sender.after(to.chat_id, error, &mut patience) {
                    Setback::Again { wait, .. } => self.sender.wait(wait).await?,
                    Setback::Over(error) => return Err(error),
                },
            }
        }
    }
}

fn form(to: &TelegramChat, document: &Document, caption: &str) -> Form {
    let file = Part::bytes(document.bytes.clone()).file_name(document.name.clone());
    let form = Form::new().text("chat_id", to.chat_id.to_string()).text("caption", caption.to_owned());
    let form = match thread(to) {
        Some(thread) => form.text("message_thread_id", thread.0.0.to_string()),
        None => form,
    };
    form.part("document", file)
}

impl Api {
    /// Calls a method with a file.
    pub(super) async fn upload<T: DeserializeOwned>(&self, method: &'static str, form: Form) -> Result<T, CallError> {
        self.counted(method, self.post(method, |request| request.multipart(form), UPLOAD_TIMEOUT).await)
    }
}

/// A file takes longer than words.
const UPLOAD_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(120);

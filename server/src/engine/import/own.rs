//! Reading one of Souvenir's own exports back: into an empty chat or a new one, all of it or nothing.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
};

use serde_json::Value;
use tokio::sync::mpsc;

use super::{BadPlace, ChatReport, ImportOptions, ImportReport};
use crate::{
    engine::{ChatEvent, Engine, EngineError, error::Result},
    store::{RestoredChat, Restoring},
};

/// How an export begins, without spaces.
const BEGINS: &str = "{\"type\":\"souvenir\"";
/// Lines go over the queue in batches of this size, in bytes.
const BYTES_AT_ONCE: usize = 1 << 20;
const QUEUE: usize = 3;

/// A line with its number, and the byte at which it ends.
type Line = (u64, u64, String);

/// Whether a file is an export of Souvenir's own.
pub(super) fn is_own(path: &Path) -> std::io::Result<bool> {
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(256).read_to_end(&mut head)?;
    let head: String = String::from_utf8_lossy(&head).chars().filter(|c| !c.is_whitespace()).collect();
    Ok(head.starts_with(BEGINS))
}

/// Hands a file's lines on. Blocks.
fn lines(path: &Path, to: &mpsc::Sender<Vec<Line>>) -> std::io::Result<()> {
    let mut file = BufReader::with_capacity(1 << 18, std::fs::File::open(path)?);
    let (mut number, mut byte, mut size) = (0, 0, 0);
    let mut batch = Vec::new();
    loop {
        let mut line = Vec::new();
        let read = file.read_until(b'\n', &mut line)?;
        (number, byte, size) = (number + 1, byte + read as u64, size + read);
        if read > 0 {
            batch.push((number, byte, String::from_utf8_lossy(&line).into_owned()));
        }
        if read == 0 || size > BYTES_AT_ONCE {
            size = 0;
            if to.blocking_send(std::mem::take(&mut batch)).is_err() || read == 0 {
                return Ok(());
            }
        }
    }
}

impl Engine {
    /// Reads an export back. While that goes on nothing else is written; a crash leaves nothing of it behind.
    pub(super) async fn restore_file(&self, path: &Path, options: &ImportOptions) -> Result<ImportReport> {
        let (to, mut from) = mpsc::channel(QUEUE);
        let file = path.to_owned();
        let reader = tokio::task::spawn_blocking(move || lines(&file, &to));
        let mut report = ImportReport::default();
        let mut chat = ChatReport::default();
        let mut begun: Option<Box<Restoring>> = None;
        let mut is_whole = false;
        'read: while let Some(batch) = from.recv().await {
            for (number, byte, line) in batch {
                let value = serde_json::from_str::<Value>(&line);
                let Some(restoring) = &mut begun else {
                    match self.begin_restore(&value.unwrap_or_default(), options).await? {
                        RestoredChat::Begun(restoring) => begun = Some(restoring),
                        RestoredChat::Known(known) => {
                            chat.chat = Some(known.0);
                            chat.skipped = Some("it is there already: nothing was taken in twice".to_owned());
                        }
                        RestoredChat::Refused(why) => chat.skipped = Some(why),
                    }
                    if begun.is_none() {
                        is_whole = true;
                        break 'read;
                    }
                    continue;
                };
                let taken = match &value {
                    Ok(end) if end["type"] == "end" => {
                        is_whole = true;
                        Ok(())
                    }
                    Ok(value) => restoring.line(value).await?,
                    Err(_) => Err("it is no valid JSON"),
                };
                if let Err(why) = taken {
                    let id = value.ok().and_then(|value| value["id"].as_i64());
                    report.is_bad(BadPlace { chat: 1, record: number, id, line: number, byte, why: why.to_owned() });
                }
            }
        }
        drop(from);
        let ended =
            reader.await.map_err(|error| EngineError::Internal(format!("reading an export failed: {error}")))?;
        ended.map_err(|error| EngineError::invalid("file", format!("the file cannot be read: {error}")))?;
        if !is_whole {
            return Err(EngineError::invalid("file", "the file breaks off before its end; nothing of it was taken in"));
        }
        if let Some(restoring) = begun {
            chat.chat = Some(restoring.chat().0);
            chat.made = true;
            (chat.added, chat.facts) = restoring.read();
            chat.read = chat.added;
            let id = restoring.chat();
            restoring.finish().await?;
            self.emit(ChatEvent::Settings { chat: id });
            self.nudge(id);
        }
        report.chats.push(chat);
        Ok(report)
    }

    async fn begin_restore(&self, head: &Value, options: &ImportOptions) -> Result<RestoredChat> {
        if let Some(chat) = options.chat {
            self.record(chat).await?;
        }
        let instance = self.instance().await?;
        Ok(self.store().restore(head, options.chat, &instance, self.now()).await?)
    }
}

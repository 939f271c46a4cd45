//! Forgetting: what would go, and reports of what went.
//!
//! A report is shown on the page that follows, which may be another one, with or without scripts; so the last few are kept
//! in memory and go by a number in the address. They hold counts and no words.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use souvenir_frontend::api::{ApiError, ForgetView};
use souvenir_memory::ChatId;

use super::{errors::told, port::WebDashboard};
use crate::engine::forget::Forget;

/// How many reports are kept.
const KEPT: usize = 20;

/// The last reports.
#[derive(Debug, Default)]
pub(super) struct Reports(Mutex<(u64, VecDeque<(u64, ForgetView)>)>);

impl Reports {
    /// Keeps a report and gives its number.
    fn keep(&self, report: ForgetView) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        let number = kept.0;
        kept.1.push_back((number, report));
        if kept.1.len() > KEPT {
            kept.1.pop_front();
        }
        number
    }

    /// The report of this number, as long as it is kept.
    pub(super) fn find(&self, number: u64) -> Option<ForgetView> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1.iter().find(|(known, _)| *known == number).map(|(_, report)| report.clone())
    }
}

impl WebDashboard {
    /// What forgetting messages or facts would take along.
    pub(super) async fn would_forget(&self, chat: ChatId, what: &Forget) -> Result<ForgetView, ApiError> {
        let report = self.web.engine.forget_preview(chat, what).await.map_err(told)?;
        Ok(ForgetView { chat: String::new(), report })
    }

    /// Forgets messages or facts; gives the number of the report.
    pub(super) async fn forget_some(&self, chat: ChatId, what: &Forget) -> Result<u64, ApiError> {
        let report = self.web.engine.forget(chat, what).await.map_err(told)?;
        Ok(self.reports.keep(ForgetView { chat: String::new(), report }))
    }

    /// What forgetting a whole chat would take along.
    pub(super) async fn would_forget_all(&self, chat: ChatId) -> Result<ForgetView, ApiError> {
        let title = self.title(chat).await?;
        let report = self.web.engine.forget_preview(chat, &Forget::Everything).await.map_err(told)?;
        Ok(ForgetView { chat: title, report })
    }

    /// Forgets a whole chat; gives the number of the report.
    pub(super) async fn forget_all(&self, chat: ChatId) -> Result<u64, ApiError> {
        let title = self.title(chat).await?;
        let report = self.web.engine.forget_chat(chat).await.map_err(told)?;
        Ok(self.reports.keep(ForgetView { chat: title, report }))
    }

    async fn title(&self, chat: ChatId) -> Result<String, ApiError> {
        Ok(self.web.engine.chat(chat).await.map_err(told)?.summary.title)
    }
}

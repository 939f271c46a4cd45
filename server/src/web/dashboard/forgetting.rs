//! Forgetting: what would go, and reports of what went. They hold counts and no words.

use souvenir_frontend::api::{ApiError, ForgetView};
use souvenir_memory::ChatId;

use super::{errors::told, port::WebDashboard};
use crate::engine::forget::Forget;

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

//! How each part is, for `/readyz` and the dashboard. Reading it is never slow: parts report, nobody is asked.

use super::Engine;

/// How a part is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It works.
    #[default]
    Ok,
    /// It does not work now, and recovers by itself.
    Degraded,
    /// It is not configured.
    Off,
}

impl Status {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Off => "off",
        }
    }
}

/// A part's state, in few words that are safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceState {
    /// How it is.
    pub status: Status,
    /// `polling`, `offline model`, `unreachable; trying again`.
    pub detail: String,
}

impl ServiceState {
    /// A part that works.
    pub fn ok(detail: impl Into<String>) -> Self {
        Self { status: Status::Ok, detail: detail.into() }
    }

    /// A part that does not work now.
    pub fn degraded(detail: impl Into<String>) -> Self {
        Self { status: Status::Degraded, detail: detail.into() }
    }

    /// A part that is not configured.
    pub fn off(detail: impl Into<String>) -> Self {
        Self { status: Status::Off, detail: detail.into() }
    }
}

/// How every part is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The SQLite file.
    pub database: ServiceState,
    /// The Bot API.
    pub telegram: ServiceState,
    /// The language model.
    pub model: ServiceState,
    /// Recall: by words, by vectors, or both.
    pub recall: ServiceState,
}

impl Engine {
    /// How every part is.
    pub async fn health(&self) -> Health {
        let database = match self.store().ping().await {
            Ok(()) => ServiceState::ok("ok"),
            Err(error) => {
                tracing::error!(%error, "the database does not answer");
                ServiceState::degraded("does not answer")
            }
        };
        let (telegram, model) = {
            let reported = self.inner.reported.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            (reported.telegram.clone(), reported.model.clone())
        };
        Health { database, telegram, model, recall: self.recall_state() }
    }

    /// The Telegram door tells how it is.
    pub fn report_telegram(&self, state: ServiceState) {
        self.inner.reported.lock().unwrap_or_else(std::sync::PoisonError::into_inner).telegram = state;
    }

    /// Whoever asked the model last tells how it is.
    pub fn report_model(&self, state: ServiceState) {
        self.inner.reported.lock().unwrap_or_else(std::sync::PoisonError::into_inner).model = state;
    }

    /// A model that has just answered is well, whatever was reported before.
    pub(super) fn report_model_answered(&self) {
        let mut reported = self.inner.reported.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if reported.model.status == Status::Degraded {
            reported.model = ServiceState::ok("ok");
        }
    }

    /// Asks the model endpoint for its list of models and reports how it is. To be called now and then.
    pub async fn probe_model(&self) {
        if !self.model().is_language_model() {
            self.report_model(ServiceState::off("offline model"));
            return;
        }
        let models = self.models_in_use().await.unwrap_or_else(|error| {
            tracing::error!(%error, "failed to read which models are in use");
            [&self.defaults().chat_model, &self.defaults().memory_model].map(|model| model.value.clone()).into()
        });
        let models: Vec<String> = models.into_iter().collect();
        match self.model().probe(&models).await {
            Ok(health) => {
                self.inner.reported.lock().unwrap_or_else(std::sync::PoisonError::into_inner).retiring =
                    health.shutdown_dates.clone();
                let seconds = health.latency.as_secs_f64();
                let ending: Vec<String> =
                    health.shutdown_dates.iter().map(|(model, date)| format!("{model} ends on {date}")).collect();
                let note = if ending.is_empty() { String::new() } else { format!("; {}", ending.join(", ")) };
                self.report_model(ServiceState::ok(format!("ok, {seconds:.1} s{note}")));
            }
            Err(error) => {
                tracing::warn!(%error, "the model endpoint does not answer a probe");
                self.report_model(ServiceState::degraded(error.to_string()));
            }
        }
    }
}

/// What parts reported last.
#[derive(Debug, Default)]
pub(super) struct Reported {
    pub(super) telegram: ServiceState,
    pub(super) model: ServiceState,
    /// When models are switched off, as the endpoint announces it.
    pub(super) retiring: Vec<(String, String)>,
}

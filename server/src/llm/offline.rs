//! The offline model: no language model, and it says so. It answers from the context it is given.

use async_trait::async_trait;

use super::{ChatModel, ChatRequest, Completion, DeltaSender, Learnt, ModelError, ModelHealth};

/// What it is called where a model's name is wanted.
pub const NAME: &str = "offline";

/// Answers from the context alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfflineModel;

#[async_trait]
impl ChatModel for OfflineModel {
    async fn complete(&self, _request: &ChatRequest, _deltas: &DeltaSender) -> Result<Completion, ModelError> {
        unimplemented!()
    }

    fn is_language_model(&self) -> bool {
        false
    }

    async fn probe(&self, _models: &[String]) -> Result<ModelHealth, ModelError> {
        unimplemented!()
    }

    fn learnt(&self) -> Vec<Learnt> {
        Vec::new()
    }
}

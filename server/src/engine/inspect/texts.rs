//! The texts that a manifest names.

use souvenir_memory::{
    ChatId, Encoding, Role, Timestamp, TokenCount,
    manifest::{ItemKind, ItemRef, Manifest},
    prompt::{self, search},
};

use super::ItemText;
use crate::{
    clock,
    engine::{Engine, Result, assemble::count, settings::Settings},
};

impl Engine {
    /// The texts that a manifest names.
    pub(super) async fn texts(
        &self,
        chat: ChatId,
        manifest: &Manifest,
        at: Timestamp,
        settings: &Settings,
        typed: Option<&str>,
    ) -> Result<(Vec<ItemText>, Vec<Option<String>>)> {
        let mut texts = Vec::with_capacity(manifest.segments.len());
        for segment in &manifest.segments {
            texts.push(match (&segment.kind, &segment.item) {
                (ItemKind::Clock, _) => ItemText {
                    label: "clock".to_owned(),
                    text: prompt::clock_line(&clock::spoken(at, &settings.zone())),
                    ..ItemText::default()
                },
                (ItemKind::Priming, _) => ItemText { label: "start of the answer".to_owned(), ..ItemText::default() },
                (ItemKind::Tool, _) => ItemText {
                    label: search::NAME.to_owned(),
                    text: search::DESCRIPTION.to_owned(),
                    ..ItemText::default()
                },
                (ItemKind::Call, _) => ItemText { label: "a search by the model".to_owned(), ..ItemText::default() },
                (_, None) => ItemText { label: "frame".to_owned(), ..ItemText::default() },
                (_, Some(item)) => self.text(item, typed).await?,
            });
        }
        let mut left_out = Vec::with_capacity(manifest.left_out.len());
        for item in &manifest.left_out {
            left_out.push(match (&item.item, &item.range) {
                (Some(item), _) => Some(self.text(item, None).await?.text).filter(|text| !text.is_empty()),
                // A range of one says no more than its message does.
                (None, Some(range)) if item.count == 1 => {
                    self.store().spoken(chat, range.first).await?.map(|spoken| spoken.text)
                }
                (None, _) => None,
            });
        }
        Ok((texts, left_out))
    }

    pub(super) async fn text(&self, item: &ItemRef, typed: Option<&str>) -> Result<ItemText> {
        let store = self.store();
        let named = |label: String, text: Option<String>| ItemText {
            label,
            text: text.unwrap_or_default(),
            ..ItemText::default()
        };
        Ok(match item {
            ItemRef::Message { message_id: 0, .. } => named("the message typed".to_owned(), typed.map(str::to_owned)),
            ItemRef::Message { message_id, revision_id } => {
                let label = format!("message {message_id}");
                match store.revision_text(*revision_id).await? {
                    Some((text, author, role, at)) => {
                        let author = if role == Role::Assistant { Some("Souvenir".to_owned()) } else { author };
                        ItemText { label, text, author, at: Some(at) }
                    }
                    None => named(label, None),
                }
            }
            ItemRef::Fact { fact_id, version } => {
                named(format!("fact {fact_id} v{version}"), store.fact_version_text(*fact_id, *version).await?)
            }
            ItemRef::Summary { episode_id, version } => {
                named(format!("episode {episode_id} v{version}"), store.summary_text(*episode_id, *version).await?)
            }
            ItemRef::Digest { digest_id } => {
                let text = store.digest_text(*digest_id).await?;
                named(format!("digest {digest_id}"), text)
            }
            ItemRef::Prompt { sha256 } => {
                named(format!("prompt {}", sha256.get(..6).unwrap_or(sha256)), store.prompt(sha256).await?)
            }
            ItemRef::Forgotten { .. } => named("forgotten".to_owned(), None),
        })
    }

    /// The tokens of a text for this chat's model, as they would be counted when stored.
    #[must_use]
    pub fn count_tokens(&self, settings: &Settings, text: &str) -> TokenCount {
        count(Encoding::of_model(&settings.chat_model.value), text)
    }
}

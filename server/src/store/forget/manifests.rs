//! Manifests: what they named and is gone reads `forgotten` from now on.

use souvenir_memory::{
    FactId, MessageId, TurnId,
    manifest::{ItemRef, Manifest},
};

use super::Work;
use crate::store::{
    Result,
    manifest::{pack, unpack},
};

/// A clock may have been set back between a message and the turns after it.
const SLACK_MS: i64 = 86_400_000;

impl Work<'_> {
    /// Takes the names of what is gone out of the manifests of all turns since. With them goes the hash of the request: who
    /// knows the rest of it could otherwise try texts until the hash fits.
    pub(super) async fn forget_in_manifests(&mut self) -> Result<()> {
        let since = self.since.0.saturating_sub(SLACK_MS);
        let turns: Vec<i64> = sqlx::query_scalar!(
            r#"SELECT t.id AS "id!" FROM turns t WHERE t.chat_id = ? AND t.started_at >= ? ORDER BY t.id"#,
            self.wish.chat.0,
            since
        )
        .fetch_all(&mut *self.db)
        .await?;
        for turn in turns.into_iter().map(TurnId) {
            let body = sqlx::query_scalar!("SELECT body FROM manifests WHERE turn_id = ?", turn.0)
                .fetch_optional(&mut *self.db)
                .await?;
            let Some(body) = body else { continue };
            // One that cannot be read holds no text either.
            let Ok(mut manifest) = unpack(&body) else { continue };
            let items = self.take_out(&mut manifest);
            if items > 0 {
                self.report.manifest_items += items;
                let body = pack(&manifest)?;
                sqlx::query!("UPDATE manifests SET body = ? WHERE turn_id = ?", body, turn.0)
                    .execute(&mut *self.db)
                    .await?;
            }
        }
        Ok(())
    }

    fn take_out(&self, manifest: &mut Manifest) -> u64 {
        let named = manifest.segments.iter_mut().filter_map(|segment| segment.item.as_mut());
        let named = named.chain(manifest.left_out.iter_mut().filter_map(|out| out.item.as_mut()));
        let mut items = 0;
        for item in named.filter(|item| self.is_gone(item)) {
            *item = ItemRef::Forgotten { forgotten: true };
            items += 1;
        }
        if items > 0 {
            manifest.request_sha256 = None;
        }
        items
    }

    fn is_gone(&self, item: &ItemRef) -> bool {
        match item {
            ItemRef::Message { message_id, .. } => self.messages.contains(&MessageId(*message_id)),
            ItemRef::Fact { fact_id, version } => {
                self.facts.contains(&FactId(*fact_id)) || self.versions.contains(&(*fact_id, *version))
            }
            ItemRef::Summary { episode_id, .. } => self.episodes.contains(episode_id),
            ItemRef::Prompt { .. } | ItemRef::Forgotten { .. } => false,
        }
    }
}

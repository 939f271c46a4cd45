//! Manifests: what they named and is gone reads `forgotten` from now on.

use std::collections::HashMap;

use souvenir_memory::{
    FactId, MessageId, TurnId,
    manifest::{ItemRef, Manifest},
};

use super::Work;
use crate::store::{
    Result,
    manifest::{Prefix, pack, unpack},
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
        let prefixes = self.prefixes().await?;
        for turn in turns.into_iter().map(TurnId) {
            let kept = sqlx::query!("SELECT body, prefix_id FROM manifests WHERE turn_id = ?", turn.0)
                .fetch_optional(&mut *self.db)
                .await?;
            let Some(kept) = kept else { continue };
            let prefix = kept.prefix_id.and_then(|id| prefixes.get(&id));
            // One that cannot be read holds no text either.
            let Ok(mut manifest) = unpack(&kept.body, prefix.map(|(before, _)| before)) else { continue };
            let items = self.take_out(&mut manifest);
            if items > 0 {
                self.report.manifest_items += items;
                let body = pack(&manifest, prefix.map(|(_, after)| after))?;
                sqlx::query!("UPDATE manifests SET body = ? WHERE turn_id = ?", body, turn.0)
                    .execute(&mut *self.db)
                    .await?;
            }
        }
        Ok(())
    }

    /// What the chat's manifests begin with, by number: as it was, and without the names of what is gone, which is how it is
    /// kept from now on.
    async fn prefixes(&mut self) -> Result<HashMap<i64, (Prefix, Prefix)>> {
        let kept =
            sqlx::query!(r#"SELECT id AS "id!", body FROM manifest_prefixes WHERE chat_id = ?"#, self.wish.chat.0)
                .fetch_all(&mut *self.db)
                .await?;
        let mut prefixes = HashMap::new();
        for kept in kept {
            let Ok(before) = Prefix::unpack(&kept.body) else { continue };
            let mut after = before.clone();
            if self.take_names(after.segments.iter_mut().filter_map(|segment| segment.item.as_mut())) > 0 {
                let body = after.pack()?;
                sqlx::query!("UPDATE manifest_prefixes SET body = ? WHERE id = ?", body, kept.id)
                    .execute(&mut *self.db)
                    .await?;
            }
            prefixes.insert(kept.id, (before, after));
        }
        Ok(prefixes)
    }

    fn take_out(&self, manifest: &mut Manifest) -> u64 {
        let named = manifest.segments.iter_mut().filter_map(|segment| segment.item.as_mut());
        let named = named.chain(manifest.left_out.iter_mut().filter_map(|out| out.item.as_mut()));
        let items = self.take_names(named);
        if items > 0 {
            manifest.request_sha256 = None;
        }
        items
    }

    fn take_names<'a>(&self, named: impl Iterator<Item = &'a mut ItemRef>) -> u64 {
        let mut items = 0;
        for item in named.filter(|item| self.is_gone(item)) {
            *item = ItemRef::Forgotten { forgotten: true };
            items += 1;
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
            ItemRef::Digest { digest_id } => self.periods.contains(digest_id),
            ItemRef::Prompt { .. } | ItemRef::Forgotten { .. } => false,
        }
    }
}

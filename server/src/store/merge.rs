//! Several facts become one: a new version of the one that stays, and the end of the others, in one transaction.

use souvenir_memory::{ChatId, FactId, Timestamp};
use sqlx::{Sqlite, Transaction};

use super::{
    NewFact, Result, Store,
    versions::{close_version, insert_version, last_version},
};

impl Store {
    /// Has the fact `kept` say `said`, resting on all that it and the others rested on, and ends the others as `replaced`
    /// says. Facts of other chats are left alone.
    pub async fn merge_facts(
        &self,
        chat: ChatId,
        kept: FactId,
        said: &NewFact,
        replaced: &[(FactId, NewFact)],
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let version = next_version(&mut tx, kept, said, now).await?;
        gather_evidence(&mut tx, chat, kept, (kept, version), now).await?;
        for (fact, end) in replaced {
            gather_evidence(&mut tx, chat, *fact, (kept, version), now).await?;
            next_version(&mut tx, *fact, end, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Writes the next version of a fact; gives its number.
async fn next_version(
    tx: &mut Transaction<'static, Sqlite>,
    fact: FactId,
    said: &NewFact,
    now: Timestamp,
) -> Result<i64> {
    let version = last_version(tx, fact).await?.unwrap_or(0) + 1;
    close_version(tx, fact, false, now).await?;
    insert_version(tx, fact, version, said, now).await?;
    Ok(version)
}

/// The words that any version of a fact rested on, a version of another rests on as well.
async fn gather_evidence(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    from: FactId,
    (fact, version): (FactId, i64),
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO evidence (fact_id, version, message_id, revision_id, quote, quote_start, quote_end, recorded_at)
           SELECT DISTINCT ?1, ?2, e.message_id, e.revision_id, e.quote, e.quote_start, e.quote_end, ?3
           FROM evidence e JOIN facts f ON f.id = e.fact_id
           WHERE e.fact_id = ?4 AND f.chat_id = ?5
             AND NOT EXISTS (SELECT 1 FROM evidence known WHERE known.fact_id = ?1 AND known.version = ?2
                             AND known.message_id = e.message_id AND known.quote_start = e.quote_start
                             AND known.quote_end = e.quote_end)"#,
        fact.0,
        version,
        now.0,
        from.0,
        chat.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

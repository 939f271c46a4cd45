//! All of a chat: what was said and learnt in it, or the chat itself.

use souvenir_memory::forgetting::ForgetReport;
use sqlx::SqliteConnection;

use super::Wish;
use crate::store::Result;

/// Everything that hangs on a chat's messages, facts and turns, in an order in which each still finds what it hangs on.
const ALL: [&str; 34] = [
    "DELETE FROM announcements WHERE chat_id = ?",
    "DELETE FROM archivals WHERE message_id IN (SELECT id FROM messages WHERE chat_id = ?)",
    "DELETE FROM attachments WHERE message_id IN (SELECT id FROM messages WHERE chat_id = ?)",
    "DELETE FROM revisions WHERE message_id IN (SELECT id FROM messages WHERE chat_id = ?)",
    "DELETE FROM errands WHERE chat_id = ?",
    "DELETE FROM postings WHERE chat_id = ?",
    "DELETE FROM vectors WHERE chat_id = ?",
    "DELETE FROM vector_signs WHERE chat_id = ?",
    "DELETE FROM embedded WHERE chat_id = ?",
    "DELETE FROM messages WHERE chat_id = ?",
    "DELETE FROM evidence WHERE fact_id IN (SELECT id FROM facts WHERE chat_id = ?)",
    "DELETE FROM pins WHERE fact_id IN (SELECT id FROM facts WHERE chat_id = ?)",
    "DELETE FROM fact_versions WHERE fact_id IN (SELECT id FROM facts WHERE chat_id = ?)",
    "DELETE FROM facts WHERE chat_id = ?",
    "DELETE FROM tombstones WHERE chat_id = ?",
    "DELETE FROM proposals WHERE chat_id = ?",
    "DELETE FROM operations WHERE consolidation_id IN (SELECT id FROM consolidations WHERE chat_id = ?)",
    "DELETE FROM consolidations WHERE chat_id = ?",
    "DELETE FROM summaries WHERE episode_id IN (SELECT id FROM episodes WHERE chat_id = ?)",
    "DELETE FROM period_summaries WHERE chat_id = ?",
    "DELETE FROM analysis_windows WHERE chat_id = ?",
    "DELETE FROM analysis_parts WHERE analysis_id IN (SELECT id FROM analyses WHERE chat_id = ?)",
    "DELETE FROM analysis_lines WHERE analysis_id IN (SELECT id FROM analyses WHERE chat_id = ?)",
    "DELETE FROM analysis_effects WHERE analysis_id IN (SELECT id FROM analyses WHERE chat_id = ?)",
    "DELETE FROM analysis_calls WHERE analysis_id IN (SELECT id FROM analyses WHERE chat_id = ?)",
    "DELETE FROM analyses WHERE chat_id = ?",
    "DELETE FROM episodes WHERE chat_id = ?",
    "DELETE FROM jobs WHERE chat_id = ?",
    "DELETE FROM model_searches WHERE turn_id IN (SELECT id FROM turns WHERE chat_id = ?)",
    "DELETE FROM manifests WHERE turn_id IN (SELECT id FROM turns WHERE chat_id = ?)",
    "DELETE FROM manifest_prefixes WHERE chat_id = ?",
    "DELETE FROM deliveries WHERE turn_id IN (SELECT id FROM turns WHERE chat_id = ?)",
    "DELETE FROM turns WHERE chat_id = ?",
    "DELETE FROM settings WHERE chat_id = ? AND key = 'context_start'",
];

/// What answers took stays, in numbers: whoever forgets has not got the money back, nor more of the day's budget.
const SPENT: &str = "INSERT INTO spendings (chat_id, purpose, model, prompt_tokens, cached_tokens, completion_tokens,
                                           cost_nanousd, spent_at)
     SELECT chat_id, 'forgotten answers', ifnull(model, 'none'),
            ifnull(spent_prompt_tokens, ifnull(reported_tokens, 0)), ifnull(spent_cached_tokens, cached_tokens),
            ifnull(spent_completion_tokens, ifnull(completion_tokens, 0)), cost_nanousd, started_at
     FROM turns WHERE chat_id = ? AND state <> 'running' AND ifnull(reported_tokens, spent_prompt_tokens) IS NOT NULL";

/// Deletes all that was said and learnt in a chat, and the chat itself where it is to go.
pub(super) async fn forget_everything(
    db: &mut SqliteConnection,
    wish: &Wish,
    and_itself: bool,
) -> Result<ForgetReport> {
    let report = counted(db, wish).await?;
    sqlx::query(SPENT).bind(wish.chat.0).execute(&mut *db).await?;
    for sql in ALL {
        sqlx::query(sql).bind(wish.chat.0).execute(&mut *db).await?;
    }
    if and_itself {
        sqlx::query!("DELETE FROM settings WHERE chat_id = ?", wish.chat.0).execute(&mut *db).await?;
        sqlx::query!("DELETE FROM spending_notices WHERE chat_id = ?", wish.chat.0).execute(&mut *db).await?;
        sqlx::query!("DELETE FROM chats WHERE id = ?", wish.chat.0).execute(&mut *db).await?;
    } else {
        sqlx::query!(
            r#"UPDATE chats SET trim_mark = NULL, live_messages = 0, live_tokens = 0, archived_messages = 0, archived_tokens = 0,
                   indexed_through = last_ordinal, has_unfollowed = 0, is_unordered = 0
               WHERE id = ?"#,
            wish.chat.0
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(report)
}

async fn counted(db: &mut SqliteConnection, wish: &Wish) -> Result<ForgetReport> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM messages WHERE chat_id = ?1) AS "messages!: i64",
                  (SELECT count(*) FROM messages m JOIN revisions r ON r.message_id = m.id WHERE m.chat_id = ?1) AS "revisions!: i64",
                  (SELECT ifnull(sum(length(ordinals)), 0) FROM postings WHERE chat_id = ?1) AS "entries!: i64",
                  (SELECT count(*) FROM facts WHERE chat_id = ?1) AS "facts!: i64",
                  (SELECT count(*) FROM facts f JOIN evidence e ON e.fact_id = f.id WHERE f.chat_id = ?1) AS "evidence!: i64",
                  (SELECT count(*) FROM episodes e JOIN summaries s ON s.episode_id = e.id WHERE e.chat_id = ?1) AS "summaries!: i64",
                  (SELECT count(*) FROM period_summaries WHERE chat_id = ?1) AS "periods!: i64",
                  (SELECT count(*) FROM proposals WHERE chat_id = ?1) AS "proposals!: i64",
                  (SELECT count(*) FROM consolidations c JOIN operations o ON o.consolidation_id = c.id WHERE c.chat_id = ?1)
                      AS "operations!: i64""#,
        wish.chat.0
    )
    .fetch_one(&mut *db)
    .await?;
    Ok(ForgetReport {
        messages: row.messages.unsigned_abs(),
        revisions: row.revisions.unsigned_abs(),
        index_entries: row.entries.unsigned_abs(),
        facts: row.facts.unsigned_abs(),
        evidence: row.evidence.unsigned_abs(),
        summaries: row.summaries.unsigned_abs(),
        period_summaries: row.periods.unsigned_abs(),
        proposals: row.proposals.unsigned_abs(),
        operations: row.operations.unsigned_abs(),
        ..ForgetReport::default()
    })
}

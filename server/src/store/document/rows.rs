//! What a chat consists of besides its messages: which columns of which tables, and what each of them means.

use super::Thing;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// What it says.
    Plain,
    /// A moment.
    Time,
    /// Bytes.
    Bytes,
    /// JSON.
    Json,
    /// JSON that names messages and facts by their numbers.
    Body,
    /// The number of something.
    Of(Thing),
    /// The revision of the message that the row names: its place among that message's.
    Revision,
}

use Cell::{Body, Bytes, Json, Of, Plain, Revision, Time};

/// A table, as far as a chat's rows in it go.
pub(super) struct Rows {
    /// The `type` of its lines.
    pub(super) word: &'static str,
    /// The table.
    pub(super) table: &'static str,
    /// Which of its rows are the chat's, and in which order.
    pub(super) of_chat: &'static str,
    /// What its rows are, where others refer to them.
    pub(super) thing: Option<Thing>,
    /// Whether its rows name their chat.
    pub(super) names_chat: bool,
    /// Its columns.
    pub(super) cells: &'static [(&'static str, Cell)],
}

const CHAT: &str = "chat_id = ?1 ORDER BY id";
const MESSAGE: Cell = Of(Thing::Message);

/// All of them, each after what it refers to.
pub(super) const ROWS: [Rows; 14] = [
    Rows {
        word: "turn",
        table: "turns",
        of_chat: CHAT,
        thing: Some(Thing::Turn),
        names_chat: true,
        cells: &[
            ("state", Plain),
            ("reply_id", MESSAGE),
            ("outgoing_id", MESSAGE),
            ("model", Plain),
            ("encoding", Plain),
            ("predicted_tokens", Plain),
            ("reported_tokens", Plain),
            ("cached_tokens", Plain),
            ("completion_tokens", Plain),
            ("cost_nanousd", Plain),
            ("error", Plain),
            ("received_at", Time),
            ("started_at", Time),
            ("context_ms", Plain),
            ("first_token_ms", Plain),
            ("finished_at", Time),
            ("delivery", Plain),
            ("delivery_error", Plain),
            ("delivered_at", Time),
            ("delivery_format", Plain),
            ("delivery_parts", Plain),
            ("requests", Plain),
            ("retries", Plain),
            ("spent_prompt_tokens", Plain),
            ("spent_cached_tokens", Plain),
            ("spent_completion_tokens", Plain),
        ],
    },
    Rows {
        word: "fact",
        table: "facts",
        of_chat: CHAT,
        thing: Some(Thing::Fact),
        names_chat: true,
        cells: &[
            ("created_at", Time),
            ("uses", Plain),
            ("used_tokens", Plain),
            ("last_used_turn", Of(Thing::Turn)),
            ("last_used_at", Time),
        ],
    },
    Rows {
        word: "fact_version",
        table: "fact_versions",
        of_chat: "fact_id IN (SELECT id FROM facts WHERE chat_id = ?1) ORDER BY fact_id, version",
        thing: None,
        names_chat: false,
        cells: &[
            ("fact_id", Of(Thing::Fact)),
            ("version", Plain),
            ("kind", Plain),
            ("subject", Plain),
            ("statement", Plain),
            ("status", Plain),
            ("source", Plain),
            ("confidence", Plain),
            ("goal_state", Plain),
            ("due_at", Time),
            ("valid_at", Time),
            ("invalid_at", Time),
            ("recorded_at", Time),
            ("expired_at", Time),
        ],
    },
    Rows {
        word: "pin",
        table: "pins",
        of_chat: "fact_id IN (SELECT id FROM facts WHERE chat_id = ?1) ORDER BY id",
        thing: None,
        names_chat: false,
        cells: &[("fact_id", Of(Thing::Fact)), ("pinned_at", Time), ("unpinned_at", Time)],
    },
    Rows {
        word: "episode",
        table: "episodes",
        of_chat: "chat_id = ?1 ORDER BY first_message_id, id",
        thing: Some(Thing::Episode),
        names_chat: true,
        cells: &[
            ("first_message_id", MESSAGE),
            ("last_message_id", MESSAGE),
            ("opened_at", Time),
            ("closed_at", Time),
            ("closed_by", Plain),
            ("consolidated_through", MESSAGE),
            ("reverted_at", Time),
            ("held_at", Time),
        ],
    },
    Rows {
        word: "summary",
        table: "summaries",
        of_chat: "episode_id IN (SELECT id FROM episodes WHERE chat_id = ?1) \
                  ORDER BY (SELECT first_message_id FROM episodes WHERE id = episode_id), episode_id, version",
        thing: None,
        names_chat: false,
        cells: &[
            ("episode_id", Of(Thing::Episode)),
            ("version", Plain),
            ("text", Plain),
            ("first_message_id", MESSAGE),
            ("covers_through", MESSAGE),
            ("model", Plain),
            ("tokens_before", Plain),
            ("tokens_after", Plain),
            ("lost", Json),
            ("recorded_at", Time),
            ("expired_at", Time),
        ],
    },
    Rows {
        word: "consolidation",
        table: "consolidations",
        of_chat: CHAT,
        thing: Some(Thing::Consolidation),
        names_chat: true,
        cells: &[
            ("episode_id", Of(Thing::Episode)),
            ("first_message_id", MESSAGE),
            ("last_message_id", MESSAGE),
            ("summary_version", Plain),
            ("model", Plain),
            ("prompt_tokens", Plain),
            ("completion_tokens", Plain),
            ("recorded_at", Time),
            ("reverted_at", Time),
        ],
    },
    Rows {
        word: "proposal",
        table: "proposals",
        of_chat: CHAT,
        thing: Some(Thing::Proposal),
        names_chat: true,
        cells: &[
            ("fact_id", Of(Thing::Fact)),
            ("kind", Plain),
            ("body", Body),
            ("state", Plain),
            ("created_at", Time),
            ("decided_at", Time),
            ("consolidation_id", Of(Thing::Consolidation)),
        ],
    },
    Rows {
        word: "operation",
        table: "operations",
        of_chat: "consolidation_id IN (SELECT id FROM consolidations WHERE chat_id = ?1) ORDER BY consolidation_id, ordinal",
        thing: None,
        names_chat: false,
        cells: &[
            ("consolidation_id", Of(Thing::Consolidation)),
            ("ordinal", Plain),
            ("op", Plain),
            ("outcome", Plain),
            ("reason", Plain),
            ("fact_id", Of(Thing::Fact)),
            ("version_before", Plain),
            ("version_after", Plain),
            ("proposal_id", Of(Thing::Proposal)),
            ("body", Body),
        ],
    },
    Rows {
        word: "evidence",
        table: "evidence",
        of_chat: "fact_id IN (SELECT id FROM facts WHERE chat_id = ?1) ORDER BY id",
        thing: None,
        names_chat: false,
        cells: &[
            ("fact_id", Of(Thing::Fact)),
            ("version", Plain),
            ("message_id", MESSAGE),
            ("revision_id", Revision),
            ("quote", Plain),
            ("quote_start", Plain),
            ("quote_end", Plain),
            ("recorded_at", Time),
            ("consolidation_id", Of(Thing::Consolidation)),
        ],
    },
    Rows {
        word: "tombstone",
        table: "tombstones",
        of_chat: CHAT,
        thing: None,
        names_chat: true,
        cells: &[
            ("fact_id", Of(Thing::Fact)),
            ("statement_hash", Bytes),
            ("message_id", MESSAGE),
            ("quote_start", Plain),
            ("quote_end", Plain),
            ("created_at", Time),
            ("lifted_at", Time),
        ],
    },
    Rows {
        word: "period_summary",
        table: "period_summaries",
        of_chat: CHAT,
        thing: None,
        names_chat: true,
        cells: &[
            ("days_back", Plain),
            ("text", Plain),
            ("first_message_id", MESSAGE),
            ("last_message_id", MESSAGE),
            ("message_count", Plain),
            ("tokens_before", Plain),
            ("tokens_after", Plain),
            ("lost", Json),
            ("model", Plain),
            ("created_at", Time),
            ("stale_since", Time),
            ("kind", Plain),
            ("day", Plain),
        ],
    },
    Rows {
        word: "spending",
        table: "spendings",
        of_chat: CHAT,
        thing: None,
        names_chat: true,
        cells: &[
            ("purpose", Plain),
            ("model", Plain),
            ("prompt_tokens", Plain),
            ("cached_tokens", Plain),
            ("completion_tokens", Plain),
            ("cost_nanousd", Plain),
            ("spent_at", Time),
        ],
    },
    Rows {
        word: "setting",
        table: "settings",
        of_chat: "chat_id = ?1 ORDER BY set_at, key",
        thing: None,
        names_chat: true,
        cells: &[("key", Plain), ("set_at", Time), ("value", Plain)],
    },
];

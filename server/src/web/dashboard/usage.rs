//! What the models were used for, as the page shows it.

use std::collections::BTreeMap;

use souvenir_frontend::api::{ApiError, BudgetView, CountsView, NoticeView, SpentView, UsageView, UseRow, WaitView};
use souvenir_memory::Timestamp;

use super::{calendar::Calendar, errors::told};
use crate::{
    clock,
    engine::{
        Engine,
        inspect::{ModelScale, Percentiles, Spent, UsageBy, UsageGroup, UsageQuery},
        spending::Budget,
    },
};

/// The longest stretch, in days.
const LONGEST: u32 = 3_650;

/// The last `days` days, today included.
pub(super) async fn view(engine: &Engine, calendar: &Calendar, days: u32) -> Result<UsageView, ApiError> {
    if !(1..=LONGEST).contains(&days) {
        return Err(ApiError::invalid("days", format!("{days} days: ask for 1 to {LONGEST}")));
    }
    let back = i32::try_from(days).unwrap_or(i32::MAX) - 1;
    let from = clock::day_start(clock::days_before(calendar.now, back, &calendar.zone), &calendar.zone);
    let query = |by| UsageQuery { from: Some(from), to: Some(Timestamp(calendar.now.0 + 1)), chat: None, by };
    let by_day = engine.usage(query(UsageBy::Day)).await.map_err(told)?;
    let by_model = engine.usage(query(UsageBy::Model)).await.map_err(told)?;
    let by_chat = engine.usage(query(UsageBy::Chat)).await.map_err(told)?;
    let by_purpose = engine.usage(query(UsageBy::Purpose)).await.map_err(told)?;
    let scales = engine.scales().await.map_err(told)?;
    let mut of_day: BTreeMap<String, UsageGroup> =
        by_day.groups.into_iter().map(|group| (group.key.clone(), group)).collect();
    let days_of = (0..=back).rev().map(|back| clock::days_before(calendar.now, back, &calendar.zone));
    Ok(UsageView {
        stretch: days,
        from: calendar.day(from),
        to: calendar.day(calendar.now),
        time_zone: by_day.time_zone,
        days: days_of
            .map(|at| {
                let group = of_day.remove(&calendar.date(at)).unwrap_or_default();
                UseRow { label: clock::local(at, &calendar.zone, "%-d %b"), ..row(group) }
            })
            .collect(),
        counts: by_model.groups.iter().map(|group| counts(group, &scales)).collect(),
        purposes: by_purpose.groups.into_iter().map(row).collect(),
        notices: notices(engine).await?,
        budgets: budgets(engine).await?,
        own_prices: by_day.own_prices,
        models: by_model.groups.into_iter().map(row).collect(),
        chats: by_chat.groups.into_iter().map(chat).collect(),
        total: row(by_day.total),
        prices_as_of: calendar.day_of(by_day.prices_as_of),
    })
}

fn counts(group: &UsageGroup, scales: &[ModelScale]) -> CountsView {
    let scale = scales.iter().find(|scale| scale.model == group.key);
    CountsView {
        model: group.key.clone(),
        points: group.counts.clone(),
        drift_percent: group.middle_drift(),
        scale: scale.map(|scale| (scale.scale.into(), scale.reports)),
    }
}

async fn notices(engine: &Engine) -> Result<Vec<NoticeView>, ApiError> {
    let notices = engine.notices().await.map_err(told)?;
    Ok(notices.into_iter().map(|notice| NoticeView { told: notice.told, remedy: notice.remedy }).collect())
}

async fn budgets(engine: &Engine) -> Result<Vec<BudgetView>, ApiError> {
    let budgets = engine.budgets_to_show().await.map_err(told)?;
    let view = |(title, budget): (Option<String>, Budget)| {
        let stopped = budget.stopped();
        BudgetView {
            href: budget.chat.map_or_else(|| "/settings".to_owned(), |chat| format!("/chats/{chat}/settings")),
            name: title.unwrap_or_else(|| "All chats".to_owned()),
            percent: budget.standing.percent,
            told: budget.told(),
            paused: (!stopped.is_empty()).then(|| stopped.join(", ")),
            until: budget.ends_at(),
        }
    };
    Ok(budgets.into_iter().map(view).collect())
}

fn chat(group: UsageGroup) -> UseRow {
    if group.key.parse::<i64>().is_err() {
        return UseRow { label: "no chat in particular".to_owned(), ..row(group) };
    }
    let label = group.title.clone().unwrap_or_else(|| format!("chat {}", group.key));
    UseRow { href: Some(format!("/chats/{}/turns", group.key)), label, ..row(group) }
}

fn row(group: UsageGroup) -> UseRow {
    UseRow {
        label: group.key,
        href: None,
        answers: spent(group.answers),
        memory: spent(group.memory),
        failed: group.failed,
        stopped: group.stopped,
        first_token: group.first_token.map(wait),
        whole: group.whole.map(wait),
        drift_percent: group.drift_percent,
    }
}

fn spent(spent: Spent) -> SpentView {
    SpentView {
        count: spent.count,
        tokens_in: spent.tokens_in,
        tokens_cached: spent.tokens_cached,
        tokens_out: spent.tokens_out,
        cost_usd: spent.cost_usd(),
        unpriced: spent.unpriced,
    }
}

fn wait(wait: Percentiles) -> WaitView {
    WaitView { p50: wait.p50, p95: wait.p95 }
}

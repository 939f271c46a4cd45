//! The tests' own Bot API server as an opponent: what it brings, and that the ledger tells the truth about it.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use souvenir_tests::bot_api::{BotApi, Fault, Limits, Trouble};

/// Sends a message to chat 7 and gives the status and the body; none when there was no answer.
async fn send(bot: &BotApi, text: &str) -> Option<(u16, Value)> {
    call(bot, "sendMessage", json!({"chat_id": 7, "text": text})).await
}

async fn call(bot: &BotApi, method: &str, params: Value) -> Option<(u16, Value)> {
    let url = format!("{}/bot{}/{method}", bot.url(), bot.token());
    let patience = Duration::from_millis(400);
    let response = Client::new().post(url).json(&params).timeout(patience).send().await.ok()?;
    let status = response.status().as_u16();
    let text = response.text().await.ok()?;
    Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}

async fn bot_with_ada() -> BotApi {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    bot.say(&ada, "hi");
    bot
}

#[tokio::test]
async fn what_is_carried_out_before_the_trouble_is_in_the_ledger_and_nothing_else() {
    let bot = bot_with_ada().await;
    let faults = [
        Fault::Cut,
        Fault::CutAfter,
        Fault::Hang,
        Fault::HangAfter,
        Fault::ServerError(502),
        Fault::ServerErrorAfter(504),
        Fault::TooManyRequests(1),
        Fault::Refuse(500, "Internal Server Error"),
        Fault::Delay(Duration::from_millis(10)),
    ];
    for fault in &faults {
        bot.fail("sendMessage", fault.clone());
        let answer = send(&bot, &format!("{fault:?}")).await;
        let told = answer.is_some_and(|(_, body)| body["ok"].is_boolean());
        assert_eq!(told, !fault.is_unknowable(), "{fault:?}");
    }
    let ledger: Vec<_> = bot.ledger().into_iter().map(|sent| sent.text).collect();
    assert_eq!(ledger, ["CutAfter", "HangAfter", "ServerErrorAfter(504)", "Delay(10ms)"]);
    let calls = bot.calls_of("sendMessage");
    let sent: Vec<_> = calls.iter().filter(|call| call.message_id.is_some()).map(|call| &call.fault).collect();
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|fault| fault.is_some()), "calls name the trouble they met: {sent:?}");
}

#[tokio::test]
async fn trouble_can_be_for_one_chat_and_for_many_calls() {
    let bot = bot_with_ada().await;
    let bob = bot.user(8, "Bob");
    bot.say(&bob, "hi");
    bot.fail_for(&bob, "sendMessage", Fault::TooManyRequests(9));
    assert_eq!(send(&bot, "to Ada").await.unwrap().0, 200);
    let (status, refusal) = call(&bot, "sendMessage", json!({"chat_id": 8, "text": "to Bob"})).await.unwrap();
    assert_eq!((status, &refusal["parameters"]["retry_after"]), (429, &json!(9)));
    bot.fail_times(2, "sendMessage", Fault::Refuse(500, "Internal Server Error"));
    for status in [500, 500, 200] {
        assert_eq!(send(&bot, "again").await.unwrap().0, status);
    }
}

#[tokio::test]
async fn chance_strikes_at_its_rate_and_the_ledger_has_what_was_accepted() {
    let bot = bot_with_ada().await;
    bot.trouble(Some(Trouble { seed: 11, faults: 0.3, repeats: 0.0, reorders: 0.0 }));
    let mut told = BTreeSet::new();
    for n in 0..60 {
        if send(&bot, &format!("message {n}")).await.is_some_and(|(status, _)| status == 200) {
            told.insert(format!("message {n}"));
        }
    }
    bot.trouble(None);
    let struck = bot.calls_of("sendMessage").iter().filter(|call| call.fault.is_some()).count();
    assert!((8..32).contains(&struck), "{struck} of 60");
    let ledger: BTreeSet<_> = bot.ledger().into_iter().map(|sent| sent.text).collect();
    assert!(told.is_subset(&ledger));
    assert!(ledger.len() < 60 + usize::from(told.is_empty()));
}

#[tokio::test]
async fn chance_repeats_and_reorders_updates_but_loses_none() {
    let bot = bot_with_ada().await;
    let ada = bot.user(7, "Ada");
    bot.trouble(Some(Trouble { seed: 3, faults: 0.0, repeats: 0.3, reorders: 0.8 }));
    let said: BTreeSet<i64> = (0..40).map(|n| bot.say(&ada, &format!("message {n}"))).collect();
    let (mut seen, mut next) = (Vec::new(), 0);
    for _ in 0..20 {
        let (_, answer) = call(&bot, "getUpdates", json!({"offset": next, "limit": 7})).await.unwrap();
        let ids: Vec<i64> =
            answer["result"].as_array().unwrap().iter().filter_map(|u| u["update_id"].as_i64()).collect();
        next = ids.iter().max().map_or(next, |newest| next.max(newest + 1));
        seen.extend(ids);
    }
    let distinct: BTreeSet<i64> = seen.iter().copied().collect();
    assert!(distinct.is_superset(&said), "an update was lost");
    assert!(seen.len() > distinct.len() + 5, "{} repeated", seen.len() - distinct.len());
    assert!(!seen.is_sorted());
}

#[tokio::test]
async fn flood_limits_hold_a_chat_up_and_tell_for_how_long() {
    let bot = bot_with_ada().await;
    bot.limit_floods(Some(Limits::telegram()));
    let mut statuses = Vec::new();
    for n in 0..10 {
        statuses.push(send(&bot, &format!("{n}")).await.unwrap().0);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 429, 429]);
    assert_eq!(bot.impatient_calls(), 1);
    bot.limit_floods(None);
    assert_eq!(send(&bot, "free again").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_group_that_grows_has_a_new_id_and_says_so() {
    let bot = bot_with_ada().await;
    let ada = bot.user(7, "Ada");
    let group = bot.group(-500, "The mill");
    bot.say_in(&group, &ada, "hello all");
    let say = |chat: i64| json!({"chat_id": chat, "text": "hello"});
    assert_eq!(call(&bot, "sendMessage", say(-500)).await.unwrap().0, 200);
    let upgraded = bot.upgrade(&group, &ada);
    let (status, refusal) = call(&bot, "sendMessage", say(-500)).await.unwrap();
    assert_eq!((status, &refusal["parameters"]["migrate_to_chat_id"]), (400, &json!(upgraded.id)));
    assert_eq!(call(&bot, "sendMessage", say(upgraded.id)).await.unwrap().0, 200);
    let (_, updates) = call(&bot, "getUpdates", json!({})).await.unwrap();
    let text = updates.to_string();
    assert!(text.contains("migrate_to_chat_id") && text.contains("migrate_from_chat_id"), "{text}");
}

#[tokio::test]
async fn a_revoked_token_a_block_and_a_stranger_are_told_apart() {
    let bot = bot_with_ada().await;
    let ada = bot.user(7, "Ada");
    bot.block(&ada, true);
    assert_eq!(send(&bot, "x").await.unwrap().1["description"], "Forbidden: bot was blocked by the user");
    bot.block(&ada, false);
    assert_eq!(send(&bot, "x").await.unwrap().0, 200);
    let unknown = call(&bot, "sendMessage", json!({"chat_id": 9, "text": "x"})).await.unwrap().1;
    assert_eq!(unknown["description"], "Bad Request: chat not found");
    bot.revoke_token(true);
    assert_eq!(
        send(&bot, "x").await.unwrap(),
        (401, json!({"ok": false, "error_code": 401, "description": "Unauthorized"}))
    );
    bot.revoke_token(false);
    assert_eq!(send(&bot, "x").await.unwrap().0, 200);
    let (_, updates) = call(&bot, "getUpdates", json!({})).await.unwrap();
    assert_eq!(updates["result"][1]["my_chat_member"]["new_chat_member"]["status"], "kicked");
}

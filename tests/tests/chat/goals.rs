//! `/goals`: set, listed by date, done, dropped and reopened.

use serde_json::json;

use super::{add, said, world_speaking};
use crate::world::World;

#[tokio::test]
async fn goals_are_set_listed_by_date_done_dropped_and_reopened() {
    let world = World::start().await;
    let none = world.ask("/goals").await;
    assert!(none.text.contains("No goals") && none.text.contains("/goals Learn to swim"), "{}", none.text);
    let set = world.ask("/goals Learn to swim by 2036-06-30").await;
    assert!(set.text.contains("Learn to swim") && set.text.contains("30 Jun 2036"), "{}", set.text);
    world.ask("/goals Read *War & Peace*").await;
    let chat = world.chat().await;
    let past = json!({"statement": "File the taxes", "kind": "goal", "due_at": "2020-01-31T00:00:00Z"});
    add(&world.app.api(), chat, past).await;
    let list = world.ask("/goals").await;
    let order = [
        "1. 🎯 File the taxes — ⚠ was due 31 Jan 2020",
        "2. 🎯 Learn to swim by 2036-06-30 — due 30 Jun 2036",
        "3. 🎯 Read *War & Peace*",
    ];
    let places: Vec<usize> =
        order.iter().map(|line| list.text.find(line).unwrap_or_else(|| panic!("{}", list.text))).collect();
    assert!(places.is_sorted(), "{}", list.text);
    let list = world.turn(&list, "2 done").await;
    assert!(list.text.contains("open: 2") && list.text.contains("3. ✅ Learn to swim"), "{}", list.text);
    let list = world.turn(&list, "1 drop").await;
    assert!(list.text.contains("🚫 File the taxes"), "{}", list.text);
    let reopen = list.keyboard.iter().flatten().find(|button| button.text.contains("reopen")).unwrap().text.clone();
    let list = world.turn(&list, &reopen).await;
    assert!(list.text.contains("open: 2"), "{}", list.text);
    let goals = world.app.api().list(&format!("/api/chats/{chat}/facts?kind=goal")).await;
    let states: Vec<&str> = goals.iter().map(|goal| goal["state"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|state| **state == "open").count(), 2, "{states:?}");
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn a_goal_that_is_gone_says_so_and_pages_hold_five() {
    let world = world_speaking("ru").await;
    world.ask("/goals").await;
    let chat = world.chat().await;
    for number in 1..=7 {
        add(&world.app.api(), chat, json!({"statement": format!("Цель {number}"), "kind": "goal"})).await;
    }
    let list = world.ask("/goals").await;
    assert!(list.text.contains("открытых: 7") && !list.text.contains("Цель 6"), "{}", list.text);
    let list = world.turn(&list, "▶").await;
    assert!(list.text.contains("7. 🎯 Цель 7"), "{}", list.text);
    let goals = world.app.api().list(&format!("/api/chats/{chat}/facts?kind=goal")).await;
    let last = &goals[6]["id"];
    world.app.api().delete(&format!("/api/chats/{chat}/facts/{last}")).await;
    let notice = world.notice(&list, "7 готово").await;
    assert!(said(&notice).contains("больше нет"), "{notice:?}");
}

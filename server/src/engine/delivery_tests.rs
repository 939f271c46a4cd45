//! Deliveries on a real SQLite file: what is due, what is in doubt, and what a restart makes of both.

use std::sync::Arc;

use async_trait::async_trait;
use souvenir_memory::{ChatId, DeliveryState, MessageKind, PartState, TurnId};

use super::{
    Answer, CommandAnswered, Engine, EngineError, Exit, Incoming, PartOutcome, Plan, ServiceState,
    inspect::MessageQuery,
    tests::{World, telegram},
};
use crate::llm::{ChatModel, ChatRequest, Completion, DeltaSender, Learnt, ModelError, ModelHealth};

fn exit(parts: u32, at_once: bool) -> Exit {
    Exit::InParts(Arc::new(move |_: &str, _: bool| Plan { format: "html".to_owned(), parts, at_once }))
}

fn sent(telegram_message_id: i64) -> PartOutcome {
    PartOutcome::Sent { telegram_message_id }
}

fn refused(reason: &str) -> PartOutcome {
    PartOutcome::Failed { reason: reason.to_owned() }
}

impl World {
    /// A reply in a Telegram chat, in so many parts.
    async fn reply(&self, update: i64, parts: u32, at_once: bool) -> Answer {
        let chat = self.engine.receive(telegram(update, "how are you?")).await.unwrap().chat;
        self.engine.answer_by(chat, exit(parts, at_once)).await.unwrap().expect("an answer")
    }

    async fn state(&self, chat: ChatId, turn: TurnId) -> (DeliveryState, Vec<PartState>) {
        let delivery = self.engine.delivery(chat, turn).await.unwrap().expect("a delivery");
        (delivery.state, delivery.parts.iter().map(|part| part.state).collect())
    }

    async fn due(&self) -> Vec<TurnId> {
        self.engine.deliveries_due().await.unwrap().into_iter().map(|(_, turn, _)| turn).collect()
    }
}

async fn next_part(engine: &Engine, answer: &mut Answer, outcome: PartOutcome) {
    engine.begin_part(answer).await.unwrap();
    engine.settle_part(answer, outcome).unwrap();
}

#[tokio::test]
async fn a_reply_is_on_its_way_with_the_commit_that_stores_it_and_arrives_with_the_next() {
    let world = World::new().await;
    let mut answer = world.reply(1, 1, true).await;
    let (chat, turn) = (answer.chat, answer.turn);
    assert_eq!(world.state(chat, turn).await, (DeliveryState::Sending, vec![PartState::Sending]));
    world.engine.settle_part(&mut answer, sent(70)).unwrap();
    // A mark is seen before it is written.
    assert_eq!(world.state(chat, turn).await.0, DeliveryState::Sent);
    assert_eq!(world.engine.turn(chat, turn).await.unwrap().item.record.delivery, Some(DeliveryState::Sent));
    drop(answer);
    let world = world.restarted().await;
    assert_eq!(world.state(chat, turn).await, (DeliveryState::Sent, vec![PartState::Sent]));
    let reply = world.engine.turn(chat, turn).await.unwrap().messages.pop().unwrap();
    assert_eq!((reply.telegram_message_id, reply.delivery), (Some(70), None));
}

#[tokio::test]
async fn what_was_composed_and_not_sent_is_due_after_a_restart_in_order() {
    let world = World::new().await;
    let mut turns = Vec::new();
    for update in 1..=3 {
        turns.push(world.reply(update, 1, false).await.turn);
    }
    let world = world.restarted().await;
    assert_eq!(world.due().await, turns);
    let chat = world.engine.deliveries_due().await.unwrap()[0].0;
    for turn in turns {
        let mut answer = world.engine.resume(chat, turn).await.unwrap().expect("it waits");
        assert!(!answer.text.is_empty() && answer.format() == Some("html"));
        next_part(&world.engine, &mut answer, sent(7)).await;
    }
    assert!(world.due().await.is_empty());
}

#[tokio::test]
async fn after_a_restart_between_parts_only_the_rest_is_sent() {
    let world = World::new().await;
    let mut answer = world.reply(1, 3, true).await;
    let (chat, turn) = (answer.chat, answer.turn);
    world.engine.settle_part(&mut answer, sent(70)).unwrap();
    world.engine.begin_part(&mut answer).await.unwrap();
    // Whoever was sending it is gone.
    drop(answer);
    let world = world.restarted().await;
    let states = vec![PartState::Sent, PartState::Unknown, PartState::Waiting];
    assert_eq!(world.state(chat, turn).await, (DeliveryState::Sending, states));
    let mut answer = world.engine.resume(chat, turn).await.unwrap().expect("the rest waits");
    assert_eq!(answer.part_to_send(), Some(2));
    next_part(&world.engine, &mut answer, sent(72)).await;
    drop(answer);
    assert_eq!(world.state(chat, turn).await.0, DeliveryState::Unknown);
    assert!(world.engine.resume(chat, turn).await.unwrap().is_none(), "a doubt is not sent again by itself");
}

#[tokio::test]
async fn a_part_that_is_made_to_wait_is_in_no_doubt() {
    let world = World::new().await;
    let mut answer = world.reply(1, 1, true).await;
    let (chat, turn) = (answer.chat, answer.turn);
    world.engine.settle_part(&mut answer, PartOutcome::NotSent).unwrap();
    drop(answer);
    let world = world.restarted().await;
    assert_eq!(world.state(chat, turn).await, (DeliveryState::Composed, vec![PartState::Waiting]));
    assert_eq!(world.due().await, [turn]);
}

#[tokio::test]
async fn only_a_person_has_a_doubtful_reply_sent_again_and_knows_that_it_may_double() {
    let world = World::new().await;
    world.engine.report_telegram(ServiceState::ok("polling"));
    let mut answer = world.reply(1, 2, true).await;
    let (chat, turn) = (answer.chat, answer.turn);
    world.engine.settle_part(&mut answer, PartOutcome::Unknown { reason: "timed out".to_owned() }).unwrap();
    next_part(&world.engine, &mut answer, sent(71)).await;
    drop(answer);
    let hesitant = world.engine.send_again(chat, turn, false).await;
    assert!(matches!(hesitant, Err(EngineError::Conflict(why)) if why.contains("may_double")));
    world.engine.send_again(chat, turn, true).await.unwrap();
    assert_eq!(world.due().await, [turn]);
    let mut answer = world.engine.resume(chat, turn).await.unwrap().expect("it waits");
    assert_eq!(answer.part_to_send(), Some(0), "the part that arrived is not sent again");
    next_part(&world.engine, &mut answer, sent(72)).await;
    drop(answer);
    assert_eq!(world.state(chat, turn).await.0, DeliveryState::Sent);
    let again = world.engine.send_again(chat, turn, true).await;
    assert!(matches!(again, Err(EngineError::Conflict(_))), "all of it has arrived");
}

#[tokio::test]
async fn who_writes_again_can_be_written_to_again() {
    let world = World::new().await;
    world.engine.report_telegram(ServiceState::ok("polling"));
    let mut answer = world.reply(1, 1, true).await;
    let (chat, turn) = (answer.chat, answer.turn);
    world.engine.settle_part(&mut answer, refused("the person has blocked the bot")).unwrap();
    drop(answer);
    world.engine.report_unreachable(chat, "the person has blocked the bot").await.unwrap();
    let detail = world.engine.turn(chat, turn).await.unwrap();
    assert!(detail.delivery.unwrap().told().contains("blocked"));
    assert!(world.engine.chat(chat).await.unwrap().summary.unreachable.is_some());
    world.engine.receive(telegram(2, "I am back")).await.unwrap();
    assert!(world.engine.chat(chat).await.unwrap().summary.unreachable.is_none());
    world.engine.send_again(chat, turn, false).await.unwrap();
    assert_eq!(world.due().await, [turn]);
}

#[tokio::test]
async fn a_reply_of_which_nothing_went_out_can_be_cut_in_another_way() {
    let world = World::new().await;
    let mut answer = world.reply(1, 1, true).await;
    let (chat, turn) = (answer.chat, answer.turn);
    world.engine.settle_part(&mut answer, PartOutcome::NotSent).unwrap();
    let plan = Plan { format: "plain".to_owned(), parts: 2, at_once: false };
    world.engine.replan(&mut answer, &plan).await.unwrap();
    next_part(&world.engine, &mut answer, sent(70)).await;
    assert!(world.engine.replan(&mut answer, &plan).await.is_err(), "some of it has arrived");
    drop(answer);
    assert_eq!(world.state(chat, turn).await.1, [PartState::Sent, PartState::Waiting]);
}

#[tokio::test]
async fn a_command_is_carried_out_once_whatever_dies() {
    let command = |update| Incoming { kind: MessageKind::Command, author_id: Some(1_001), ..telegram(update, "/help") };
    let world = World::new().await;
    let first = world.engine.receive(command(1)).await.unwrap();
    let second = world.engine.receive(command(2)).await.unwrap();
    let third = world.engine.receive(command(3)).await.unwrap();
    let answered = CommandAnswered::Sent { record: "This is what I can do.".to_owned() };
    world.engine.begin_command_answer(first.message).await.unwrap();
    world.engine.settle_command(first.chat, first.message, answered).await.unwrap();
    world.engine.begin_command_answer(second.message).await.unwrap();
    let world = world.restarted().await;
    let due: Vec<_> = world.engine.errands().await.unwrap().iter().map(|errand| errand.command).collect();
    assert_eq!(due, [third.message], "the first is done, the second's answer may have arrived");
    let messages = world.engine.messages(first.chat, MessageQuery::default()).await.unwrap().items;
    let doubtful: Vec<_> = messages.iter().filter(|message| message.delivery.is_some()).collect();
    assert_eq!(doubtful.len(), 1);
    assert_eq!((doubtful[0].id, doubtful[0].delivery), (second.message, Some(DeliveryState::Unknown)));
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_stays_one_chat() {
    let world = World::new().await;
    let chat = world.engine.receive(telegram(1, "hello")).await.unwrap().chat;
    world.engine.migrate_telegram_chat(77, -1077).await.unwrap();
    let moved = world.engine.chat(chat).await.unwrap().telegram.unwrap();
    assert_eq!(moved.chat_id, -1077);
    // A second notice of it, and a chat that is known by the new id already, change nothing.
    world.engine.migrate_telegram_chat(77, -1077).await.unwrap();
    let other = world.engine.receive(telegram(2, "hello again")).await.unwrap().chat;
    assert_ne!(other, chat);
    world.engine.migrate_telegram_chat(77, -1077).await.unwrap();
    assert_eq!(world.engine.chat(other).await.unwrap().telegram.unwrap().chat_id, 77);
}

/// A model with a bug.
struct Panicking;

#[async_trait]
impl ChatModel for Panicking {
    async fn complete(&self, _: &ChatRequest, _: &DeltaSender) -> Result<Completion, ModelError> {
        panic!("a bug")
    }

    fn is_language_model(&self) -> bool {
        true
    }

    async fn probe(&self, _: &[String]) -> Result<ModelHealth, ModelError> {
        Err(ModelError::Unavailable("never".to_owned()))
    }

    fn learnt(&self) -> Vec<Learnt> {
        Vec::new()
    }
}

#[tokio::test]
async fn a_turn_whose_making_panics_fails_and_is_told() {
    let world = World::with(Arc::new(Panicking)).await;
    let answer = world.reply(1, 1, true).await;
    let (chat, turn) = (answer.chat, answer.turn);
    assert!(answer.failed && !answer.text.is_empty());
    drop(answer);
    let record = world.engine.turn(chat, turn).await.unwrap().item.record;
    assert_eq!(record.state.as_str(), "failed");
    assert!(world.engine.store().running_turn(chat).await.unwrap().is_none());
    // The chat goes on.
    assert!(world.reply(2, 1, true).await.failed);
}

//! Whole answers, as people read them.

use souvenir_memory::{
    Role, TokenCounter,
    context::ContextMessage,
    prompt::{
        DEFAULT_SYSTEM_PROMPT, FACTS_CLOSE, FACTS_OPEN, RECALLED_CLOSE, RECALLED_OPEN, SUMMARIES_CLOSE, SUMMARIES_OPEN,
        clock_line, recalled_heading, recalled_line, summary_line,
    },
};
use tokio::sync::mpsc;

use super::*;

fn message(role: Role, content: impl Into<String>) -> ContextMessage {
    ContextMessage { role, content: content.into(), tokens: TokenCount::ZERO }
}

/// A context in the builder's shape, with an earlier answer, before the message being answered.
fn remembered() -> Vec<ContextMessage> {
    let recalled = [
        recalled_heading("3 May 2026"),
        recalled_line("Ann", "My sister Natalie moved to Lyon in March."),
        recalled_line("Souvenir", "Natalie in Lyon, noted."),
        recalled_heading("4 June 2026"),
        recalled_line("user", "Договор с типографией подписан"),
    ];
    vec![
        message(Role::System, DEFAULT_SYSTEM_PROMPT),
        message(Role::System, format!("{FACTS_OPEN}- Ann: is allergic to nuts\n- likes cycling\n{FACTS_CLOSE}")),
        message(
            Role::System,
            format!("{SUMMARIES_OPEN}{}{SUMMARIES_CLOSE}", summary_line("They planned a trip to Corsica.")),
        ),
        message(Role::User, "I planted three apple trees behind the house."),
        message(Role::Assistant, "Noted. I keep it word for word."),
        message(
            Role::System,
            format!("{RECALLED_OPEN}{}{RECALLED_CLOSE}{}", recalled.concat(), clock_line("Sunday 22 November 2026")),
        ),
    ]
}

fn answer_to(text: &str) -> String {
    let mut messages = remembered();
    messages.push(message(Role::User, text));
    reply::write(&messages)
}

fn first_answer_to(text: &str) -> String {
    reply::write(&[message(Role::System, DEFAULT_SYSTEM_PROMPT), message(Role::User, text)])
}

#[test]
fn the_first_reply_says_that_there_is_no_language_model_and_how_to_have_one() {
    for (text, says) in
        [("Hello!", "No language model"), ("Привет!", "Языковая модель не"), ("Bonjour !", "Aucun modèle de langage")]
    {
        let reply = first_answer_to(text);
        assert!(
            reply.contains(says) && reply.contains("OPENAI_BASE_URL") && reply.contains("OPENAI_API_KEY"),
            "{reply}"
        );
    }
    assert!(!answer_to("Hello!").contains("OPENAI"));
    assert!(answer_to("Who are you?").contains("OPENAI"));
}

#[test]
fn a_question_is_answered_with_what_was_said_and_when() {
    assert_eq!(
        answer_to("Where did Natalie move?"),
        "This is what I have on that:\n- 3 May 2026, Ann: “My sister Natalie moved to Lyon in March.”"
    );
    assert_eq!(
        answer_to("Что с договором?"),
        "Вот что у меня об этом есть:\n- 4 июня 2026: «Договор с типографией подписан»"
    );
    assert_eq!(
        answer_to("Est-ce que Natalie est à Lyon ?"),
        "Voici ce que j’ai à ce sujet :\n- 3 mai 2026, Ann: « My sister Natalie moved to Lyon in March. »"
    );
    assert_eq!(answer_to("Is Ann allergic?"), "This is what I have on that:\n- Ann: is allergic to nuts");
    assert_eq!(
        answer_to("how many trees did I plant"),
        "This is what I have on that:\n- “I planted three apple trees behind the house.”"
    );
}

#[test]
fn nothing_found_is_said_so() {
    assert_eq!(answer_to("What is the capital of Peru?"), texts::of(crate::language::Language::English).nothing);
    assert_eq!(answer_to("Какая столица Перу?"), texts::of(crate::language::Language::Russian).nothing);
    assert_eq!(answer_to("Quelle est la capitale du Pérou ?"), texts::of(crate::language::Language::French).nothing);
}

#[test]
fn a_statement_is_kept_and_shown_with_what_goes_with_it() {
    assert_eq!(answer_to("The dentist is closed on Fridays."), "Noted. I keep it word for word.");
    assert_eq!(
        answer_to("Natalie found a flat."),
        "Noted. I keep it word for word.\n\nIt goes with what I have already:\n\
         - 3 May 2026, Ann: “My sister Natalie moved to Lyon in March.”"
    );
}

#[test]
fn all_that_is_remembered_is_listed_on_request() {
    assert_eq!(
        answer_to("What do you know about me?"),
        "These facts are remembered about this chat:\n- Ann: is allergic to nuts\n- likes cycling\n\n\
         Of earlier conversations:\n- They planned a trip to Corsica.\n\n\
         Lately you told me:\n- 3 May 2026, Ann: “My sister Natalie moved to Lyon in March.”\n\
         - 4 June 2026: “Договор с типографией подписан”\n\
         - “I planted three apple trees behind the house.”"
    );
    assert!(first_answer_to("Que sais-tu ?").contains("Aucun fait"));
}

#[test]
fn earlier_questions_are_quoted_only_for_want_of_better() {
    let mut messages = remembered();
    messages.extend([message(Role::User, "Where did Natalie move?"), message(Role::Assistant, "To Lyon.")]);
    messages.extend([message(Role::User, "Who is Peter?"), message(Role::Assistant, "I find nothing.")]);
    let ask = |text: &str| {
        let mut messages = messages.clone();
        messages.push(message(Role::User, text));
        reply::write(&messages)
    };
    assert!(!ask("Where is Natalie?").contains("Where did"));
    assert!(!ask("What do you know?").contains("Peter"));
    assert!(!ask("Peter came by.").contains("Who"));
    assert!(ask("Where is Peter?").contains("“Who is Peter?”"));
}

#[test]
fn a_burst_is_answered_as_one() {
    let mut messages = remembered();
    messages.extend([message(Role::User, "By the way"), message(Role::User, "where is Natalie?")]);
    assert!(reply::write(&messages).contains("Lyon"));
}

#[test]
fn a_message_without_a_language_is_answered_in_that_of_the_one_before() {
    let messages = [message(Role::User, "Я живу в Лионе"), message(Role::Assistant, "…"), message(Role::User, "👍")];
    assert_eq!(reply::write(&messages), "Записано, слово в слово.");
}

#[tokio::test]
async fn an_answer_is_streamed_counted_and_the_same_each_time() {
    let mut messages = remembered();
    messages.push(message(Role::User, "Where is Natalie?"));
    let request = ChatRequest {
        model: "gpt-6.1-terra".to_owned(),
        messages,
        max_output_tokens: TokenCount(1000),
        reasoning_effort: None,
        schema: None,
        toolbox: None,
        pictures: Vec::new(),
    };
    let (deltas, mut received) = mpsc::unbounded_channel();
    let completion = OfflineModel.complete(&request, &deltas).await.unwrap();
    let again = OfflineModel.complete(&request, &mpsc::unbounded_channel().0).await.unwrap();
    drop(deltas);
    let mut pieces = Vec::new();
    while let Some(piece) = received.recv().await {
        pieces.push(piece);
    }
    assert!(pieces.len() > 5);
    assert_eq!(pieces.concat(), completion.text);
    assert_eq!((&completion.text, &completion.request_sha256), (&again.text, &again.request_sha256));
    let counter = BpeCounter::default();
    let usage = completion.usage.unwrap();
    assert_eq!(usage.prompt, request_tokens(&request.messages, &counter));
    assert_eq!(usage.completion, counter.count(&completion.text));
    assert_eq!(completion.model.as_deref(), Some("offline"));
}

#[tokio::test]
async fn an_answer_is_never_longer_than_asked_for() {
    let request = ChatRequest {
        model: "offline".to_owned(),
        messages: vec![message(Role::User, "Hello!")],
        max_output_tokens: TokenCount(16),
        reasoning_effort: None,
        schema: None,
        toolbox: None,
        pictures: Vec::new(),
    };
    let completion = OfflineModel.complete(&request, &mpsc::unbounded_channel().0).await.unwrap();
    assert!(completion.usage.unwrap().completion.0 <= 16);
    assert!(completion.text.starts_with("I am Souvenir."));
    assert_eq!(completion.finish_reason.as_deref(), Some("length"));
}

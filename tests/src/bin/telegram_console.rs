//! Souvenir's outside world to play with by hand: the tests' Bot API server and model server, and one person at the
//! keyboard.
//!
//! It prints the environment for `souvenir serve`. Then each line typed is a message of that person; `!press TEXT`
//! presses a button of the last message that has it; `!reply TEXT` replies to the last message of the bot; `!down` and `!up`
//! take the Bot API away and bring it back. What the bot sends is printed as it comes.

use std::sync::Arc;

use souvenir_tests::bot_api::{BotApi, Person, Sent};
use souvenir_tests::model::ModelServer;
use tokio::sync::mpsc;

#[tokio::main]
async fn main() {
    let bot = Arc::new(BotApi::start().await);
    let model = ModelServer::start().await;
    let owner = bot.user(1_001, "Ada");
    println!("export TELEGRAM_API_URL={}", bot.url());
    println!("export TELEGRAM_BOT_TOKEN={}", bot.token());
    println!("export TELEGRAM_OWNER_ID={}", owner.id);
    println!("export OPENAI_BASE_URL={}", model.url());
    println!("export OPENAI_API_KEY={}", model.key());
    println!("# Now run souvenir serve with these; then type messages here.");

    tokio::spawn(print_sent(Arc::clone(&bot), owner.clone()));
    let mut lines = typed_lines();
    while let Some(line) = lines.recv().await {
        obey(&bot, &owner, line.trim()).await;
    }
}

fn typed_lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        // When nobody listens any more, the program is ending.
        lines.map(|line| sender.blocking_send(line)).take_while(Result::is_ok).for_each(drop);
    });
    receiver
}

async fn obey(bot: &BotApi, owner: &Person, line: &str) {
    match line.split_once(' ') {
        _ if line.is_empty() => {}
        _ if line == "!down" => bot.go_down(),
        _ if line == "!up" => bot.go_up().await,
        Some(("!press", button)) => match bot.sent(owner).into_iter().rfind(|sent| sent.button(button).is_some()) {
            Some(sent) => {
                bot.press(owner, &sent, button);
            }
            None => println!("# no such button"),
        },
        Some(("!reply", text)) => match bot.sent(owner).into_iter().next_back() {
            Some(sent) => {
                bot.reply(owner, &sent, text);
            }
            None => println!("# nothing to reply to"),
        },
        _ => {
            bot.say(owner, line);
        }
    }
}

async fn print_sent(bot: Arc<BotApi>, owner: Person) {
    let mut printed = Vec::<(i64, usize)>::new();
    loop {
        for sent in bot.sent(&owner) {
            let version = (sent.message_id, sent.edits.len());
            if !printed.contains(&version) {
                print(&sent);
                printed.push(version);
            }
        }
        bot.changed().await;
    }
}

fn print(sent: &Sent) {
    println!("[{} {:?}] {}", sent.message_id, sent.format, sent.text);
    for row in &sent.keyboard {
        let buttons: Vec<_> = row.iter().map(|button| format!("({})", button.text)).collect();
        println!("    {}", buttons.join(" "));
    }
}

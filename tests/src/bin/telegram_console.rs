//! Souvenir's outside world to play with by hand: the tests' Bot API server and model server, and one person at the
//! keyboard.
//!
//! It prints the environment for `souvenir serve`. Then each line typed is a message of that person, or begins with `!`:
//! `!help` lists what can be done beside talking. What the bot sends is printed as it comes, in private, in the group, and
//! while it is being made.

use std::sync::Arc;
use std::time::Duration;

use souvenir_tests::bot_api::{Attached, BotApi, Group, Others, Person, Sent};
use souvenir_tests::model::ModelServer;
use tokio::sync::mpsc;

const HELP: &str = "# !press BUTTON  presses a button of the last message that has it
# !reply TEXT    replies to the bot's last message;  !forward NAME TEXT  passes on what somebody wrote
# !edit TEXT     changes your last message
# !photo [TEXT]  !album [TEXT]  !voice WORDS  !file NAME TEXT  !sticker  send these
# !group TEXT    writes in a group;  !topic NUMBER TEXT  in a topic of it;  !grouppress BUTTON  presses there
# !as ID NAME TEXT  somebody else writes
# !stop          presses the stop button of the answer in the making
# !model TEXT    is what the model says next (\\n for lines);  !slow MS  how long each of its words takes
# !down !up      take the Bot API away and bring it back
# !old !careless !strict !bare  it is an old server from now on, or one that others wrote";

/// Everything there is outside.
struct Outside {
    bot: Arc<BotApi>,
    model: ModelServer,
    owner: Person,
    group: Group,
    /// The update with what the owner said last, other than a command.
    last: Option<i64>,
}

#[tokio::main]
async fn main() {
    let bot = Arc::new(BotApi::start().await);
    let model = ModelServer::start().await;
    let owner = bot.user(1_001, "Ada");
    let group = bot.group(-1_001_234_567_890, "Walkers");
    println!("export TELEGRAM_API_URL={}", bot.url());
    println!("export TELEGRAM_BOT_TOKEN={}", bot.token());
    println!("export TELEGRAM_OWNER_ID={}", owner.id);
    println!("export OPENAI_BASE_URL={}", model.url());
    println!("export OPENAI_API_KEY={}", model.key());
    println!("export SOUVENIR_TRANSCRIPTION_MODEL=ears-1");
    println!("# Now run souvenir serve with these; then type messages here, or !help.");

    tokio::spawn(print_sent(Arc::clone(&bot), owner.clone()));
    let mut outside = Outside { bot, model, owner, group, last: None };
    let mut lines = typed_lines();
    while let Some(line) = lines.recv().await {
        outside.obey(line.trim()).await;
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

impl Outside {
    async fn obey(&mut self, line: &str) {
        let Some(order) = line.strip_prefix('!') else {
            if !line.is_empty() {
                let update = self.bot.say(&self.owner, line);
                self.last = Some(update).filter(|_| !line.starts_with('/')).or(self.last);
            }
            return;
        };
        let (order, rest) = order.split_once(' ').unwrap_or((order, ""));
        match order {
            "down" => self.bot.go_down(),
            "up" => self.bot.go_up().await,
            "old" => self.bot.be_old(true),
            "careless" => self.bot.be_of_others(Others::Careless),
            "strict" => self.bot.be_of_others(Others::Strict),
            "bare" => self.bot.be_of_others(Others::Bare),
            "model" => self.model.reply_with([rest.replace("\\n", "\n")]),
            "slow" => self.model.write_slowly(Duration::from_millis(rest.parse().unwrap_or(100))),
            "press" | "grouppress" => self.press(order == "grouppress", rest),
            _ => match self.speak(order, rest) {
                Some(update) => self.last = Some(update).filter(|_| !matches!(order, "stop" | "as")).or(self.last),
                None => println!("{HELP}"),
            },
        }
    }

    /// Something that is said, sent or stopped; none for an order that there is not.
    fn speak(&self, order: &str, rest: &str) -> Option<i64> {
        let (bot, owner) = (&self.bot, &self.owner);
        let two = || rest.split_once(' ').unwrap_or((rest, ""));
        Some(match order {
            "reply" => bot.reply(owner, bot.sent(owner).last()?, rest),
            "forward" => bot.forward(owner, two().0, two().1),
            "edit" => bot.edit(self.last?, rest),
            "photo" => bot.send(owner, &Attached::Photo(1_280, 960), rest),
            "album" => *bot.send_album(owner, &[Attached::Photo(640, 480), Attached::Photo(480, 640)], rest).last()?,
            "voice" => {
                self.model.hear([rest]);
                bot.send(owner, &Attached::Voice(4, b"OggS".to_vec()), "")
            }
            "file" => bot.send(owner, &Attached::text(two().0, two().1), ""),
            "sticker" => bot.send(owner, &Attached::Sticker("👍".to_owned()), ""),
            "group" => bot.say_in(&self.group, owner, rest),
            "topic" => bot.say_in_topic(&self.group, two().0.parse().ok()?, owner, two().1),
            "as" => {
                let (name, text) = two().1.split_once(' ')?;
                bot.say(&bot.user(two().0.parse().ok()?, name), text)
            }
            "stop" => bot.stop_draft(owner),
            _ => return None,
        })
    }

    fn press(&self, in_group: bool, button: &str) {
        let sent = if in_group { self.bot.sent_in(self.group.id) } else { self.bot.sent(&self.owner) };
        let Some(sent) = sent.into_iter().rfind(|sent| sent.button(button).is_some()) else {
            println!("# no such button");
            return;
        };
        if in_group {
            self.bot.press_in(&self.group, &self.owner, &sent, button);
        } else {
            self.bot.press(&self.owner, &sent, button);
        }
    }
}

async fn print_sent(bot: Arc<BotApi>, owner: Person) {
    let (mut printed, mut drafts) = (Vec::<(i64, i64, usize)>::new(), 0);
    loop {
        let shown = bot.drafts(&owner);
        for draft in shown.iter().skip(drafts) {
            println!("[draft {:?}] {}", draft.format, draft.text);
        }
        drafts = shown.len();
        for sent in bot.ledger() {
            let version = (sent.chat_id, sent.message_id, sent.edits.len());
            if !printed.contains(&version) {
                print(&sent);
                printed.push(version);
            }
        }
        bot.changed().await;
    }
}

fn print(sent: &Sent) {
    println!("[{} in {} {:?}] {}", sent.message_id, sent.chat_id, sent.format, sent.text);
    for row in &sent.keyboard {
        let buttons: Vec<_> = row.iter().map(|button| format!("({})", button.text)).collect();
        println!("    {}", buttons.join(" "));
    }
}

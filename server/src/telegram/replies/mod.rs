//! Every text Souvenir itself says in Telegram, in English, Russian and French. All of them are Markdown.
//!
//! Numbers stand apart from the words they count, so that no language needs plural forms.

pub(super) mod again;
pub(super) mod buttons;
pub(super) mod context;
pub(super) mod facts;
pub(super) mod files;
pub(super) mod forget;
pub(super) mod goals;
pub(super) mod limits;
pub(super) mod memory;
pub(super) mod preferences;
pub(super) mod privacy;
pub(super) mod quotes;
pub(super) mod recorded;
pub(super) mod remember;
pub(super) mod search;
pub(super) mod session;
pub(super) mod summary;
#[cfg(test)]
mod tests;
pub(super) mod usage;

use super::language::Language;

/// The commands with a line each, for Telegram's menu and for `/help`.
pub(in crate::telegram) fn commands(language: Language) -> [(&'static str, &'static str); 19] {
    let line = |en, ru, fr| language.pick(en, ru, fr);
    [
        ("start", line("Say hello", "Поздороваться", "Dire bonjour")),
        ("stop", line("Stop the answer being written", "Остановить ответ", "Arrêter la réponse en cours")),
        ("retry", line("Answer the last question anew", "Ответить ещё раз", "Répondre à nouveau")),
        ("help", line("What I can do", "Что я умею", "Ce que je sais faire")),
        ("facts", line("What I remember; correct it", "Что я помню; исправить", "Ce que je sais ; le corriger")),
        ("search", line("Find what was said here", "Найти сказанное здесь", "Retrouver ce qui a été dit")),
        ("remember", line("Have me remember something", "Попросить запомнить", "Me faire retenir quelque chose")),
        ("forget", line("Have me forget for good", "Стереть из моей памяти", "Me faire oublier pour de bon")),
        ("goals", line("Goals and when they are due", "Цели и сроки", "Objectifs et échéances")),
        ("summary", line("Sum up the last days", "Итог последних дней", "Résumer les derniers jours")),
        ("context", line("What I see when I answer", "Что я вижу, отвечая", "Ce que je vois en répondant")),
        ("session", line("How long messages stay fresh", "Как долго сообщения свежие", "Durée de la mémoire vive")),
        ("memory", line("How much I hold of this chat", "Сколько я храню об этом чате", "Combien je garde de ce chat")),
        ("reset", line("Begin a new conversation", "Начать разговор заново", "Repartir à zéro")),
        ("settings", line("Settings of this chat", "Настройки этого чата", "Réglages de cette discussion")),
        ("usage", line("What was used, and what is left", "Сколько израсходовано", "Ce qui a été utilisé")),
        ("privacy", line("What I keep and who reads it", "Что я храню и кто это видит", "Ce que je garde, qui le lit")),
        (
            "export",
            line("All I hold of this chat, as a file", "Всё об этом чате, файлом", "Tout ce que je garde, en fichier"),
        ),
        ("dashboard", line("Sign in to the dashboard", "Войти в панель", "Ouvrir le tableau de bord")),
    ]
}

/// To somebody who may not do this in a group.
pub(in crate::telegram) fn only_administrators(language: Language) -> String {
    let text = language.pick(
        "In a group, only its administrators can do this.",
        "В группе это могут только её администраторы.",
        "Dans un groupe, seuls ses administrateurs peuvent le faire.",
    );
    text.to_owned()
}

/// To a button that leads nowhere any more.
pub(in crate::telegram) fn stale_button(language: Language) -> String {
    let text = language.pick(
        "This button is out of date. Send the command again.",
        "Эта кнопка устарела. Отправьте команду ещё раз.",
        "Ce bouton n'est plus à jour. Renvoyez la commande.",
    );
    text.to_owned()
}

/// To `/dashboard` in a group: a link that signs in is for the owner's eyes.
pub(in crate::telegram) fn dashboard_in_private(language: Language) -> String {
    let text = language.pick(
        "Ask me for the dashboard in our private chat.",
        "Попросите ссылку на панель в личном чате со мной.",
        "Demandez-moi le tableau de bord dans notre discussion privée.",
    );
    text.to_owned()
}

/// To somebody who has just become the owner.
pub(in crate::telegram) fn paired(language: Language) -> String {
    let text = language.pick(
        "**You are the owner now.** Write to me and I remember. /dashboard signs you in where you see everything I keep; \
         /help lists the commands.",
        "**Теперь вы владелец.** Пишите, и я буду помнить. /dashboard открывает панель, где видно всё, что я храню; \
         /help перечисляет команды.",
        "**Vous êtes maintenant propriétaire.** Écrivez-moi et je m'en souviens. /dashboard ouvre le tableau de bord, où \
         se voit tout ce que je garde ; /help donne la liste des commandes.",
    );
    text.to_owned()
}

/// To `/start`.
pub(in crate::telegram) fn hello(language: Language) -> String {
    let text = language.pick(
        "Hello! Write to me and I remember. /help lists the commands.",
        "Здравствуйте! Пишите, и я буду помнить. /help перечисляет команды.",
        "Bonjour ! Écrivez-moi et je m'en souviens. /help donne la liste des commandes.",
    );
    text.to_owned()
}

/// To `/help`.
pub(in crate::telegram) fn help(language: Language, is_owner: bool) -> String {
    let intro = language.pick(
        "I answer what you write and remember it: what is recent word for word, what is older by what I noted and find.",
        "Я отвечаю на сообщения и помню их: недавние дословно, старые — по заметкам и поиску.",
        "Je réponds à vos messages et je m'en souviens : les récents mot pour mot, les anciens par mes notes et la \
         recherche.",
    );
    let mut text = intro.to_owned();
    for (name, about) in commands(language) {
        match name {
            "start" => {}
            "dashboard" if !is_owner => {}
            _ => text.push_str(&format!("\n{}/{name} — {about}", if name == "help" { "\n" } else { "" })),
        }
    }
    text
}

/// To a stranger, once.
pub(in crate::telegram) fn refusal(language: Language) -> String {
    let text = language.pick(
        "This bot is private. Only people its owner allows can talk to it; nothing you wrote is kept.",
        "Это личный бот. Говорить с ним могут только те, кому разрешил владелец; ваши сообщения не сохранены.",
        "Ce bot est privé. Seules les personnes autorisées par son propriétaire peuvent lui parler ; rien de ce que vous \
         avez écrit n'est conservé.",
    );
    text.to_owned()
}

/// To `/reset`.
pub(in crate::telegram) fn reset(language: Language) -> String {
    let text = language.pick(
        "Done: the next message begins a new conversation. Nothing is deleted; I still find older messages when they \
         matter.",
        "Готово: следующее сообщение начинает новый разговор. Ничего не удалено; старые сообщения я найду, когда они \
         понадобятся.",
        "C'est fait : le prochain message ouvre une nouvelle conversation. Rien n'est effacé ; je retrouve les anciens \
         messages quand ils comptent.",
    );
    text.to_owned()
}

/// To the owner's `/dashboard`.
pub(in crate::telegram) fn dashboard(language: Language, link: &str) -> String {
    let about = language.pick(
        "Sign in to the dashboard. This link works once, for 10 minutes:",
        "Вход в панель. Ссылка действует один раз, 10 минут:",
        "Connexion au tableau de bord. Ce lien sert une seule fois, pendant 10 minutes :",
    );
    format!("{about}\n<{link}>")
}

/// What is stored instead of [`dashboard`]: a link that signs in is not kept.
pub(in crate::telegram) fn dashboard_sent(language: Language) -> String {
    let text =
        language.pick("A sign-in link was sent.", "Отправлена ссылка для входа.", "Un lien de connexion a été envoyé.");
    text.to_owned()
}

/// To anybody else's `/dashboard`.
pub(in crate::telegram) fn dashboard_refused(language: Language) -> String {
    let text = language.pick(
        "Only the owner can open the dashboard.",
        "Открыть панель может только владелец.",
        "Seul le propriétaire peut ouvrir le tableau de bord.",
    );
    text.to_owned()
}

/// To a command there is not.
pub(in crate::telegram) fn unknown_command(language: Language) -> String {
    let text = language.pick(
        "I do not know this command; /help lists those I know.",
        "Такой команды нет; /help перечисляет те, что есть.",
        "Je ne connais pas cette commande ; /help donne la liste de celles que je connais.",
    );
    text.to_owned()
}

/// What a text about a stopped answer begins with.
pub(in crate::telegram) const STOPPED: &str = "⏹";

/// Under an answer that a person stopped.
pub(in crate::telegram) fn stopped_here(language: Language) -> String {
    let words = language.pick("Stopped here", "Остановлено здесь", "Arrêté ici");
    format!("_{STOPPED} {words}_")
}

/// To `/stop` while nothing is being written.
pub(in crate::telegram) fn nothing_to_stop(language: Language) -> String {
    let text = language.pick(
        "I am not writing anything just now.",
        "Сейчас я ничего не пишу.",
        "Je n'écris rien en ce moment.",
    );
    text.to_owned()
}

/// When Souvenir itself failed. What was said is stored by then.
pub(in crate::telegram) fn trouble(language: Language) -> String {
    let text = language.pick(
        "Something went wrong on my side. Your message is kept; please try again.",
        "У меня что-то сломалось. Ваше сообщение сохранено; попробуйте ещё раз.",
        "Quelque chose s'est mal passé de mon côté. Votre message est conservé ; réessayez.",
    );
    text.to_owned()
}

//! Every text Souvenir itself says in Telegram, in English, Russian and French. All of them are Markdown.
//!
//! Numbers stand apart from the words they count, so that no language needs plural forms.

use souvenir_memory::SessionDuration;

use super::{format::escape, holdings::Holdings, language::Language};

/// The commands with a line each, for Telegram's menu and for `/help`.
pub(super) fn commands(language: Language) -> [(&'static str, &'static str); 6] {
    let line = |en, ru, fr| language.pick(en, ru, fr);
    [
        ("start", line("Say hello", "Поздороваться", "Dire bonjour")),
        ("help", line("What I can do", "Что я умею", "Ce que je sais faire")),
        ("session", line("How long messages stay fresh", "Как долго сообщения свежие", "Durée de la mémoire vive")),
        ("memory", line("What I hold of this chat", "Что я помню об этом чате", "Ce que je retiens de ce chat")),
        ("reset", line("Begin a new conversation", "Начать разговор заново", "Repartir à zéro")),
        ("dashboard", line("Sign in to the dashboard", "Войти в панель", "Ouvrir le tableau de bord")),
    ]
}

/// To somebody who has just become the owner.
pub(super) fn paired(language: Language) -> String {
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
pub(super) fn hello(language: Language) -> String {
    let text = language.pick(
        "Hello! Write to me and I remember. /help lists the commands.",
        "Здравствуйте! Пишите, и я буду помнить. /help перечисляет команды.",
        "Bonjour ! Écrivez-moi et je m'en souviens. /help donne la liste des commandes.",
    );
    text.to_owned()
}

/// To `/help`.
pub(super) fn help(language: Language, is_owner: bool) -> String {
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
pub(super) fn refusal(language: Language) -> String {
    let text = language.pick(
        "This bot is private. Only people its owner allows can talk to it; nothing you wrote is kept.",
        "Это личный бот. Говорить с ним могут только те, кому разрешил владелец; ваши сообщения не сохранены.",
        "Ce bot est privé. Seules les personnes autorisées par son propriétaire peuvent lui parler ; rien de ce que vous \
         avez écrit n'est conservé.",
    );
    text.to_owned()
}

/// Above the buttons of `/session`.
pub(super) fn session_choice(language: Language, current: SessionDuration) -> String {
    let current = language.duration(current);
    match language {
        Language::English => {
            format!(
                "A message stays in short-term memory for **{current}**. Choose how long, or send /session with minutes."
            )
        }
        Language::Russian => {
            format!(
                "Сообщение остаётся в краткосрочной памяти **{current}**. Выберите срок или пришлите /session с минутами."
            )
        }
        Language::French => {
            format!(
                "Un message reste en mémoire vive pendant **{current}**. Choisissez la durée, ou envoyez /session avec des minutes."
            )
        }
    }
}

/// The label of a button of `/session`.
pub(super) fn session_button(language: Language, duration: SessionDuration, is_current: bool) -> String {
    let name = match duration {
        SessionDuration::Short => language.pick("Short", "Короткая", "Courte"),
        SessionDuration::Medium => language.pick("Medium", "Средняя", "Moyenne"),
        SessionDuration::Long => language.pick("Long", "Долгая", "Longue"),
        SessionDuration::Custom(_) => language.pick("Custom", "Своя", "Libre"),
    };
    let mark = if is_current { "✓ " } else { "" };
    format!("{mark}{name} · {}", language.duration(duration))
}

/// After the duration has been changed, by button or by minutes.
pub(super) fn session_set(language: Language, duration: SessionDuration) -> String {
    let duration = language.duration(duration);
    match language {
        Language::English => format!("Messages now stay in short-term memory for {duration}."),
        Language::Russian => format!("Теперь сообщения остаются в краткосрочной памяти {duration}."),
        Language::French => format!("Les messages restent désormais en mémoire vive pendant {duration}."),
    }
}

/// To a duration that cannot be.
pub(super) fn session_invalid(language: Language, wanted: &str) -> String {
    let wanted: String = escape(&wanted.chars().take(40).collect::<String>());
    match language {
        Language::English => {
            format!("“{wanted}” is no duration: use short, medium, long, or minutes from 15 to 10080 (7 days).")
        }
        Language::Russian => {
            format!("«{wanted}» — не срок: подойдёт short, medium, long или минуты от 15 до 10080 (7 дней).")
        }
        Language::French => {
            format!(
                "« {wanted} » n'est pas une durée : utilisez short, medium, long, ou des minutes de 15 à 10080 (7 jours)."
            )
        }
    }
}

/// To `/memory`.
pub(super) fn memory(language: Language, held: &Holdings, is_owner: bool) -> String {
    let n = |number| language.number(number);
    let line = |name: &str, messages: u64, tokens: u64| match language {
        Language::English => format!("{name}: messages {}, tokens {}", n(messages), n(tokens)),
        Language::Russian => format!("{name}: сообщений {}, токенов {}", n(messages), n(tokens)),
        Language::French => format!("{name} : messages {}, tokens {}", n(messages), n(tokens)),
    };
    let title = language.pick(
        "**What I hold of this chat**",
        "**Что я помню об этом чате**",
        "**Ce que je retiens de ce chat**",
    );
    let short = format!(
        "{} ({})",
        language.pick("Short-term", "Краткосрочная", "Mémoire vive"),
        language.duration(held.session)
    );
    let mut lines = vec![
        title.to_owned(),
        line(&short, held.short_term.messages, held.short_term.tokens),
        line(language.pick("Mid-term", "Среднесрочная", "Moyen terme"), held.mid_term.messages, held.mid_term.tokens),
        line(
            language.pick("Whole history", "Вся история", "Tout l'historique"),
            held.whole.messages,
            held.whole.tokens,
        ),
        line(language.pick("Archived", "В архиве", "Archivés"), held.archived.messages, held.archived.tokens),
        String::new(),
    ];
    lines.push(match language {
        Language::English => format!("Facts: {}, open goals: {}", n(held.facts), n(held.open_goals)),
        Language::Russian => format!("Факты: {}, открытые цели: {}", n(held.facts), n(held.open_goals)),
        Language::French => format!("Faits : {}, objectifs ouverts : {}", n(held.facts), n(held.open_goals)),
    });
    lines.push(match language {
        Language::English => format!("Next context: {} of {} tokens", n(held.next_context), n(held.available)),
        Language::Russian => format!("Следующий контекст: {} из {} токенов", n(held.next_context), n(held.available)),
        Language::French => format!("Prochain contexte : {} tokens sur {}", n(held.next_context), n(held.available)),
    });
    if is_owner {
        lines.push(
            language
                .pick("/dashboard shows all of it.", "/dashboard показывает всё это.", "/dashboard montre tout.")
                .to_owned(),
        );
    }
    lines.join("\n")
}

/// To `/reset`.
pub(super) fn reset(language: Language) -> String {
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
pub(super) fn dashboard(language: Language, link: &str) -> String {
    let about = language.pick(
        "Sign in to the dashboard. This link works once, for 10 minutes:",
        "Вход в панель. Ссылка действует один раз, 10 минут:",
        "Connexion au tableau de bord. Ce lien sert une seule fois, pendant 10 minutes :",
    );
    format!("{about}\n<{link}>")
}

/// What is stored instead of [`dashboard`]: a link that signs in is not kept.
pub(super) fn dashboard_sent(language: Language) -> String {
    let text =
        language.pick("A sign-in link was sent.", "Отправлена ссылка для входа.", "Un lien de connexion a été envoyé.");
    text.to_owned()
}

/// To anybody else's `/dashboard`.
pub(super) fn dashboard_refused(language: Language) -> String {
    let text = language.pick(
        "Only the owner can open the dashboard.",
        "Открыть панель может только владелец.",
        "Seul le propriétaire peut ouvrir le tableau de bord.",
    );
    text.to_owned()
}

/// To a command there is not.
pub(super) fn unknown_command(language: Language) -> String {
    let text = language.pick(
        "I do not know this command; /help lists those I know.",
        "Такой команды нет; /help перечисляет те, что есть.",
        "Je ne connais pas cette commande ; /help donne la liste de celles que je connais.",
    );
    text.to_owned()
}

/// To what came without words.
pub(super) fn only_text(language: Language) -> String {
    let text = language.pick(
        "I read text only, so far. I keep a note that you sent this.",
        "Пока я понимаю только текст. Я запомню, что вы это прислали.",
        "Pour l'instant, je ne lis que le texte. Je garde une note de cet envoi.",
    );
    text.to_owned()
}

/// When Souvenir itself failed. What was said is stored by then.
pub(super) fn trouble(language: Language) -> String {
    let text = language.pick(
        "Something went wrong on my side. Your message is kept; please try again.",
        "У меня что-то сломалось. Ваше сообщение сохранено; попробуйте ещё раз.",
        "Quelque chose s'est mal passé de mon côté. Votre message est conservé ; réessayez.",
    );
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::*;

    #[test]
    fn a_wrong_duration_is_shown_as_it_was_written() {
        let told = format::plain(&session_invalid(Language::English, "<b>*soon*_"));
        assert!(told.starts_with("“<b>*soon*_” is no duration"), "{told}");
    }

    #[test]
    fn a_sign_in_link_arrives_whole() {
        let link = "http://127.0.0.1:3000/signin/a_b-c*d_e";
        for language in Language::ALL {
            let html = format::parts(&dashboard(language, link))[0].html();
            assert!(html.ends_with(link), "{html}");
        }
    }

    #[test]
    fn telegram_takes_every_line_of_the_menus() {
        for language in Language::ALL {
            for (name, about) in commands(language) {
                assert!((3..=256).contains(&about.chars().count()), "{name}: {about}");
            }
        }
    }
}

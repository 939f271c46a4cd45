//! What is said about `/forget`. None of it repeats a word of what is forgotten.

use souvenir_memory::forgetting::ForgetReport;

use crate::telegram::language::Language;

/// How much is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telegram) enum Extent {
    /// One message.
    Message,
    /// What was said last, and the answer.
    LastExchange,
    /// The last hour.
    Hour,
    /// Today.
    Today,
    /// Everything in this chat.
    Everything,
}

impl Extent {
    /// Those that `/forget` alone offers.
    pub(in crate::telegram) const OFFERED: [Self; 4] = [Self::LastExchange, Self::Hour, Self::Today, Self::Everything];
}

/// What a choice is called.
pub(in crate::telegram) fn name(language: Language, extent: Extent) -> &'static str {
    match extent {
        Extent::Message => language.pick("This message", "Это сообщение", "Ce message"),
        Extent::LastExchange => language.pick("The last exchange", "Последний вопрос с ответом", "Le dernier échange"),
        Extent::Hour => language.pick("The last hour", "Последний час", "La dernière heure"),
        Extent::Today => language.pick("Today", "Сегодняшний день", "Aujourd'hui"),
        Extent::Everything => language.pick("Everything in this chat", "Всё в этом чате", "Tout dans ce chat"),
    }
}

/// To `/forget` alone.
pub(in crate::telegram) fn menu(language: Language) -> String {
    let text = language.pick(
        "What shall I forget for good? You will see what goes before anything does. To forget one message, send /forget in \
         reply to it.",
        "Что мне стереть насовсем? Сначала вы увидите, что исчезнет. Чтобы стереть одно сообщение, отправьте /forget в ответ на \
         него.",
        "Que dois-je oublier pour de bon ? Vous verrez ce qui disparaît avant que rien ne se passe. Pour un seul message, \
         envoyez /forget en réponse à celui-ci.",
    );
    text.to_owned()
}

/// To `/forget` alone in a group.
pub(in crate::telegram) fn only_own_words(language: Language) -> String {
    let text = language.pick(
        "In a group you can have your own words forgotten: send /forget in reply to a message of yours. More than that is up \
         to the bot's owner.",
        "В группе можно стереть только свои слова: отправьте /forget в ответ на своё сообщение. Остальное может владелец бота.",
        "Dans un groupe, vous pouvez faire oublier vos propres mots : envoyez /forget en réponse à un de vos messages. Le \
         reste revient au propriétaire du bot.",
    );
    text.to_owned()
}

/// To a reply to a message that is not held.
pub(in crate::telegram) fn not_held(language: Language) -> String {
    let text = language.pick(
        "I do not hold that message: it was forgotten already, or I never had it.",
        "Этого сообщения у меня нет: оно уже стёрто, или его никогда не было.",
        "Je n'ai pas ce message : il est déjà oublié, ou je ne l'ai jamais eu.",
    );
    text.to_owned()
}

/// Where there is nothing.
pub(in crate::telegram) fn nothing(language: Language) -> String {
    language.pick("There is nothing to forget there.", "Там нечего стирать.", "Il n'y a rien à oublier là.").to_owned()
}

/// When more was said since the question was asked.
pub(in crate::telegram) fn moved_on(language: Language) -> String {
    let text = language.pick(
        "More was said meanwhile. This is what would go now.",
        "Тем временем разговор продолжился. Вот что исчезнет теперь.",
        "La conversation a continué. Voici ce qui disparaîtrait maintenant.",
    );
    text.to_owned()
}

/// What would go.
pub(in crate::telegram) fn preview(language: Language, extent: Extent, report: &ForgetReport) -> String {
    let name = name(language, extent);
    let about = language.pick("would go for good:", "исчезнет насовсем:", "disparaîtrait pour de bon :");
    let warning = language.pick("This cannot be undone.", "Отменить это будет нельзя.", "C'est irréversible.");
    format!("**{name}** {about}\n{}\n\n{warning}", lines(language, report))
}

/// What went.
pub(in crate::telegram) fn done(language: Language, report: &ForgetReport) -> String {
    let title = language.pick("**Forgotten for good.**", "**Стёрто насовсем.**", "**Oublié pour de bon.**");
    let telegram = language.pick(
        "Telegram still shows what was said: delete it there as well. Deleting there alone tells me nothing.",
        "В самом Telegram сказанное осталось: удалите его и там. Об удалении только там я не узнаю.",
        "Telegram affiche encore ce qui a été dit : supprimez-le aussi là-bas. Une suppression là-bas seulement ne m'est pas \
         signalée.",
    );
    let mut parts = vec![format!("{title}\n{}", lines(language, report))];
    if !report.kept_by_hand.is_empty() {
        let kept = language.number(report.kept_by_hand.len() as u64);
        parts.push(match language {
            Language::English => format!("Facts somebody wrote that repeat it stay: {kept}. /facts deletes them."),
            Language::Russian => {
                format!("Написанные кем-то факты, которые это повторяют, остались: {kept}. Удалить: /facts.")
            }
            Language::French => {
                format!("Des faits écrits par quelqu'un qui le répètent restent : {kept}. /facts les supprime.")
            }
        });
    }
    if !report.erased {
        let later = language.pick(
            "The file on disk is still being cleaned; that finishes by itself.",
            "Файл на диске ещё очищается; это завершится само.",
            "Le fichier sur disque est encore en cours de nettoyage ; cela se termine tout seul.",
        );
        parts.push(later.to_owned());
    }
    parts.push(telegram.to_owned());
    parts.join("\n\n")
}

/// What goes, a line each, in numbers.
fn lines(language: Language, report: &ForgetReport) -> String {
    let all = [
        (report.messages, language.pick("Messages", "Сообщения", "Messages")),
        (
            report.replies,
            language.pick(
                "Messages of mine that repeat its words",
                "Мои сообщения, повторяющие эти слова",
                "Mes messages qui en répètent les mots",
            ),
        ),
        (
            report.facts,
            language.pick(
                "Facts that rest on it alone",
                "Факты, держащиеся только на этом",
                "Faits qui ne reposent que sur cela",
            ),
        ),
        (
            report.facts_kept,
            language.pick(
                "Facts that stay: they rest on other words too",
                "Факты, которые останутся: у них есть и другая основа",
                "Faits qui restent : ils reposent aussi sur d'autres mots",
            ),
        ),
        (
            report.summaries + report.period_summaries,
            if report.remaking {
                language.pick(
                    "Summaries, made again without it",
                    "Сводки (составлю заново без этого)",
                    "Résumés, refaits sans cela",
                )
            } else {
                language.pick("Summaries", "Сводки", "Résumés")
            },
        ),
        (report.proposals, language.pick("Proposals", "Предложения", "Propositions")),
    ];
    let line = |(count, what): &(u64, &str)| match language {
        Language::French => format!("{what} : {}", language.number(*count)),
        _ => format!("{what}: {}", language.number(*count)),
    };
    all.iter().filter(|(count, _)| *count > 0).map(line).collect::<Vec<_>>().join("\n")
}

/// The button that does it.
pub(in crate::telegram) fn confirm(language: Language) -> &'static str {
    language.pick("🗑 Forget it for good", "🗑 Стереть насовсем", "🗑 Oublier pour de bon")
}

/// The button that does not.
pub(in crate::telegram) fn cancel(language: Language) -> &'static str {
    language.pick("Cancel", "Отмена", "Annuler")
}

/// After that.
pub(in crate::telegram) fn cancelled(language: Language) -> String {
    language.pick("Nothing was forgotten.", "Ничего не стёрто.", "Rien n'a été oublié.").to_owned()
}

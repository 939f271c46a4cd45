//! What is said about `/privacy` and `/export`.

use crate::telegram::language::Language;

/// What is kept and who can read it.
pub(in crate::telegram) fn privacy(language: Language, private: bool) -> String {
    let kept = language.pick(
        "**What I keep:** everything said to me here, facts and summaries made of it, and what each answer saw. In groups also \
         what I overhear. Nothing of it is shown in any other chat.",
        "**Что я храню:** всё, что мне здесь сказано, факты и сводки из этого и то, что видел каждый ответ. В группах — и то, что \
         я слышу. В других чатах ничего из этого не появляется.",
        "**Ce que je garde :** tout ce qui m'est dit ici, les faits et résumés qui en sont tirés, et ce que chaque réponse a vu. \
         Dans les groupes, aussi ce que j'entends. Rien n'en paraît dans une autre discussion.",
    );
    let readers = language.pick(
        "**Who can read it:** the bot's owner, on the dashboard. To answer, I send what an answer needs to the language model the \
         owner chose.",
        "**Кто это может прочесть:** владелец бота, в своей панели. Чтобы ответить, я отправляю нужное языковой модели, которую \
         выбрал владелец.",
        "**Qui peut le lire :** le propriétaire du bot, dans son tableau de bord. Pour répondre, j'envoie le nécessaire au modèle \
         de langage qu'il a choisi.",
    );
    let members = language.pick(
        "In a group any member can read its memory with /facts and /search.",
        "В группе любой участник может читать её память: /facts и /search.",
        "Dans un groupe, chaque membre peut en lire la mémoire avec /facts et /search.",
    );
    let rights = language.pick(
        "**What you can do:** /facts shows and corrects what I know, /export gives you all of it, /forget erases for good.",
        "**Что вы можете:** /facts показывает и исправляет, что я знаю, /export отдаёт всё, /forget стирает насовсем.",
        "**Ce que vous pouvez faire :** /facts montre et corrige ce que je sais, /export vous donne tout, /forget efface pour de \
         bon.",
    );
    let parts = [Some(kept), Some(readers), (!private).then_some(members), Some(rights)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// The button that gives everything.
pub(in crate::telegram) fn export_button(language: Language) -> &'static str {
    language.pick("⬇ Give me everything", "⬇ Выгрузить всё", "⬇ Tout me donner")
}

/// The button that leads to forgetting.
pub(in crate::telegram) fn forget_button(language: Language) -> &'static str {
    language.pick("🗑 Forget…", "🗑 Стереть…", "🗑 Oublier…")
}

/// With the file.
pub(in crate::telegram) fn exported(language: Language) -> String {
    let text = language.pick(
        "Everything I hold about this chat: a JSON object a line.",
        "Всё, что я храню об этом чате: по объекту JSON в строке.",
        "Tout ce que je garde de cette discussion : un objet JSON par ligne.",
    );
    text.to_owned()
}

/// Where Telegram would not take it.
pub(in crate::telegram) fn too_large(language: Language) -> String {
    let text = language.pick(
        "That is more than Telegram takes as one file. The bot's owner can export it.",
        "Это больше, чем Telegram принимает одним файлом. Выгрузить может владелец бота.",
        "C'est plus que Telegram n'accepte en un fichier. Le propriétaire du bot peut l'exporter.",
    );
    text.to_owned()
}

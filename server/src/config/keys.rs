//! Every setting there is, by its environment variable; the key in the file follows from it by rule.

/// A setting's names and what may be shown of it.
#[derive(Debug)]
pub(super) struct Key {
    /// The environment variable.
    pub(super) variable: &'static str,
    /// Whether its value must never be shown.
    pub(super) secret: bool,
}

const fn open(variable: &'static str) -> Key {
    Key { variable, secret: false }
}

const fn secret(variable: &'static str) -> Key {
    Key { variable, secret: true }
}

/// All settings, in the order of `docs/settings.md`.
pub(super) const KEYS: [Key; 35] = [
    open("SOUVENIR_LISTEN"),
    open("SOUVENIR_DATABASE"),
    open("SOUVENIR_PUBLIC_URL"),
    open("SOUVENIR_TRUSTED_PROXIES"),
    open("SOUVENIR_TIME_ZONE"),
    secret("SOUVENIR_OWNER_PASSWORD"),
    secret("SOUVENIR_API_TOKEN"),
    secret("TELEGRAM_BOT_TOKEN"),
    open("TELEGRAM_API_URL"),
    open("TELEGRAM_MODE"),
    secret("TELEGRAM_WEBHOOK_SECRET"),
    open("TELEGRAM_OWNER_ID"),
    open("TELEGRAM_ALLOWED"),
    open("TELEGRAM_MESSAGES_PER_MINUTE"),
    open("TELEGRAM_DAILY_TOKENS"),
    secret("OPENAI_API_KEY"),
    open("OPENAI_BASE_URL"),
    open("SOUVENIR_CHAT_MODEL"),
    open("SOUVENIR_MEMORY_MODEL"),
    open("SOUVENIR_EMBEDDING_MODEL"),
    open("SOUVENIR_EMBEDDING_BASE_URL"),
    secret("SOUVENIR_EMBEDDING_API_KEY"),
    open("SOUVENIR_TRANSCRIPTION_MODEL"),
    open("SOUVENIR_TRANSCRIPTION_BASE_URL"),
    secret("SOUVENIR_TRANSCRIPTION_API_KEY"),
    open("SOUVENIR_MAX_CONTEXT_TOKENS"),
    open("SOUVENIR_RESERVE_TOKENS"),
    open("SOUVENIR_PRICES"),
    open("SOUVENIR_DAILY_USD"),
    open("SOUVENIR_DAILY_TOKENS"),
    open("SOUVENIR_CHAT_DAILY_USD"),
    open("SOUVENIR_CHAT_DAILY_TOKENS"),
    open("SOUVENIR_LOG"),
    open("SOUVENIR_LOG_FORMAT"),
    open("SOUVENIR_SITE"),
];

/// The sections of the file.
pub(super) const SECTIONS: [&str; 2] = ["telegram", "openai"];

impl Key {
    /// The key in the file: `SOUVENIR_LISTEN` is `listen`, `TELEGRAM_MODE` is `telegram.mode`.
    pub(super) fn path(&self) -> String {
        let name = self.variable.to_ascii_lowercase();
        match name.split_once('_') {
            Some(("souvenir", rest)) => rest.to_owned(),
            Some((section, rest)) => format!("{section}.{rest}"),
            None => name,
        }
    }
}

/// The key of a variable.
pub(super) fn by_variable(variable: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.variable == variable)
}

/// The file key that a mistaken one was probably meant to be.
pub(super) fn nearest_path(path: &str) -> Option<String> {
    let as_variable = KEYS.iter().find(|key| path.ends_with(key.variable)).map(Key::path);
    as_variable.or_else(|| {
        let elsewhere = KEYS.iter().map(Key::path).find(|known| known.rsplit('.').next() == path.rsplit('.').next());
        elsewhere.or_else(|| nearest(path, KEYS.iter().map(Key::path)))
    })
}

/// The variable that a mistaken one was probably meant to be.
pub(super) fn nearest_variable(variable: &str) -> Option<String> {
    nearest(variable, KEYS.iter().map(|key| key.variable.to_owned()))
}

/// The one that has all its words, or else the one that differs in the fewest letters.
fn nearest(wanted: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let words = |name: &str| -> Vec<String> { name.split(['.', '_']).map(str::to_owned).collect() };
    let parts = words(wanted);
    let limit = (wanted.len() / 4).max(2);
    let rank = |name: String| {
        let has_all = parts.len() > 1 && parts.iter().all(|part| words(&name).contains(part));
        (!has_all, distance(wanted, &name), name)
    };
    known.map(rank).filter(|(misses, far, _)| !misses || *far <= limit).min().map(|(.., name)| name)
}

/// How many letters to insert, delete or replace (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_keys_follow_from_the_variables() {
        let path = |variable| by_variable(variable).map(Key::path).unwrap();
        assert_eq!(path("SOUVENIR_MAX_CONTEXT_TOKENS"), "max_context_tokens");
        assert_eq!(path("TELEGRAM_BOT_TOKEN"), "telegram.bot_token");
        assert_eq!(path("OPENAI_BASE_URL"), "openai.base_url");
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(nearest_path("databse").as_deref(), Some("database"));
        assert_eq!(nearest_path("bot_token").as_deref(), Some("telegram.bot_token"));
        assert_eq!(nearest_path("TELEGRAM_BOT_TOKEN").as_deref(), Some("telegram.bot_token"));
        assert_eq!(nearest_path("colour_of_the_sky"), None);
        assert_eq!(nearest_variable("SOUVENIR_LISTN").as_deref(), Some("SOUVENIR_LISTEN"));
        assert_eq!(nearest_variable("SOUVENIR_PASSWORD").as_deref(), Some("SOUVENIR_OWNER_PASSWORD"));
    }
}

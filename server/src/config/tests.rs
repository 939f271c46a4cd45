//! The settings as an owner writes them, right and wrong.

use std::path::PathBuf;

use super::*;

fn from_environment(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let nowhere = tempfile::tempdir().unwrap();
    let file = nowhere.path().join("empty.toml");
    std::fs::write(&file, "").unwrap();
    Config::load(Some(&file), owned(variables))
}

fn from_file(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.toml");
    std::fs::write(&file, text).unwrap();
    let shorten = |error: ConfigError| match error {
        ConfigError::Malformed { reason, .. } => ConfigError::Malformed { path: PathBuf::from("my.toml"), reason },
        ConfigError::UnknownKey { key, remedy, .. } => {
            ConfigError::UnknownKey { path: PathBuf::from("my.toml"), key, remedy }
        }
        ConfigError::Invalid { setting, problem } => {
            let folder = format!("{}/", folder.path().display());
            ConfigError::Invalid { setting: setting.replace(&folder, ""), problem }
        }
        other => other,
    };
    Config::load(Some(&file), owned(variables)).map_err(shorten)
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn error_of(variable: &str, value: &str) -> String {
    let error = from_environment(&[(variable, value)]).unwrap_err().to_string();
    assert!(!error.contains('\n'), "one line: {error}");
    assert!(error.starts_with(variable), "names the setting: {error}");
    error
}

#[test]
fn with_nothing_set_everything_has_a_default() {
    let config = from_environment(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.database, PathBuf::from("souvenir.db"));
    assert!(config.telegram.is_none() && config.model.is_offline());
    assert_eq!(config.defaults.chat_model.value, "gpt-6.1-terra");
    assert_eq!(config.defaults.memory_model.value, "gpt-6-luna");
    assert_eq!(config.defaults.time_zone, Sourced { value: "UTC".to_owned(), origin: Origin::Default });
    assert_eq!(config.defaults.budget(), souvenir_memory::TokenBudget::default());
    assert_eq!((config.log.as_str(), config.log_json), ("info", false));
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn the_environment_comes_before_the_file_and_both_before_the_default() {
    let file =
        "time_zone = 'Europe/Paris'\nmax_context_tokens = 16000\n[telegram]\nbot_token = '1:a'\nallowed = [7, -100]\n";
    let config = from_file(file, &[("SOUVENIR_MAX_CONTEXT_TOKENS", "4000"), ("TELEGRAM_OWNER_ID", "42")]).unwrap();
    assert_eq!(config.defaults.max_context_tokens, Sourced { value: 4000, origin: Origin::Environment });
    assert_eq!(config.defaults.time_zone, Sourced { value: "Europe/Paris".to_owned(), origin: Origin::File });
    assert_eq!(config.defaults.reserve_tokens.origin, Origin::Default);
    let telegram = config.telegram.unwrap();
    assert_eq!((telegram.owner_id, telegram.allowed), (Some(42), Allowed::Ids(vec![7, -100])));
}

#[test]
fn prices_and_budgets_come_from_the_file_as_well() {
    let file =
        "prices = ['gpt-6-luna = 0.10/0.01/0.50', 'llama3.2 = 0/0']\ndaily_usd = 2.5\nchat_daily_tokens = 500_000\n";
    let config = from_file(file, &[("SOUVENIR_DAILY_USD", "3")]).unwrap();
    let models: Vec<&str> = config.prices.iter().map(|price| price.model.as_str()).collect();
    assert_eq!(models, ["gpt-6-luna", "llama3.2"]);
    let spending = config.defaults.spending;
    let three = souvenir_memory::NanoUsd(3_000_000_000);
    assert_eq!(spending.daily_usd, Sourced { value: three, origin: Origin::Environment });
    assert_eq!(spending.chat_daily_tokens, Sourced { value: 500_000, origin: Origin::File });
    assert_eq!(spending.daily_tokens, Sourced::by_default(0));
}

#[test]
fn empty_variables_count_as_unset() {
    let config = from_environment(&[("TELEGRAM_BOT_TOKEN", ""), ("SOUVENIR_OWNER_PASSWORD", " ")]).unwrap();
    assert!(config.telegram.is_none() && config.owner_password.is_none());
}

#[test]
fn every_refusal_names_the_setting_the_value_and_the_remedy() {
    let cases = [
        ("SOUVENIR_LISTEN", "3000", "127.0.0.1:3000"),
        ("SOUVENIR_LISTEN", "127.0.0.1:99999", "a port"),
        ("SOUVENIR_TIME_ZONE", "Mars/Olympus", "Europe/Paris"),
        ("SOUVENIR_PUBLIC_URL", "souvenir.example", "http://"),
        ("SOUVENIR_PUBLIC_URL", "https://example.org/souvenir", "a path is not supported"),
        ("SOUVENIR_TRUSTED_PROXIES", "nginx", "10.0.0.0/8"),
        ("SOUVENIR_TRUSTED_PROXIES", "10.0.0.0/99", "with commas between"),
        ("TELEGRAM_API_URL", "https://example.org/?key=1", "“?”"),
        ("OPENAI_BASE_URL", "ftp://example.org", "http://"),
        ("SOUVENIR_EMBEDDING_BASE_URL", "example.org/v1", "http://"),
        ("TELEGRAM_MODE", "push", "use polling or webhook"),
        ("TELEGRAM_OWNER_ID", "@me", "numeric"),
        ("TELEGRAM_DAILY_TOKENS", "many", "use a whole number"),
        ("TELEGRAM_MESSAGES_PER_MINUTE", "-1", "use a whole number"),
        ("TELEGRAM_ALLOWED", "everyone", "* for everybody"),
        ("SOUVENIR_MAX_CONTEXT_TOKENS", "lots", "8000"),
        ("SOUVENIR_MAX_CONTEXT_TOKENS", "100", "at least 500"),
        ("SOUVENIR_MAX_CONTEXT_TOKENS", "1500", "SOUVENIR_RESERVE_TOKENS, which is 1000"),
        ("SOUVENIR_RESERVE_TOKENS", "7000", "at most half"),
        ("SOUVENIR_RESERVE_TOKENS", "3", "at least 16"),
        ("SOUVENIR_PRICES", "gpt-6-luna", "gpt-6-luna = 0.10/0.01/0.50"),
        ("SOUVENIR_PRICES", "a=1/2/3", "order is input/cached/output"),
        ("SOUVENIR_DAILY_USD", "1,50", "such as 2.50"),
        ("SOUVENIR_CHAT_DAILY_TOKENS", "-5", "0 for no limit"),
        ("SOUVENIR_LOG", "souvenir=loud", "debug"),
        ("SOUVENIR_LOG_FORMAT", "xml", "json or text"),
    ];
    for (variable, value, remedy) in cases {
        let error = error_of(variable, value);
        assert!(error.contains(value) && error.contains(remedy), "{error}");
    }
}

#[test]
fn secrets_are_never_shown() {
    for (variable, value) in [
        ("SOUVENIR_API_TOKEN", "tooshorttoken"),
        ("SOUVENIR_API_TOKEN", "a token with spaces in it, long enough"),
        ("TELEGRAM_BOT_TOKEN", "12:hunter2/x"),
        ("TELEGRAM_WEBHOOK_SECRET", "hunter2"),
        ("TELEGRAM_WEBHOOK_SECRET", "hunter2 with spaces and so on"),
        ("OPENAI_API_KEY", "sk hunter2"),
        ("SOUVENIR_EMBEDDING_API_KEY", "sk hunter2"),
    ] {
        let error = error_of(variable, value);
        assert!(!error.contains(value) && !error.contains("hunter2"), "{error}");
    }
    let error = error_of("TELEGRAM_API_URL", "https://me:hunter2@example.org");
    assert!(error.contains("user name") && error.contains("https://***@example.org"), "{error}");
    let good = "0123456789abcdef01234567";
    let secrets = [("SOUVENIR_API_TOKEN", good), ("TELEGRAM_BOT_TOKEN", good), ("OPENAI_API_KEY", good)];
    let shown = format!("{:?}", from_environment(&secrets).unwrap());
    assert!(shown.contains("***") && !shown.contains(good));
    let broken = from_file("api_token = \"hunter2\nlisten = 3\n", &[]).unwrap_err().to_string();
    assert!(broken.contains("line 1") && !broken.contains("hunter2") && !broken.contains('\n'), "{broken}");
}

#[test]
fn unknown_keys_of_the_file_are_refused_by_name() {
    let error = |text| from_file(text, &[]).unwrap_err().to_string();
    assert_eq!(error("databse = 'x.db'"), "unknown setting `databse` in my.toml: did you mean `database`?");
    assert_eq!(
        error("[telegram]\ntoken = 'x'"),
        "unknown setting `telegram.token` in my.toml: did you mean `telegram.bot_token`?"
    );
    assert!(error("[weather]\nsky = 'blue'").contains("`weather.sky`"));
    assert_eq!(error("listen = ''"), "`listen` in my.toml is empty: give a value or take it out");
    assert!(error("listen = { port = 3000 }").starts_with("`listen` in my.toml is neither text nor a number"));
    assert!(error("time_zone = 'Mars'").starts_with("`time_zone` in my.toml is “Mars”"));
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let missing = Path::new("/nonexistent/souvenir.toml");
    let error = Config::load(Some(missing), []).unwrap_err().to_string();
    assert!(error.contains("/nonexistent/souvenir.toml") && error.contains("--config"), "{error}");
}

#[test]
fn slips_that_do_no_harm_are_warned_about() {
    let set = [("SOUVENIR_LISTN", "x"), ("TELEGRAM_OWNER_ID", "1"), ("HOME", "/")];
    let warnings = from_environment(&set).unwrap().warnings;
    assert_eq!(warnings[0], "SOUVENIR_LISTN is not a setting and is ignored: did you mean SOUVENIR_LISTEN?");
    assert!(warnings[1].contains("TELEGRAM_OWNER_ID is set, but TELEGRAM_BOT_TOKEN is not"));
    assert_eq!(warnings.len(), 2);
}

#[test]
fn localhost_and_trailing_slashes_are_understood() {
    let set =
        [("SOUVENIR_LISTEN", "localhost:0"), ("SOUVENIR_PUBLIC_URL", "https://me.example/"), ("TELEGRAM_ALLOWED", "*")];
    let config = from_environment(&set).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:0");
    assert_eq!(config.public_url.as_deref(), Some("https://me.example"));
}

#[test]
fn a_webhook_that_telegram_cannot_reach_is_refused() {
    let webhook = |more: &[(&str, &str)]| {
        let set: Vec<_> = [("TELEGRAM_MODE", "webhook"), ("TELEGRAM_BOT_TOKEN", "12:abc")].into_iter().collect();
        from_environment(&[set.as_slice(), more].concat()).map_err(|error| error.to_string())
    };
    let error = webhook(&[]).unwrap_err();
    assert!(error.starts_with("TELEGRAM_MODE is “webhook”") && error.contains("SOUVENIR_PUBLIC_URL"), "{error}");
    let error = webhook(&[("SOUVENIR_PUBLIC_URL", "http://me.example")]).unwrap_err();
    assert!(error.starts_with("SOUVENIR_PUBLIC_URL is “http://me.example”") && error.contains("https"), "{error}");
    let error = webhook(&[("SOUVENIR_PUBLIC_URL", "https://me.example:3000")]).unwrap_err();
    assert!(error.contains("443, 80, 88 and 8443") && error.contains("3000"), "{error}");
    for url in ["https://me.example", "https://me.example:8443", "https://me.example:88"] {
        let config = webhook(&[("SOUVENIR_PUBLIC_URL", url)]).unwrap();
        assert_eq!(config.telegram.unwrap().mode, TelegramMode::Webhook { secret: None });
    }
}

#[test]
fn a_bot_api_server_of_ones_own_delivers_anywhere() {
    let set = [
        ("TELEGRAM_MODE", "webhook"),
        ("TELEGRAM_BOT_TOKEN", "12:abc"),
        ("TELEGRAM_API_URL", "http://localhost:8081"),
        ("TELEGRAM_WEBHOOK_SECRET", "0123456789abcdef_-"),
    ];
    let telegram = from_environment(&set).unwrap().telegram.unwrap();
    assert_eq!(telegram.mode, TelegramMode::Webhook { secret: Some(Secret::new("0123456789abcdef_-")) });
    assert!(!telegram.is_telegrams_own());
}

#[test]
fn a_file_with_secrets_that_others_may_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("souvenir.toml");
    let warnings = |text: &str, mode: u32| {
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        Config::load(Some(&file), []).unwrap().warnings
    };
    let secret = "owner_password = 'a long pass phrase'";
    assert!(warnings(secret, 0o644)[0].contains("chmod 600"));
    assert!(warnings(secret, 0o600).is_empty());
    assert!(warnings("listen = '127.0.0.1:0'", 0o644).is_empty());
}

#[test]
fn vectors_are_made_where_a_model_or_an_address_is_set() {
    let embeddings = |set: &[(&str, &str)]| from_environment(set).unwrap().embeddings;
    assert_eq!(embeddings(&[("OPENAI_API_KEY", "chat"), ("OPENAI_BASE_URL", "http://chat/v1")]), None);
    let at = "http://127.0.0.1:8091/v1";
    let own = embeddings(&[("SOUVENIR_EMBEDDING_BASE_URL", at), ("SOUVENIR_EMBEDDING_API_KEY", "own")]).unwrap();
    let key = |key: &str| Some(Secret::new(key));
    assert_eq!(own, EmbeddingConfig { base_url: Some(at.to_owned()), model: None, api_key: key("own") });
    let set = [("SOUVENIR_EMBEDDING_MODEL", "small"), ("OPENAI_API_KEY", "chat"), ("OPENAI_BASE_URL", at)];
    let shared = embeddings(&set).unwrap();
    let model = Some("small".to_owned());
    assert_eq!(shared, EmbeddingConfig { base_url: Some(at.to_owned()), model, api_key: key("chat") });
}

#[test]
fn the_chat_endpoints_key_goes_to_no_other_endpoint() {
    let key = |url: &str, chat: &[(&str, &str)]| {
        let own = [("SOUVENIR_EMBEDDING_BASE_URL", url), ("OPENAI_API_KEY", "chat")];
        from_environment(&[own.as_slice(), chat].concat()).unwrap().embeddings.unwrap().api_key
    };
    assert_eq!(key("http://elsewhere/v1", &[]), None);
    assert_eq!(key("http://elsewhere/v1", &[("OPENAI_BASE_URL", "http://here/v1")]), None);
    assert_eq!(key("http://here/v1/", &[("OPENAI_BASE_URL", "http://here/v1")]), Some(Secret::new("chat")));
    assert_eq!(key("https://api.openai.com/v1", &[]), Some(Secret::new("chat")));
}

#[test]
fn an_embedding_model_without_an_endpoint_is_warned_about() {
    let warned = |set: &[(&str, &str)]| {
        let config = from_environment(set).unwrap();
        assert_eq!(config.embeddings, None);
        config.warnings.join("\n")
    };
    assert!(
        warned(&[("SOUVENIR_EMBEDDING_MODEL", "m")]).contains("set SOUVENIR_EMBEDDING_BASE_URL, or OPENAI_API_KEY")
    );
    assert!(warned(&[("SOUVENIR_EMBEDDING_API_KEY", "key")]).contains("nothing is embedded"));
}

#[test]
fn recordings_are_transcribed_at_openais_by_itself_and_elsewhere_where_a_model_or_an_address_is_set() {
    let transcription = |set: &[(&str, &str)]| from_environment(set).unwrap().transcription;
    let own = transcription(&[("OPENAI_API_KEY", "chat")]).unwrap();
    assert_eq!((own.base_url, own.model.as_str(), own.api_key), (None, "gpt-transcribe", Some(Secret::new("chat"))));
    let elsewhere = ("OPENAI_BASE_URL", "http://here/v1");
    assert_eq!(transcription(&[("OPENAI_API_KEY", "chat"), elsewhere]), None);
    let there = transcription(&[elsewhere, ("SOUVENIR_TRANSCRIPTION_MODEL", "small")]).unwrap();
    assert_eq!((there.base_url.as_deref(), there.model.as_str()), (Some("http://here/v1"), "small"));
    let apart = [elsewhere, ("OPENAI_API_KEY", "chat"), ("SOUVENIR_TRANSCRIPTION_BASE_URL", "http://there/v1")];
    let apart = transcription(&apart).unwrap();
    assert_eq!((apart.model.as_str(), apart.api_key), ("gpt-transcribe", None), "the key is not for that endpoint");
    let config = from_environment(&[("SOUVENIR_TRANSCRIPTION_MODEL", "m")]).unwrap();
    assert!(config.transcription.is_none() && config.warnings[0].contains("SOUVENIR_TRANSCRIPTION_BASE_URL"));
}

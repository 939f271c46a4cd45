//! Environment over file: where each setting's text comes from, before anybody asks what it means.
//!
//! Both sources are reduced to text (a list becomes its items with commas between), so that one parser serves both and
//! `max_context_tokens = 8000` in the file means what `SOUVENIR_MAX_CONTEXT_TOKENS=8000` does. Empty variables count as
//! unset; an empty value in the file is refused, since somebody wrote it there.

use std::{
    io,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use serde_json::Value as Json;

use super::{ConfigError, Origin, keys};

/// The file read when none is named.
pub(super) const DEFAULT_FILE: &str = "souvenir.toml";

/// The two sources, merged.
pub(super) struct Sources {
    figment: Figment,
    file: PathBuf,
    file_exists: bool,
    /// What looks like a slip, but harms nothing.
    pub(super) warnings: Vec<String>,
}

/// A setting that somebody set.
pub(super) struct Found {
    /// By the name its owner used.
    setting: String,
    pub(super) text: String,
    pub(super) origin: Origin,
    secret: bool,
}

impl Found {
    /// The error for this value: `why` says what is wrong and the remedy.
    pub(super) fn refuse(&self, why: impl std::fmt::Display) -> ConfigError {
        let problem = if self.secret { format!("{why}") } else { format!("is “{}”: {why}", showable(&self.text)) };
        ConfigError::Invalid { setting: self.setting.clone(), problem }
    }
}

impl Sources {
    /// Reads the file and takes the variables that are settings.
    pub(super) fn read(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let file = path.unwrap_or_else(|| Path::new(DEFAULT_FILE)).to_owned();
        let text = read_file(&file, path.is_some())?;
        let figment = Figment::from(Toml::string(text.as_deref().unwrap_or_default()));
        check_keys(&figment, &file)?;
        let environment = Environment::new(environment);
        let warnings = environment.warnings();
        Ok(Self { figment: figment.merge(environment), file, file_exists: text.is_some(), warnings })
    }

    /// The file, if there was one.
    pub(super) fn file_read(&self) -> Option<PathBuf> {
        self.file_exists.then(|| self.file.clone())
    }

    /// A warning when the file holds a secret and others on this machine may read it.
    pub(super) fn open_secrets(&self) -> Result<Option<String>, ConfigError> {
        use std::os::unix::fs::PermissionsExt;
        let is_open = std::fs::metadata(&self.file).is_ok_and(|file| file.permissions().mode() & 0o007 != 0);
        if !self.file_exists || !is_open {
            return Ok(None);
        }
        for key in keys::KEYS.iter().filter(|key| key.secret) {
            if self.find(key.variable)?.is_some_and(|found| found.origin == Origin::File) {
                let file = self.file.display();
                return Ok(Some(format!(
                    "{file} holds secrets and other users of this machine may read it: chmod 600 {file}"
                )));
            }
        }
        Ok(None)
    }

    /// What was set for a variable's setting, if anything.
    pub(super) fn find(&self, variable: &'static str) -> Result<Option<Found>, ConfigError> {
        let Some(key) = keys::by_variable(variable) else { return Ok(None) };
        let path = key.path();
        let from_environment = self.figment.find_metadata(&path).is_some_and(|from| from.name == Environment::NAME);
        let Ok(value) = self.figment.extract_inner::<Json>(&path) else { return Ok(None) };
        let (setting, origin) = if from_environment {
            (variable.to_owned(), Origin::Environment)
        } else {
            (format!("`{path}` in {}", self.file.display()), Origin::File)
        };
        let found = |text| Found { setting: setting.clone(), text, origin, secret: key.secret };
        match plain_text(&value) {
            Some(text) if !text.trim().is_empty() => Ok(Some(found(text))),
            Some(_) => Err(ConfigError::Invalid { setting, problem: "is empty: give a value or take it out".into() }),
            None => Err(ConfigError::Invalid {
                setting,
                problem: "is neither text nor a number: see docs/settings.md".into(),
            }),
        }
    }
}

fn read_file(path: &Path, asked_for: bool) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !asked_for => Ok(None),
        Err(error) => {
            let reason = match error.kind() {
                io::ErrorKind::NotFound => "there is no such file; check the path after --config".to_owned(),
                io::ErrorKind::PermissionDenied => {
                    "permission denied; let the user who runs souvenir read it".to_owned()
                }
                io::ErrorKind::InvalidData => "it is not UTF-8 text; save it as UTF-8".to_owned(),
                io::ErrorKind::IsADirectory => "it is a folder; name the file in it".to_owned(),
                _ => error.to_string(),
            };
            Err(ConfigError::Unreadable { path: path.to_owned(), reason })
        }
    }
}

/// Refuses what is not TOML and every key that means nothing, rather than ignoring them.
fn check_keys(toml: &Figment, file: &Path) -> Result<(), ConfigError> {
    let content: serde_json::Map<String, Json> = toml.extract().map_err(|error| ConfigError::Malformed {
        path: file.to_owned(),
        reason: without_snippet(&error.to_string()),
    })?;
    let known: Vec<String> = keys::KEYS.iter().map(keys::Key::path).collect();
    for (name, value) in &content {
        let paths = match value {
            Json::Object(inner) if !known.contains(name) => {
                let section = keys::SECTIONS.contains(&name.as_str());
                let inner: Vec<String> = inner.keys().map(|key| format!("{name}.{key}")).collect();
                if inner.is_empty() && !section { vec![name.clone()] } else { inner }
            }
            _ => vec![name.clone()],
        };
        if let Some(key) = paths.into_iter().find(|path| !known.contains(path)) {
            let remedy = keys::nearest_path(&key)
                .map_or("take it out; docs/settings.md lists them all".to_owned(), |it| {
                    format!("did you mean `{it}`?")
                });
            return Err(ConfigError::UnknownKey { path: file.to_owned(), key, remedy });
        }
    }
    Ok(())
}

/// The parser quotes the line at fault, which may hold a secret, so only the first and last lines of its message serve.
fn without_snippet(message: &str) -> String {
    let place = message.lines().next().unwrap_or_default().trim_start_matches("TOML parse error at ");
    let what: Vec<&str> =
        message.lines().skip(1).filter(|line| !line.contains('|') && !line.trim().is_empty()).map(str::trim).collect();
    if what.is_empty() { place.to_owned() } else { format!("{place}: {}", what.join("; ")) }
}

fn plain_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(plain_text).collect();
            items.map(|items| items.join(","))
        }
        Json::Null | Json::Object(_) => None,
    }
}

/// On one line, not too long, and without the user name and password of a URL.
fn showable(text: &str) -> String {
    let hidden = match (text.find("://"), text.find('@')) {
        (Some(scheme), Some(at)) if at > scheme => Some(format!("{}***{}", &text[..scheme + 3], &text[at..])),
        _ => None,
    };
    let text = hidden.as_deref().unwrap_or(text);
    let mut line: String = text.chars().take(120).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > 120 {
        line.push('…');
    }
    line
}

/// The environment as a figment provider: only the variables that are settings, under their file keys.
struct Environment(Vec<(String, String)>);

impl Environment {
    const NAME: &'static str = "environment";

    fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    /// Variables that look like settings and are none.
    fn warnings(&self) -> Vec<String> {
        let ours = |name: &str| name.starts_with("SOUVENIR_") || name.starts_with("TELEGRAM_");
        let unknown = self.0.iter().filter(|(name, _)| ours(name) && keys::by_variable(name).is_none());
        unknown
            .map(|(name, _)| match keys::nearest_variable(name) {
                Some(meant) => format!("{name} is not a setting and is ignored: did you mean {meant}?"),
                None => format!("{name} is not a setting and is ignored: docs/settings.md lists them all"),
            })
            .collect()
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named(Self::NAME)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut dict = Dict::new();
        for (name, value) in &self.0 {
            let Some(path) = keys::by_variable(name).map(keys::Key::path) else { continue };
            match path.split_once('.') {
                Some((section, key)) => {
                    let inner = dict.entry(section.to_owned()).or_insert_with(|| Value::from(Dict::new()));
                    if let Value::Dict(_, inner) = inner {
                        inner.insert(key.to_owned(), Value::from(value.clone()));
                    }
                }
                None => drop(dict.insert(path, Value::from(value.clone()))),
            }
        }
        Ok(Map::from([(Profile::Default, dict)]))
    }
}

//! Where requests go, and with which key.

use async_openai::config::Config;
use async_openai_http::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrecy::SecretString;

use crate::config::Secret;

/// OpenAI's own endpoint.
const OPENAI: &str = "https://api.openai.com/v1";

/// An address or key that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// Not an address at all.
    #[error("OPENAI_BASE_URL is not an address: use one such as https://api.example.com/v1")]
    BaseUrl,
    /// A key that fits no header.
    #[error("OPENAI_API_KEY has characters that no key has: check it for line breaks and quotes")]
    Key,
    /// Nothing to check certificates with.
    #[error("secure connections cannot be made ({0}): install the system's certificates (ca-certificates)")]
    Tls(String),
}

/// An endpoint. Unlike `async-openai`'s own configuration it reads nothing from the environment, sends no empty
/// key, and keeps a query in the base address behind the path.
#[derive(Clone)]
pub(super) struct Endpoint {
    /// With credentials, if the address has any; without query and trailing slash.
    base: String,
    /// What errors, logs and lessons call it: `base` without credentials.
    name: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    key: Option<Secret>,
    /// What the trait wants to see; unused.
    no_key: SecretString,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Endpoint {
    pub(super) fn new(base_url: Option<&str>, key: Option<Secret>) -> Result<Self, InvalidEndpoint> {
        let mut url = Url::parse(base_url.unwrap_or(OPENAI).trim()).map_err(|_| InvalidEndpoint::BaseUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(InvalidEndpoint::BaseUrl);
        }
        let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        url.set_query(None);
        url.set_fragment(None);
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            let bearer = HeaderValue::try_from(format!("Bearer {}", key.expose().trim()));
            let mut bearer = bearer.map_err(|_| InvalidEndpoint::Key)?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let base = without_slash(&url);
        // Neither can fail for an address with a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self { base, name: without_slash(&url), query, headers, key, no_key: SecretString::default() })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }
}

fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.no_key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_named_without_credentials_and_query() {
        let endpoint = Endpoint::new(Some("https://ann:secret@example.org/v1/?api-version=3"), None).unwrap();
        assert_eq!(endpoint.name(), "https://example.org/v1");
        assert_eq!(endpoint.url("/models"), "https://ann:secret@example.org/v1/models");
        assert_eq!(endpoint.query(), [("api-version", "3")]);
        assert!(!format!("{endpoint:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_address_or_key_is_refused_at_once() {
        for address in ["example.org/v1", "ftp://example.org", "", "localhost:8080"] {
            assert_eq!(Endpoint::new(Some(address), None).unwrap_err(), InvalidEndpoint::BaseUrl, "{address}");
        }
        let key = Some(Secret::new("two\nlines"));
        assert_eq!(Endpoint::new(None, key).unwrap_err(), InvalidEndpoint::Key);
    }
}

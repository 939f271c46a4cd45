//! Cross-site request forgery: a request that changes something and rides on a cookie must come from our own pages.
//!
//! Browsers say where a request comes from in `Origin`, and newer ones also in `Sec-Fetch-Site`. One of them must be
//! there and must name us; `Origin` decides when both are there. A page elsewhere cannot forge either.

use axum::http::{HeaderMap, Uri, header};

/// Whether a request comes from a page of this server.
///
/// `public_url` is what links use; the `Host` header counts too, since the same server may be reached by several
/// names (`localhost`, an address of the local network). Under the public name only the public scheme counts: somebody
/// who can answer for `http://` there is not us.
pub(super) fn is_same_origin(headers: &HeaderMap, uri: &Uri, public_url: &str) -> bool {
    if let Some(origin) = text(headers, header::ORIGIN) {
        let public = origin_of(public_url);
        return same(origin, public)
            || !same(authority(origin), authority(public))
                && host(headers, uri).is_some_and(|host| same(authority(origin), host));
    }
    text(headers, header::HeaderName::from_static("sec-fetch-site")) == Some("same-origin")
}

/// Scheme, host and port of a URL.
fn origin_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
    &url[..end]
}

/// Host and port of an origin; nothing that any host equals when it is not a web origin (`null`).
fn authority(origin: &str) -> &str {
    origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).unwrap_or("")
}

fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    text(headers, header::HOST).or_else(|| uri.authority().map(|authority| authority.as_str()))
}

fn same(left: &str, right: &str) -> bool {
    !left.is_empty() && left.eq_ignore_ascii_case(right)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://memory.example.org/";

    fn allowed(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        is_same_origin(&headers, &Uri::from_static("/login"), PUBLIC)
    }

    #[test]
    fn our_own_pages_may_send_forms() {
        assert!(allowed(&[("origin", "https://memory.example.org"), ("host", "10.0.0.7:3000")]));
        assert!(allowed(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")]));
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("host", "localhost:3000")]));
    }

    #[test]
    fn other_sites_may_not() {
        assert!(!allowed(&[("origin", "https://evil.example"), ("host", "localhost:3000")]));
        assert!(!allowed(&[("origin", "http://localhost:4000"), ("host", "localhost:3000")]));
        assert!(!allowed(&[("origin", "https://memory.example.org.evil.example"), ("host", "localhost:3000")]));
        assert!(!allowed(&[("origin", "http://memory.example.org"), ("host", "memory.example.org")]), "another scheme");
        assert!(!allowed(&[("origin", "null"), ("host", "localhost:3000")]));
        assert!(!allowed(&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn a_request_that_does_not_say_is_refused() {
        assert!(!allowed(&[("host", "localhost:3000")]));
        assert!(!allowed(&[("sec-fetch-site", "none"), ("host", "localhost:3000")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site"), ("host", "localhost:3000")]));
    }
}

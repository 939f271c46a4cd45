//! Whose name a request was sent to: a guard against DNS rebinding.
//!
//! A page elsewhere can make its own name point at this machine; its scripts then reach us from within a browser that
//! stands behind the firewall, and `Origin` and `Host` agree. What they cannot do is send a name that is ours. So a
//! request must name the public address, or something that no stranger can have registered: an IP address, `localhost`,
//! or a name without a dot (a machine or a container of the local network).

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Web, error::Problem};

/// The middleware: answers 421 to a request for somebody else.
///
/// Monitors may call us what they like: what they see is no secret.
pub(super) async fn check(State(web): State<Web>, request: Request, next: Next) -> Response {
    let is_monitor = matches!(request.uri().path(), "/healthz" | "/readyz");
    if is_monitor || host_of(&request).is_some_and(|host| is_ours(host, &web.config.public_url)) {
        return next.run(request).await;
    }
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "this dashboard is not known by the name in the request's Host header: set SOUVENIR_PUBLIC_URL to the address \
         that people type, and let a proxy pass Host on",
    )
    .into_response()
}

fn host_of(request: &Request) -> Option<&str> {
    let header = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    header.or_else(|| request.uri().authority().map(|authority| authority.as_str()))
}

/// Whether a `Host` header names this server. Ports do not matter: a proxy may listen on another.
fn is_ours(host: &str, public_url: &str) -> bool {
    let name = without_port(host);
    let public = public_url.parse::<Uri>();
    let is_public = public.is_ok_and(|url| url.host().is_some_and(|public| public.eq_ignore_ascii_case(name)));
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let lower = name.to_ascii_lowercase();
    let is_word = !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_public || is_word || lower.ends_with(".localhost") || bare.parse::<IpAddr>().is_ok()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // An IPv6 address has colons of its own, within brackets.
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://memory.example.org";

    #[test]
    fn our_own_names_are_known() {
        for host in ["memory.example.org", "Memory.Example.org:8443", "localhost:3000", "souvenir.localhost", "pi:3000"]
        {
            assert!(is_ours(host, PUBLIC), "{host}");
        }
        for host in ["127.0.0.1", "127.0.0.1:3000", "[::1]:3000", "[::1]", "192.168.1.7:80"] {
            assert!(is_ours(host, PUBLIC), "{host}");
        }
    }

    #[test]
    fn a_name_that_a_stranger_can_register_is_not_ours() {
        for host in [
            "evil.example",
            "evil.example:3000",
            "memory.example.org.evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil.example.",
            "xmemory.example.org",
            "",
            ":3000",
            "[::1].evil.example",
            "user@localhost",
        ] {
            assert!(!is_ours(host, PUBLIC), "{host}");
        }
    }
}

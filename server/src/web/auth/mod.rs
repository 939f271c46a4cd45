//! Who may come in: one gate in front of pages, server functions and the API, closed unless a rule opens it.
//!
//! There is one person to let in, the owner: by a bearer token, or by a session that a password or a one-time link
//! opened. A request that changes something and rides on a cookie must come from one of our own pages.

mod attempts;
mod bearer;
mod client;
mod html;
mod origin;
mod pages;
mod password;
mod sessions;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use souvenir_memory::Timestamp;
use tower_sessions::Session;

pub(super) use pages::routes;
pub(super) use sessions::{cookie_name, layer};

use super::{Web, WebConfig, error::Problem};
use bearer::Bearer;

/// The key in a session that says its holder is the owner, and since when its record says so, in milliseconds.
const OWNER: &str = "owner";
/// How often a session in use is written anew, so that it lasts from its last use.
const RENEWAL_MS: i64 = 24 * 3600 * 1000;

/// What signing in needs: hashes and counters, made once.
pub(super) struct Auth {
    password: password::PasswordCheck,
    bearer: bearer::BearerCheck,
    attempts: attempts::Attempts,
}

impl Auth {
    /// Hashes the secrets of the configuration.
    pub(super) fn new(config: &WebConfig) -> Self {
        Self {
            password: password::PasswordCheck::new(config.owner_password.as_ref()),
            bearer: bearer::BearerCheck::new(config.api_token.as_ref()),
            attempts: attempts::Attempts::default(),
        }
    }
}

/// The middleware: lets a request through or answers it.
pub(super) async fn gate(State(web): State<Web>, session: Session, mut request: Request, next: Next) -> Response {
    let door = Door::of(request.uri().path());
    if door == Door::Machine {
        match web.auth.bearer.check(request.headers()) {
            Bearer::Valid => return next.run(request).await,
            Bearer::Refused => return unauthorized("the bearer token is not valid: it is SOUVENIR_API_TOKEN"),
            Bearer::Absent => {}
        }
    }
    if !matches!(door, Door::Look | Door::Open) {
        match owner_since(&session).await {
            Ok(Some(since)) => {
                keep_alive(&web, &session, since).await;
                request.extensions_mut().insert(Owner);
            }
            Ok(None) => return turned_away(door, request.headers(), request.uri()),
            Err(problem) => return problem.into_response(),
        }
    }
    if door != Door::Look
        && changes_something(request.method())
        && !origin::is_same_origin(request.headers(), request.uri(), &web.config.public_url)
    {
        return foreign_origin();
    }
    next.run(request).await
}

/// Marks a request whose session is the owner's. Whatever shows private things under any address looks for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner;

/// Whether a request at an open door comes from the owner all the same.
pub(super) async fn is_owner(web: &Web, session: &Session, headers: &HeaderMap) -> bool {
    match web.auth.bearer.check(headers) {
        Bearer::Valid => true,
        Bearer::Refused => false,
        Bearer::Absent => matches!(owner_since(session).await, Ok(Some(_))),
    }
}

/// Where a path leads, for the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// Open to everybody, and nothing there changes anything.
    Look,
    /// Open to everybody.
    Open,
    /// For people with a browser.
    Page,
    /// For scripts: the API and what monitors read.
    Machine,
    /// For our own pages' code.
    ServerFunction,
}

impl Door {
    fn of(path: &str) -> Self {
        let under =
            |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let is_look = matches!(path, "/healthz" | "/readyz" | "/favicon.ico" | "/favicon.svg" | "/robots.txt")
            || path.starts_with("/pkg/");
        let is_link = path.strip_prefix("/signin/").is_some_and(|token| !token.contains('/'));
        if is_look {
            Self::Look
        } else if path == "/login" || is_link {
            Self::Open
        } else if under("/api") || path == "/metrics" {
            Self::Machine
        } else if under("/fn") {
            Self::ServerFunction
        } else {
            Self::Page
        }
    }
}

/// Since when this session's record says that its holder is the owner; none when it does not.
async fn owner_since(session: &Session) -> Result<Option<Timestamp>, Problem> {
    let since = session.get::<i64>(OWNER).await;
    since.map(|since| since.map(Timestamp)).map_err(|error| {
        tracing::error!(%error, "failed to read a session");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "sessions cannot be read at the moment: try again")
    })
}

/// Writes the session anew once a day. Failing to is no reason to turn anybody away.
async fn keep_alive(web: &Web, session: &Session, since: Timestamp) {
    let now = web.config.clock.now();
    if now.millis_since(since) < RENEWAL_MS {
        return;
    }
    if let Err(error) = session.insert(OWNER, now.0).await {
        tracing::warn!(%error, "failed to prolong a session");
    }
}

fn turned_away(door: Door, headers: &HeaderMap, uri: &Uri) -> Response {
    match door {
        Door::Page => to_login(uri),
        Door::ServerFunction if wants_html(headers) => Redirect::to("/login").into_response(),
        // The pages' code reads errors by their `kind`.
        Door::ServerFunction => sign_in_first("sign in again").with("kind", "unauthorized").into_response(),
        Door::Look | Door::Open | Door::Machine => {
            unauthorized("sign in, or send the API token as Authorization: Bearer …")
        }
    }
}

fn to_login(uri: &Uri) -> Response {
    let wanted = uri.path_and_query().map_or("/", |path| path.as_str());
    if wanted == "/" {
        return Redirect::to("/login").into_response();
    }
    let next: String = url_encode(wanted);
    Redirect::to(&format!("/login?next={next}")).into_response()
}

/// Percent-encodes a query value: everything but the unreserved characters and the slash.
fn url_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn unauthorized(detail: &str) -> Response {
    sign_in_first(detail).into_response()
}

fn sign_in_first(detail: &str) -> Problem {
    let scheme = HeaderValue::from_static("Bearer realm=\"souvenir\"");
    Problem::new(StatusCode::UNAUTHORIZED, detail).header(header::WWW_AUTHENTICATE, scheme)
}

fn foreign_origin() -> Response {
    Problem::new(
        StatusCode::FORBIDDEN,
        "the request does not come from a page of this dashboard: its Origin is missing or another; \
         scripts send the API token instead, and behind a proxy SOUVENIR_PUBLIC_URL names the address people use",
    )
    .into_response()
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_closed_that_is_not_listed() {
        assert_eq!(Door::of("/login"), Door::Open);
        assert_eq!(Door::of("/signin/abc"), Door::Open);
        assert_eq!(Door::of("/pkg/souvenir.css"), Door::Look);
        assert_eq!(Door::of("/healthz"), Door::Look);
        assert_eq!(Door::of("/"), Door::Page);
        assert_eq!(Door::of("/login/"), Door::Page);
        assert_eq!(Door::of("/signin/abc/more"), Door::Page);
        assert_eq!(Door::of("/loginx"), Door::Page);
        assert_eq!(Door::of("/apix"), Door::Page);
        assert_eq!(Door::of("/api"), Door::Machine);
        assert_eq!(Door::of("/api/chats"), Door::Machine);
        assert_eq!(Door::of("/metrics"), Door::Machine);
        assert_eq!(Door::of("/fn/chats"), Door::ServerFunction);
        assert_eq!(Door::of("/something/new"), Door::Page);
    }

    #[test]
    fn the_wanted_page_survives_the_way_to_the_sign_in_page() {
        assert_eq!(url_encode("/chats/3?tier=mid_term&q=é"), "/chats/3%3Ftier%3Dmid_term%26q%3D%C3%A9");
    }
}

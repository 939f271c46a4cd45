//! Signing in and out: `/login`, `/signin/{token}`, `/logout`.

use std::time::Duration;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    OWNER,
    client::{self, Peer},
    html, owner_since,
};
use crate::web::{Web, error::Problem};

/// The routes of this module.
pub(in crate::web) fn routes() -> Router<Web> {
    Router::new()
        .route("/login", get(show_login).post(sign_in))
        .route("/signin/{token}", get(show_link).post(redeem_link))
        .route("/logout", post(sign_out))
        .route("/logout/everywhere", post(sign_out_everywhere))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    next: String,
}

async fn show_login(
    State(web): State<Web>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let next = local_path(&wanted.next);
    if owner_since(&session).await?.is_some() {
        return Ok(Redirect::to(next).into_response());
    }
    Ok(html::login(StatusCode::OK, html::Login { password: web.auth.password.is_offered(), next, error: None }))
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(
    State(web): State<Web>,
    session: Session,
    peer: Peer,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, Problem> {
    let address = client::address(peer, &headers, &web.config.trusted_proxies);
    let next = local_path(&credentials.next);
    let page = html::Login { password: web.auth.password.is_offered(), next, error: None };
    if !page.password {
        return Ok(html::login(StatusCode::FORBIDDEN, page));
    }
    if let Err(wait) = web.auth.attempts.begin(address, web.config.clock.now()) {
        return Ok(too_many(wait));
    }
    if !web.auth.password.accepts(credentials.password.clone()).await {
        tracing::warn!(peer.address = %address, "a password to the dashboard was wrong");
        let mut response =
            html::login(StatusCode::UNAUTHORIZED, html::Login { error: Some("That is not the password."), ..page });
        // A 401 has to name a scheme; browsers do not know this one and show the page.
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Form realm=\"souvenir\""));
        return Ok(response);
    }
    web.auth.attempts.succeeded(address);
    open(&web, &session).await?;
    Ok(Redirect::to(next).into_response())
}

/// Only looks: link previews fetch links too.
async fn show_link(State(web): State<Web>, Path(token): Path<String>) -> Result<Response, Problem> {
    let open = web.engine.signin_token_is_open(&token).await?;
    Ok(if open { html::confirm(&token) } else { html::spent() })
}

/// Not limited: 256 random bits cannot be guessed, and the owner must have a way in while others try passwords.
async fn redeem_link(State(web): State<Web>, session: Session, Path(token): Path<String>) -> Result<Response, Problem> {
    if !web.engine.redeem_signin_token(&token).await? {
        return Ok(html::spent());
    }
    open(&web, &session).await?;
    Ok(Redirect::to("/").into_response())
}

async fn sign_out(session: Session) -> Result<Response, Problem> {
    session.flush().await.map_err(|error| Problem::internal(&error))?;
    Ok(Redirect::to("/login").into_response())
}

/// Ends every session and every open link: for a lost telephone, or after the password was changed.
async fn sign_out_everywhere(State(web): State<Web>, session: Session) -> Result<Response, Problem> {
    web.engine.session_records().delete_all().await?;
    tracing::info!("all dashboard sessions were ended");
    sign_out(session).await
}

/// Makes the session the owner's, under a new id: an id that somebody planted before opens nothing.
async fn open(web: &Web, session: &Session) -> Result<(), Problem> {
    session.cycle_id().await.map_err(|error| Problem::internal(&error))?;
    session.insert(OWNER, web.config.clock.now().0).await.map_err(|error| Problem::internal(&error))
}

fn too_many(wait: Duration) -> Response {
    let seconds = wait.as_millis().div_ceil(1000);
    let minutes = wait.as_secs().div_ceil(60).max(1);
    let mut response = html::wait(minutes);
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// `next` when it is a path of this server, else the first page. `//host` and `/\host` are other servers to a browser.
fn local_path(next: &str) -> &str {
    let is_local = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && !next.chars().any(|character| character.is_control() || character == '\\');
    if is_local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_only_to_our_own_pages() {
        assert_eq!(local_path("/chats/3?tier=mid_term"), "/chats/3?tier=mid_term");
        for elsewhere in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/x\\y", "\\\\e"]
        {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere:?}");
        }
    }
}

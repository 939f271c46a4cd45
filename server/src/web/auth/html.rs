//! The sign-in pages as plain HTML: they work without JavaScript and before anything else does.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

/// What the sign-in page has to say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Login<'a> {
    /// Whether there is a password to type.
    pub(super) password: bool,
    /// Where to go afterwards, a path of ours.
    pub(super) next: &'a str,
    /// Why the attempt before did not work.
    pub(super) error: Option<&'a str>,
}

/// The page at `/login`.
pub(super) fn login(status: StatusCode, login: Login<'_>) -> Response {
    let alert = login.error.map(alert).unwrap_or_default();
    let invalid = if login.error.is_some() { " aria-invalid=\"true\" aria-describedby=\"error\"" } else { "" };
    let body = if login.password {
        format!(
            "{alert}<form method=\"post\" action=\"/login\">\
             <input type=\"hidden\" name=\"next\" value=\"{next}\">\
             <p><label for=\"password\">Password</label><br>\
             <input class=\"field\" id=\"password\" name=\"password\" type=\"password\" required autofocus \
             autocomplete=\"current-password\"{invalid}></p>\
             <p><button class=\"btn btn-primary\" type=\"submit\">Sign in</button></p></form>\
             <p class=\"note\">A one-time link signs in too: it is printed when Souvenir starts, and the bot sends one \
             for /dashboard.</p>",
            next = escape(login.next),
        )
    } else {
        format!(
            "{alert}<p>This dashboard has no password. Open the one-time link that is printed when Souvenir starts, \
             or send /dashboard to the bot for a new one.</p>\
             <p class=\"note\">SOUVENIR_OWNER_PASSWORD sets a password; it is read at start.</p>"
        )
    };
    page(status, "Sign in", &body)
}

/// The page at `/signin/{token}`: looking at it uses nothing up.
pub(super) fn confirm(token: &str) -> Response {
    let body = format!(
        "<p>This link signs in one browser, once, within ten minutes of its making.</p>\
         <form method=\"post\" action=\"/signin/{}\">\
         <p><button class=\"btn btn-primary\" type=\"submit\" autofocus>Sign in on this browser</button></p></form>",
        escape(token)
    );
    page(StatusCode::OK, "Sign in", &body)
}

/// The page for a link that no longer works.
pub(super) fn spent() -> Response {
    let body = format!(
        "{}<p>Send /dashboard to the bot, or restart Souvenir, for a new one.</p>\
         <p><a href=\"/login\">Sign in another way</a></p>",
        alert("This link has been used, or it is older than ten minutes.")
    );
    page(StatusCode::GONE, "Link no longer valid", &body)
}

/// The page for too many attempts.
pub(super) fn wait(minutes: u64) -> Response {
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let body = format!(
        "{}<p>Try again in {minutes} {unit}. A one-time link works at once: the bot sends one for /dashboard.</p>\
         <p><a href=\"/login\">Back to the sign-in page</a></p>",
        alert("Too many attempts to sign in.")
    );
    page(StatusCode::TOO_MANY_REQUESTS, "Too many attempts", &body)
}

fn alert(text: &str) -> String {
    format!("<p class=\"alert danger\" id=\"error\" role=\"alert\">{}</p>", escape(text))
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title} · Souvenir</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"/pkg/souvenir.css\"></head>\
         <body><main id=\"main\" class=\"signin\">\
         <p class=\"wordmark\">Souvenir</p><h1>{title}</h1>{body}</main></body></html>"
    );
    (status, Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_cannot_leave_its_attribute() {
        assert_eq!(escape("/x\"><script>'&"), "/x&quot;&gt;&lt;script&gt;&#39;&amp;");
    }
}

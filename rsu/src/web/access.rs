//! Who may look: everybody on loopback, elsewhere whoever has the token of `[web] token`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::config::Web;

/// What a request must show.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Guard {
    /// Nothing.
    Open,
    /// The token.
    Token(String),
    /// A token is asked for but could not be read: nobody may look.
    Closed,
}

impl Guard {
    /// Reads the token that `[web] token` refers to (`file:PATH` or `env:NAME`).
    pub(super) fn from_config(web: &Web) -> Self {
        let Some(reference) = &web.token else { return Guard::Open };
        let token = match reference.split_once(':') {
            Some(("file", path)) => std::fs::read_to_string(path).ok(),
            Some(("env", name)) => std::env::var(name).ok(),
            _ => None,
        };
        match token.map(|text| text.trim().to_owned()) {
            Some(token) if !token.is_empty() => Guard::Token(token),
            _ => {
                tracing::error!(reference, "the token of [web] cannot be read: the page is closed");
                Guard::Closed
            }
        }
    }

    fn admits(&self, headers: &HeaderMap, query: Option<&str>) -> bool {
        match self {
            Guard::Open => true,
            Guard::Closed => false,
            Guard::Token(token) => shown(headers, query).iter().any(|one| same(one, token)),
        }
    }
}

/// Every token that a request shows: as bearer, as cookie, in the query.
fn shown(headers: &HeaderMap, query: Option<&str>) -> Vec<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bearer = text(header::AUTHORIZATION).strip_prefix("Bearer ").map(str::to_owned);
    let cookie =
        text(header::COOKIE).split(';').filter_map(|pair| pair.trim().strip_prefix("rsu_token=")).map(str::to_owned);
    let query = query.unwrap_or_default().split('&').filter_map(|pair| pair.strip_prefix("token=")).map(str::to_owned);
    bearer.into_iter().chain(cookie).chain(query).collect()
}

/// Compares in a time that does not depend on where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

/// Lets a request through that shows the token; one that shows it in the query gets it as a cookie, so that the page's own
/// requests carry it.
pub(super) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let query = request.uri().query().map(str::to_owned);
    if !guard.admits(request.headers(), query.as_deref()) {
        let help = "this unit asks for a token: open /?token=… or send `Authorization: Bearer …`\n";
        return (StatusCode::UNAUTHORIZED, help).into_response();
    }
    let mut response = next.run(request).await;
    if let (Guard::Token(token), Some(true)) = (&guard, query.map(|q| q.contains("token=")))
        && let Ok(cookie) = format!("rsu_token={token}; HttpOnly; SameSite=Strict; Path=/").parse()
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().expect("a header"))])
    }

    #[test]
    fn a_token_is_taken_as_bearer_cookie_or_query_and_nothing_else() {
        let guard = Guard::Token("s3cret".into());
        assert!(guard.admits(&headers(header::AUTHORIZATION, "Bearer s3cret"), None));
        assert!(guard.admits(&headers(header::COOKIE, "a=b; rsu_token=s3cret"), None));
        assert!(guard.admits(&HeaderMap::new(), Some("x=1&token=s3cret")));
        assert!(!guard.admits(&HeaderMap::new(), None));
        assert!(!guard.admits(&headers(header::AUTHORIZATION, "Bearer s3cre"), Some("token=S3cret")));
    }

    #[test]
    fn a_token_that_cannot_be_read_closes_the_page() {
        let web = Web { token: Some("file:/nowhere/at/all".into()), ..Web::default() };
        assert_eq!(Guard::from_config(&web), Guard::Closed);
        assert_eq!(Guard::from_config(&Web::default()), Guard::Open);
    }
}

//! The page and its API: read-only, one WebSocket, no outside request. Nothing here can change what goes on air.
//!
//! | path | what |
//! |---|---|
//! | `/` and its files | the page, embedded in the program |
//! | `/api/status` `/api/world` `/api/map` | JSON documents |
//! | `/api/messages`, `/api/messages/{id}` | message types with figures; one message field by field |
//! | `/api/live` | WebSocket: the world at up to 10 Hz, messages, events, status |
//! | `/metrics` `/healthz` `/readyz` | for machines: Prometheus text; alive; fit to speak (503 with reasons) |

mod access;
mod live;
mod messages;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use serde_json::json;

use crate::shell::view::View;

/// Every file of the page: name, media type, content.
const FILES: [(&str, &str, &[u8]); 9] = [
    ("index.html", "text/html; charset=utf-8", include_bytes!("web/static/index.html")),
    ("app.css", "text/css; charset=utf-8", include_bytes!("web/static/app.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("web/static/app.js")),
    ("live.js", "text/javascript; charset=utf-8", include_bytes!("web/static/live.js")),
    ("messages.js", "text/javascript; charset=utf-8", include_bytes!("web/static/messages.js")),
    ("words.js", "text/javascript; charset=utf-8", include_bytes!("web/static/words.js")),
    ("en.json", "application/json", include_bytes!("web/static/en.json")),
    ("zh.json", "application/json", include_bytes!("web/static/zh.json")),
    ("icon.svg", "image/svg+xml", include_bytes!("web/static/icon.svg")),
];

/// Browsers may load nothing but what the unit itself serves.
const POLICY: &str =
    "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/// Page, API and health of one unit.
pub fn router(view: Arc<View>) -> Router {
    let guard = access::Guard::from_config(&view.config().web);
    Router::new()
        .route("/", get(|| async { file("index.html") }))
        .route("/{file}", get(|Path(name): Path<String>| async move { file(&name) }))
        .route("/api/status", get(async |State(view): State<Arc<View>>| Json(view.status())))
        .route("/api/world", get(async |State(view): State<Arc<View>>| Json(World::of(&view))))
        .route("/api/map", get(map))
        .route("/api/messages", get(async |State(view): State<Arc<View>>| Json(messages::table(&view))))
        .route("/api/messages/{id}", get(messages::one))
        .route("/api/live", get(live::upgrade))
        .layer(middleware::from_fn_with_state(guard, access::check))
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .with_state(view)
}

/// The world as a document of its own.
#[derive(serde::Serialize)]
struct World {
    schema: &'static str,
    #[serde(flatten)]
    world: crate::world::World,
}

impl World {
    fn of(view: &View) -> Self {
        Self { schema: "rsu.world/1", world: crate::world::World::clone(&view.world()) }
    }
}

/// A file of the page, as it is embedded; the simulator's player builds on them.
#[must_use]
pub fn embedded(name: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(file, ..)| *file == name).map(|(.., content)| *content)
}

/// A file of a page: what it is, not to be kept without asking, and nothing loaded from elsewhere.
pub fn answer(kind: &'static str, content: impl IntoResponse) -> Response {
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache"), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, content).into_response()
}

fn file(name: &str) -> Response {
    match FILES.iter().find(|(file, ..)| *file == name) {
        Some((_, kind, content)) => answer(kind, *content),
        None => not_found(&format!("no such page: /{name}"), "open / for the page, /api/status for the API"),
    }
}

fn not_found(error: &str, help: &str) -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "schema": "rsu.error/1", "error": error, "help": help }))).into_response()
}

async fn map(State(view): State<Arc<View>>) -> Response {
    match view.map() {
        Some(map) => Json(map).into_response(),
        None => not_found("this unit has no site map", "give one as `[site] map = \"FILE.json\"`"),
    }
}

async fn metrics(State(view): State<Arc<View>>) -> Response {
    ([(header::CONTENT_TYPE, crate::metrics::CONTENT_TYPE)], view.metrics().text()).into_response()
}

async fn ready(State(view): State<Arc<View>>) -> Response {
    let reasons = &view.world().unfit;
    if reasons.is_empty() {
        return "fit to speak\n".into_response();
    }
    let text: String = reasons.iter().map(|reason| format!("silent: {reason}\n")).collect();
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn words(name: &str) -> BTreeMap<String, String> {
        let (.., content) = FILES.iter().find(|(file, ..)| *file == name).expect("embedded");
        serde_json::from_slice(content).expect("a flat JSON object of strings")
    }

    #[test]
    fn both_languages_have_every_string() {
        let (en, zh) = (words("en.json"), words("zh.json"));
        assert_eq!(en.keys().collect::<Vec<_>>(), zh.keys().collect::<Vec<_>>());
        let holes = |text: &str| {
            text.split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next().map(str::to_owned))
                .collect::<std::collections::BTreeSet<_>>()
        };
        for (key, text) in &en {
            assert_eq!(holes(text), holes(&zh[key]), "holes of `{key}`");
        }
    }

    #[test]
    fn every_word_the_page_asks_for_exists() {
        let en = words("en.json");
        let html = std::str::from_utf8(FILES[0].2).expect("text");
        let mut asked = 0;
        for mark in ["data-i18n=\"", "data-i18n-title=\"", "data-i18n-label=\""] {
            for rest in html.split(mark).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(en.contains_key(key), "index.html asks for `{key}`");
                asked += 1;
            }
        }
        assert!(asked > 20, "{asked}");
    }

    #[test]
    fn the_page_is_small_and_asks_nobody_else() {
        let size: usize = FILES.iter().map(|(.., content)| content.len()).sum();
        assert!(size < 150_000, "{size} bytes before compression");
        for (name, _, content) in FILES {
            let text = String::from_utf8_lossy(content).replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{name} names an outside address");
        }
    }
}

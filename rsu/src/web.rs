//! Page, API and metrics of one unit. Reads the [`View`] and never writes to it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use crate::shell::status::Status;
use crate::shell::view::View;

/// Everything that is served.
pub fn router(view: Arc<View>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/api/status", get(status))
        .with_state(view)
}

async fn status(State(view): State<Arc<View>>) -> Json<Status> {
    Json(view.status())
}

/// Fit to speak, or 503 with the reasons, one a line.
async fn ready(State(view): State<Arc<View>>) -> (StatusCode, String) {
    let world = view.world();
    if world.unfit.is_empty() {
        return (StatusCode::OK, "speaking\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, world.unfit.iter().map(|reason| format!("{reason}\n")).collect())
}

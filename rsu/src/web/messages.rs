//! The messages tab: every type with its figures, and one message field by field beside its bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::shell::view::{AirMessage, View};

/// Figures of every message type that passed the antenna.
pub(super) fn table(view: &View) -> Value {
    let (status, now) = (view.status(), view.now());
    let mut newest: BTreeMap<_, Arc<AirMessage>> = BTreeMap::new();
    for message in view.messages(0) {
        newest.insert((message.direction, message.kind), message);
    }
    let types: Vec<_> = newest
        .into_values()
        .map(|message| {
            let tallies = match message.direction {
                crate::shell::view::Direction::Sent => &status.air.sent,
                crate::shell::view::Direction::Heard => &status.air.heard,
            };
            let tally = tallies.get(message.kind.name()).cloned().unwrap_or_default();
            json!({
                "kind": message.kind, "direction": message.direction, "count": tally.count, "rate_hz": tally.per_s,
                "ago_s": now.seconds_since(message.at).max(0.0), "bytes": message.bytes.len(), "age_ms": message.age_ms,
                "id": message.seq,
            })
        })
        .collect();
    json!({ "schema": "rsu.messages/1", "at": now, "types": types })
}

/// One message: its bytes in hex, every field with its bits, and its meaning in SI units.
pub(super) async fn one(State(view): State<Arc<View>>, Path(id): Path<u64>) -> Response {
    let Some(message) = view.message(id) else {
        return super::not_found(
            &format!("message {id} is not kept any more"),
            "GET /api/messages lists the newest of each type",
        );
    };
    let document = json!({
        "schema": "rsu.message/1", "id": message.seq, "kind": message.kind, "direction": message.direction, "at": message.at,
        "tov": message.tov, "age_ms": message.age_ms, "hex": v2x_msgs::hex::to_hex(&message.bytes),
    });
    Json(document).into_response()
}

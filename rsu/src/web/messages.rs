//! The messages tab: every type with its figures, and one message field by field beside its bytes.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use v2x_msgs::wire_json::{Span, spans};
use v2x_msgs::{decode, json::to_json};

use crate::shell::view::View;

/// Figures of every message type that passed the antenna.
pub(super) fn table(view: &View) -> Value {
    let (status, now) = (view.status(), view.now());
    let types: Vec<_> = view
        .newest()
        .into_iter()
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
    let profile = view.config().site.dialect;
    let mut document = json!({
        "schema": "rsu.message/1", "id": message.seq, "kind": message.kind, "direction": message.direction, "at": message.at,
        "tov": message.tov, "age_ms": message.age_ms, "hex": v2x_msgs::hex::to_hex(&message.bytes),
    });
    match spans(&message.bytes, profile) {
        Ok(fields) => document["fields"] = fields.iter().map(field).collect(),
        Err(why) => document["error"] = why.to_string().into(),
    }
    if let Some(value) = decode(&message.bytes, profile).ok().and_then(|message| to_json(&message).ok()) {
        document["message"] = value;
    }
    Json(document).into_response()
}

/// One line of the tree: the last part of its path, indented by the parts before.
fn field(span: &Span) -> Value {
    let depth = span.path.matches(['.', '[']).count();
    let name = span.path.rfind(['.', '[']).map_or(span.path.as_str(), |at| span.path[at..].trim_start_matches('.'));
    json!({ "path": span.path, "name": name, "depth": depth, "bit": span.bit, "bits": span.bits, "value": span.value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_by_its_last_part_and_indented_by_the_others() {
        let span = |path: &str| Span { path: path.into(), bit: 3, bits: 13, value: Some("590".into()) };
        assert_eq!(field(&span("rsmFrame.participants[2].speed"))["name"], "speed");
        assert_eq!(field(&span("rsmFrame.participants[2].speed"))["depth"], 3);
        assert_eq!(field(&span("rsmFrame.participants[2]"))["name"], "[2]");
        assert_eq!(field(&span("rsmFrame"))["depth"], 0);
    }
}

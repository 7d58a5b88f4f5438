//! The WebSocket of the page. A slow page loses frames, never the unit: the world is read when there is time for it, and
//! a listener that lags skips.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::shell::view::{Live, View};

/// The world goes out at most this often.
const WORLD_EVERY: Duration = Duration::from_millis(100);
/// The status goes out this often.
const STATUS_EVERY: Duration = Duration::from_secs(1);
/// A page that does not take a frame for so long is let go.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a page may send: nothing that we read.
const PAGE_BYTES: usize = 4096;

pub(super) async fn upgrade(State(view): State<Arc<View>>, socket: WebSocketUpgrade) -> Response {
    socket.max_message_size(PAGE_BYTES).on_upgrade(move |socket| serve(view, socket))
}

async fn serve(view: Arc<View>, mut socket: WebSocket) {
    let mut news = view.subscribe();
    let (mut worlds, mut statuses) = (interval(WORLD_EVERY), interval(STATUS_EVERY));
    worlds.set_missed_tick_behavior(MissedTickBehavior::Skip);
    statuses.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let told = tokio::select! {
            _ = worlds.tick() => world(&view),
            _ = statuses.tick() => status(&view),
            one = news.recv() => match one {
                Ok(Live::World) | Err(RecvError::Lagged(_)) => continue,
                Ok(Live::Message(message)) => json!({
                    "type": "message", "id": message.seq, "at": message.at, "direction": message.direction,
                    "kind": message.kind, "bytes": message.bytes.len(), "age_ms": message.age_ms,
                }),
                Ok(Live::Event(stamp)) => tagged("event", serde_json::to_value(&*stamp)),
                Err(RecvError::Closed) => return,
            },
            heard = socket.recv() => match heard {
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
        };
        let sent = timeout(PATIENCE, socket.send(Message::text(told.to_string()))).await;
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}

fn world(view: &View) -> Value {
    let world = view.world();
    json!({ "type": "world", "age_ms": view.now().millis_since(world.at).max(0.0), "world": &*world })
}

fn status(view: &View) -> Value {
    tagged("status", serde_json::to_value(view.status()))
}

fn tagged(kind: &str, document: serde_json::Result<Value>) -> Value {
    let mut document = document.unwrap_or_else(|_| json!({}));
    document["type"] = kind.into();
    document
}

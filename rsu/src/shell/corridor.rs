//! The link to the corridor, the city and vehicles over Uu: one zenoh session with the keys of [`crate::keys`]. A session
//! that cannot be had is retried for ever; the unit goes on meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use perception::UnitId;
use serde_json::{Value, json};
use v2x_msgs::MessageKind;
use zenoh::bytes::Encoding;
use zenoh::key_expr::KeyExpr;
use zenoh::pubsub::Publisher;
use zenoh::qos::{CongestionControl, Priority};
use zenoh::query::Query;
use zenoh::sample::{Sample, SampleKind};
use zenoh::{Session, Wait};

use crate::config::{self, CorridorLink};
use crate::event::{Event, Stamp};
use crate::radio::{self, RadioFrame};
use crate::shell::clock;
use crate::shell::queue::{Inbox, Queue};
use crate::shell::radio_task::Departure;
use crate::shell::view::View;
use crate::station::{BorderTracks, Input};
use crate::{keys, limits};

/// Where a unit with no `listen` of its own is found by programs on the same machine, if the port is free.
pub const LOCAL_ENDPOINT: &str = "tcp/127.0.0.1:7447";

/// How long a session that cannot be had is left alone.
const RETRY: Duration = Duration::from_secs(2);
/// A session that does not open in this time never will.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something to tell the corridor.
#[derive(Clone, Debug)]
pub enum Word {
    /// A message that goes on air. `alone`: no radio takes it, this is its only way out.
    Message {
        /// The message.
        departure: Arc<Departure>,
        /// No radio takes it.
        alone: bool,
    },
    /// A message heard on air.
    Heard(RadioFrame),
    /// What is near a border.
    Share(BorderTracks),
}

/// The link of one unit.
#[derive(Debug)]
pub struct Corridor {
    out: Arc<Queue<Word>>,
    inbox: Arc<Inbox>,
    view: Arc<View>,
}

impl Corridor {
    /// What neighbours say goes to `inbox`.
    #[must_use]
    pub fn new(inbox: Arc<Inbox>, view: Arc<View>) -> Self {
        Self { out: Arc::new(Queue::new("corridor", limits::CORRIDOR_OUT)), inbox, view }
    }

    /// Where words go in.
    #[must_use]
    pub fn out(&self) -> Arc<Queue<Word>> {
        Arc::clone(&self.out)
    }

    /// Runs until `stop` says so, then takes leave, so that neighbours know at once.
    pub async fn run(self, mut stop: tokio::sync::watch::Receiver<bool>) {
        let link = self.view.config().corridor_link.clone();
        if link.mode == "off" {
            return;
        }
        loop {
            let fault = match open(&link).await {
                Ok(session) => {
                    let fault = tokio::select! {
                        fault = self.talk(&session) => fault,
                        _ = stop.wait_for(|stop| *stop) => String::new(),
                    };
                    // Already closed is as good.
                    let _ = session.close().await;
                    fault
                }
                Err(fault) => fault,
            };
            if *stop.borrow() {
                return;
            }
            self.set_link(false, Some(fault));
            tokio::select! {
                () = self.discard(RETRY) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Speaks and listens until the session breaks; gives what is wrong.
    async fn talk(&self, session: &Session) -> String {
        match self.declare(session).await {
            Ok(mouth) => {
                self.set_link(true, None);
                self.speak(session, &mouth).await
            }
            Err(error) => error.to_string(),
        }
    }

    async fn declare<'a>(&self, session: &'a Session) -> zenoh::Result<Mouth<'a>> {
        let (site, unit) = (&self.view.config().site, &self.view.config().site.id);
        session
            .liveliness()
            .declare_subscriber(keys::alive(&site.corridor, &any()))
            .history(true)
            .callback(self.on_alive())
            .background()
            .await?;
        session
            .declare_subscriber(keys::border(&site.corridor, &any()))
            .callback(self.on_border())
            .background()
            .await?;
        let view = Arc::clone(&self.view);
        let answer = move |query: Query| {
            // Who asked may be gone again.
            let _ = query.reply(query.key_expr().clone(), status_of(&view)).encoding(Encoding::APPLICATION_JSON).wait();
        };
        let status_key = keys::status(&site.corridor, unit);
        session.declare_queryable(&status_key).callback(answer).background().await?;
        let mut mouth = Mouth {
            status: publisher(session, status_key, Priority::DataLow).await?,
            border: publisher(session, keys::border(&site.corridor, unit), Priority::InteractiveHigh).await?,
            messages: BTreeMap::new(),
            alive: None,
        };
        for kind in MessageKind::ALL {
            let bytes = publisher(session, keys::msg(&site.corridor, unit, kind), Priority::RealTime).await?;
            let json = publisher(session, keys::json(&site.corridor, unit, kind), Priority::Data).await?;
            let heard = publisher(session, keys::heard(&site.corridor, unit, kind), Priority::Data).await?;
            mouth.messages.insert(kind, Channels { bytes, json, heard });
        }
        // Last: who sees the token finds everything else.
        mouth.alive = Some(session.liveliness().declare_token(keys::alive(&site.corridor, unit)).await?);
        Ok(mouth)
    }

    async fn speak(&self, session: &Session, mouth: &Mouth<'_>) -> String {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            let said = tokio::select! {
                biased;
                word = self.out.pop() => self.say(mouth, word).await,
                _ = second.tick() => mouth.status.put(status_of(&self.view)).await,
            };
            if let Err(error) = said {
                return error.to_string();
            }
            if session.is_closed() {
                return "the session is closed".to_owned();
            }
        }
    }

    async fn say(&self, mouth: &Mouth<'_>, word: Word) -> zenoh::Result<()> {
        match word {
            Word::Message { departure, alone } => {
                if alone {
                    departure.leaves(&self.view);
                }
                let Some(channels) = mouth.messages.get(&departure.frame.kind) else { return Ok(()) };
                channels.bytes.put(departure.frame.bytes.as_slice()).await?;
                if channels.json.matching_status().await?.matching() {
                    let twin = json_twin(&self.view.config().site, &departure.frame);
                    self.view.metrics().twin(departure.frame.kind);
                    channels.json.put(twin.to_string()).encoding(Encoding::APPLICATION_JSON).await?;
                }
                Ok(())
            }
            Word::Heard(frame) => match mouth.messages.get(&frame.kind) {
                Some(channels) => channels.heard.put(frame.bytes).await,
                None => Ok(()),
            },
            Word::Share(tracks) => {
                let text = serde_json::to_string(&tracks)?;
                mouth.border.put(text).encoding(Encoding::APPLICATION_JSON).await
            }
        }
    }

    /// No session: what should be said is lost, and must not pile up.
    async fn discard(&self, span: Duration) {
        let over = tokio::time::sleep(span);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return,
                _ = self.out.pop() => {}
            }
        }
    }

    fn on_alive(&self) -> impl Fn(Sample) + Send + Sync + 'static {
        let (inbox, me) = (Arc::clone(&self.inbox), self.view.config().site.id.clone());
        move |sample| {
            if let Some(unit) = unit_of(sample.key_expr()).filter(|unit| *unit != me) {
                let alive = sample.kind() == SampleKind::Put;
                inbox.corridor.push(Input::NeighbourAlive { unit, alive });
            }
        }
    }

    fn on_border(&self) -> impl Fn(Sample) + Send + Sync + 'static {
        let (inbox, view) = (Arc::clone(&self.inbox), Arc::clone(&self.view));
        move |sample| {
            let Some(unit) = unit_of(sample.key_expr()).filter(|unit| *unit != view.config().site.id) else { return };
            match border_tracks(&unit, &sample.payload().to_bytes()) {
                Ok(tracks) => inbox.corridor.push(Input::Neighbour(tracks)),
                Err(reason) => {
                    view.event(Stamp { at: clock::now(), event: Event::Rejected { reason: reason.to_owned() } });
                }
            }
        }
    }

    fn set_link(&self, open: bool, fault: Option<String>) {
        let before = self.view.status().link;
        self.view.set_link(open, fault.clone());
        if before.fault != fault {
            self.view.event(Stamp { at: clock::now(), event: Event::Link { fault } });
        }
    }
}

/// All that a unit publishes.
struct Mouth<'a> {
    status: Publisher<'a>,
    border: Publisher<'a>,
    messages: BTreeMap<MessageKind, Channels<'a>>,
    alive: Option<zenoh::liveliness::LivelinessToken>,
}

/// The keys of one message type.
struct Channels<'a> {
    bytes: Publisher<'a>,
    json: Publisher<'a>,
    heard: Publisher<'a>,
}

async fn publisher<'a>(session: &'a Session, key: String, priority: Priority) -> zenoh::Result<Publisher<'a>> {
    // What does not get through now is stale later: drop, and do not wait for a batch to fill.
    session.declare_publisher(key).priority(priority).congestion_control(CongestionControl::Drop).express(true).await
}

async fn open(link: &CorridorLink) -> Result<Session, String> {
    let config = zenoh_config(link).map_err(|e| e.to_string())?;
    match tokio::time::timeout(PATIENCE, async { zenoh::open(config).await }).await {
        Ok(opened) => opened.map_err(|e| e.to_string()),
        Err(_) => Err(format!("no session within {} s", PATIENCE.as_secs())),
    }
}

/// The session as configured: no multicast unless asked for, and a lease that notices a lost neighbour in time.
///
/// # Errors
/// When an endpoint cannot be read.
pub fn zenoh_config(link: &CorridorLink) -> zenoh::Result<zenoh::Config> {
    let mut config = zenoh::Config::default();
    let listen = match (&link.listen[..], link.mode.as_str()) {
        ([], "peer") => json!({ "endpoints": [LOCAL_ENDPOINT, "tcp/127.0.0.1:0"], "exit_on_failure": false }),
        (listen, _) => json!({ "endpoints": listen }),
    };
    let settings: [(&str, Value); 7] = [
        ("mode", json!(link.mode)),
        ("connect/endpoints", json!(link.connect)),
        ("listen", listen),
        ("scouting/multicast/enabled", json!(link.scouting)),
        ("transport/link/tx/lease", json!(link.lease_ms)),
        ("transport/link/tx/keep_alive", json!(4)),
        ("open/return_conditions", json!({ "connect_scouted": false, "declares": false })),
    ];
    for (key, value) in settings {
        config.insert_json5(key, &value.to_string())?;
    }
    Ok(config)
}

/// Stands for every unit in a key.
fn any() -> UnitId {
    UnitId("*".to_owned())
}

/// The unit in `rsu/{corridor}/{unit}/…`.
fn unit_of(key: &KeyExpr<'_>) -> Option<UnitId> {
    key.as_str().split('/').nth(2).map(|unit| UnitId(unit.to_owned()))
}

/// What a neighbour says, if it says it for itself and not endlessly.
fn border_tracks(unit: &UnitId, payload: &[u8]) -> Result<BorderTracks, &'static str> {
    if payload.len() > limits::BORDER_BYTES {
        return Err("too-long");
    }
    let tracks: BorderTracks = serde_json::from_slice(payload).map_err(|_| "malformed")?;
    if tracks.unit != *unit {
        return Err("foreign");
    }
    if tracks.tracks.len() > limits::BORDER_TRACKS {
        return Err("too-long");
    }
    Ok(tracks)
}

fn status_of(view: &View) -> String {
    serde_json::to_string(&view.status()).unwrap_or_default()
}

/// The message as JSON, with who sent it when and how old what it says is.
fn json_twin(site: &config::Site, frame: &RadioFrame) -> Value {
    let mut fields = radio::json_twin(frame, site.dialect);
    let now = clock::now();
    let age_ms = json!(frame.tov.map(|tov| now.millis_since(tov)));
    for user in fields.get_mut("participants").and_then(Value::as_array_mut).into_iter().flatten() {
        user["age_ms"] = age_ms.clone();
    }
    fields.insert("unit".to_owned(), json!(site.id));
    fields.insert("sent".to_owned(), json!(now));
    fields.insert("age_ms".to_owned(), age_ms);
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_speaks_for_itself_alone_and_not_endlessly() {
        let x02 = UnitId("x02".into());
        let tracks = BorderTracks { unit: x02.clone(), origin: [31.0, 121.0, 4.0], tracks: Vec::new() };
        let text = serde_json::to_vec(&tracks).expect("JSON");
        assert_eq!(border_tracks(&x02, &text), Ok(tracks));
        assert_eq!(border_tracks(&UnitId("x03".into()), &text), Err("foreign"));
        assert_eq!(border_tracks(&x02, &text[..20]), Err("malformed"));
        assert_eq!(border_tracks(&x02, &vec![b' '; limits::BORDER_BYTES + 1]), Err("too-long"));
    }

    #[test]
    fn the_lease_and_the_endpoints_reach_the_session() {
        let link = CorridorLink {
            connect: vec!["tcp/10.20.0.1:7447".into()],
            listen: vec!["tcp/127.0.0.1:0".into()],
            lease_ms: 1500,
            ..CorridorLink::default()
        };
        let config = zenoh_config(&link).expect("a configuration");
        let said = |key| config.get_json(key).expect("a value");
        assert_eq!(said("transport/link/tx/lease"), "1500");
        assert_eq!(said("scouting/multicast/enabled"), "false");
        assert!(said("connect/endpoints").contains("tcp/10.20.0.1:7447"));
        assert!(zenoh_config(&CorridorLink { connect: vec!["nowhere".into()], ..link }).is_err());
    }
}

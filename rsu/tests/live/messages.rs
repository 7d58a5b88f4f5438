//! What is on air and on zenoh.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bytes_on_zenoh_are_the_bytes_on_the_radio() {
    let (ear, address) = antenna();
    let port = free_port();
    let more = format!(
        "[[radio]]\nid = \"lab\"\nkind = \"udp\"\naddress = \"{address}\"\n\
         [corridor_link]\nlisten = [\"tcp/127.0.0.1:{port}\"]\n"
    );
    let unit = Unit::start(setup("x01", &more), None).await;
    let session = client(port).await;
    let subscriber = session.declare_subscriber("rsu/live/x01/msg/rsm").await.expect("a subscriber");
    let mut on_zenoh = Vec::new();
    for _ in 0..15 {
        let sample = within("a message on zenoh", subscriber.recv_async()).await.expect("a sample");
        on_zenoh.push(sample.payload().to_bytes().into_owned());
    }
    let on_air = hear(&Arc::new(ear), 20).await;
    let said = unit.view.messages(0);
    for bytes in &on_zenoh {
        assert!(said.iter().any(|m| m.bytes == *bytes), "what is on zenoh was said");
    }
    let first = on_air.iter().position(|bytes| on_zenoh.contains(bytes)).expect("the same message on both ways");
    let start = on_zenoh.iter().position(|bytes| *bytes == on_air[first]).expect("found above");
    let both = (on_air.len() - first).min(on_zenoh.len() - start);
    assert!(both > 3 && on_air[first..first + both] == on_zenoh[start..start + both], "{both}");
    let message = v2x_msgs::decode(&on_zenoh[14], Profile::Csae53_2020).expect("a message");
    let v2x_msgs::Message::Rsm(rsm) = message else { panic!("{message:?}") };
    assert_eq!(rsm.participants.len(), 2, "two cars");
    let summary = unit.stop().await;
    assert!(summary.participants >= 30 && summary.tracks >= 2, "{summary:?}");
    assert!(summary.status.age.all.p99_ms.is_some_and(|age| (0.0..1000.0).contains(&age)), "{:?}", summary.status.age);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn immediate_forward_text_parses_back_to_what_was_said() {
    let (ear, address) = antenna();
    let more = format!("[[radio]]\nid = \"if\"\nkind = \"immediate-forward\"\naddress = \"{address}\"\n{}", no_link());
    let unit = Unit::start(setup("x01", &more), None).await;
    for text in hear(&Arc::new(ear), 5).await {
        let block = Block::parse(&text).expect("a block");
        // The datagram can be here before the unit has written down that it sent it.
        let message = within("said so", async {
            loop {
                if let Some(message) = unit.view.messages(0).into_iter().find(|m| m.bytes == block.payload) {
                    break message;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(block.kind, message.kind.name().to_uppercase());
    }
    unit.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_made_only_while_somebody_subscribes() {
    let port = free_port();
    let more = format!("[corridor_link]\nlisten = [\"tcp/127.0.0.1:{port}\"]\n");
    let unit = Unit::start(setup("x01", &more), None).await;
    let session = client(port).await;
    let bytes = session.declare_subscriber("rsu/live/x01/msg/*").await.expect("a subscriber");
    for _ in 0..5 {
        within("bytes", bytes.recv_async()).await.expect("a sample");
    }
    let made = |page: &str| {
        let line = page.lines().find(|line| line.starts_with("rsu_json_made_total{"));
        line.map_or(0, |line| line.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0_u64))
    };
    assert_eq!(made(&unit.view.metrics().text()), 0, "nobody asked for JSON");
    let json = session.declare_subscriber("rsu/*/*/json/rsm").await.expect("a subscriber");
    let sample = within("JSON", json.recv_async()).await.expect("a sample");
    let twin: serde_json::Value = serde_json::from_slice(&sample.payload().to_bytes()).expect("JSON");
    assert_eq!((twin["type"].as_str(), twin["unit"].as_str()), (Some("rsm"), Some("x01")));
    assert!(twin["age_ms"].as_f64().is_some_and(|age| age >= 0.0), "{twin}");
    assert!(twin["participants"][0]["lat_deg"].as_f64().is_some_and(|lat| (lat - 31.284).abs() < 0.01), "{twin}");
    assert!(made(&unit.view.metrics().text()) > 0);
    json.undeclare().await.expect("undeclared");
    let mut before = made(&unit.view.metrics().text());
    within("JSON is no longer made", async {
        loop {
            unit.says(10).await;
            let after = made(&unit.view.metrics().text());
            if after == before {
                return;
            }
            before = after;
        }
    })
    .await;
    let status = session.get("rsu/live/x01/status").await.expect("a query");
    let reply = within("the status", status.recv_async()).await.expect("a reply");
    let status: serde_json::Value =
        serde_json::from_slice(&reply.result().expect("a sample").payload().to_bytes()).expect("JSON");
    assert_eq!((status["schema"].as_str(), status["fit"].as_bool()), (Some("rsu.status/1"), Some(true)));
    unit.stop().await;
}

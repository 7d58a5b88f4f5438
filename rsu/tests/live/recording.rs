//! Recordings and their replay.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_says_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rec/x01.mcap");
    let (_ear, address) = antenna();
    let unit = Unit::start(setup("x01", &radio_alone(address)), Some(&file)).await;
    unit.says(30).await;
    unit.inputs.send(Input::Received(vec![0xff; 40])).await.expect("taken");
    unit.says(10).await;
    let summary = unit.stop().await;
    assert_eq!(summary.recording.as_deref(), Some(file.as_path()));

    let verdict = replay(&file, None, |_| {}).expect("a recording");
    assert_eq!(verdict.difference, None);
    assert!(verdict.said >= 40 && verdict.said == verdict.recorded, "{verdict:?}");
    assert_eq!((verdict.unit.as_str(), verdict.lost, verdict.cut_off), ("x01", 0, false));
    let itself = replay(&file, Some(&file), |_| {}).expect("a recording");
    assert_eq!(itself.difference, None);

    let bytes = std::fs::read(&file).expect("readable");
    let mut topics: Vec<String> = mcap::MessageStream::new(&bytes)
        .expect("an MCAP file")
        .map(|message| message.expect("whole").channel.topic.clone())
        .collect();
    topics.sort();
    topics.dedup();
    for topic in ["/events", "/input", "/msg/sent/rsm", "/msg/sent/rsm/raw", "/site", "/tracks", "/tracks/json"] {
        assert!(topics.iter().any(|t| t == topic), "{topic} is not in {topics:?}");
    }
    let times: Vec<u64> =
        mcap::MessageStream::new(&bytes).expect("MCAP").map(|message| message.expect("whole").log_time).collect();
    assert!(times.is_sorted(), "in the order of time");

    let cut = folder.path().join("cut.mcap");
    std::fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).expect("written");
    match replay(&cut, None, |_| {}) {
        Ok(verdict) => assert!(verdict.cut_off && verdict.difference.is_none(), "{verdict:?}"),
        Err(error) => assert!(error.to_string().contains("cut.mcap"), "{error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_run_is_told_from_this_one_by_its_first_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_ear, address) = antenna();
    let mut files = Vec::new();
    for name in ["a", "b"] {
        let file = folder.path().join(name);
        let unit = Unit::start(setup("x01", &radio_alone(address)), Some(&file)).await;
        unit.says(5).await;
        unit.stop().await;
        files.push(file);
    }
    let verdict = replay(&files[0], Some(&files[1]), |_| {}).expect("recordings");
    let difference = verdict.difference.expect("said at another time");
    assert!(difference.then != difference.now && difference.number == 1, "{difference:?}");
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("odd.mcap");
    let refusal = |bytes: &[u8]| {
        std::fs::write(&file, bytes).expect("written");
        replay(&file, None, |_| {}).expect_err("no recording").to_string()
    };
    assert!(refusal(b"").contains("odd.mcap"));
    assert!(refusal(b"not an mcap file at all, only some text").contains("not a recording"));
    // Magic, then a record that says it is 2^60 bytes long.
    let mut hostile = b"\x89MCAP0\r\n\x01".to_vec();
    hostile.extend(0x1000_0000_0000_0000_u64.to_le_bytes());
    assert!(refusal(&hostile).contains("not a recording"), "{}", refusal(&hostile));
}

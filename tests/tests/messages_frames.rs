//! `rsu msg decode` on what radios and captures hold around messages.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tests::terminal::{rsu_msg, text};
use tests::{shared, skipped};

fn captures() -> Option<PathBuf> {
    let Some(shared) = shared() else {
        skipped("no ../shared");
        return None;
    };
    Some(shared.join("captures"))
}

fn found(args: &[&str]) -> Vec<Value> {
    let decoded = rsu_msg(args, b"");
    assert!(decoded.status.success(), "{args:?}: {}", text(&decoded.stderr));
    text(&decoded.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn the_message_in_each_capture_is_reached_and_said_to_be_not_verified() {
    let Some(captures) = captures() else { return };
    for (name, ways) in [
        (
            "wsmp_map_signed_certificate",
            &["WSMP for 130 (0p8002)", "IEEE 1609.2, signed for 130 (0p8002), not verified"][..],
        ),
        ("wsmp_map_unsecured", &["WSMP for 130 (0p8002)"]),
    ] {
        let file = captures.join(format!("v2x/{name}.pcap"));
        let file = file.to_str().expect("UTF-8");
        for args in
            [&["decode", "--wire", "--json", file][..], &["decode", "--profile", "auto", "--wire", "--json", file]]
        {
            let messages = found(args);
            assert_eq!(messages.len(), 1);
            let spat = &messages[0];
            assert_eq!((&spat["frame"], &spat["profile"]), (&Value::from(1), &Value::from("j2735-2024")), "{spat}");
            let via: Vec<&str> = spat["via"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
            assert_eq!(via, ways);
            assert_eq!(spat["message"]["messageId"], 19);
            assert!(spat["time"].as_str().is_some_and(|time| time.starts_with("2024-03-13")), "{}", spat["time"]);
        }
        let digits = fs::read_to_string(file.replace(".pcap", ".hex")).expect("digits");
        let framed = found(&["decode", "--framed", "--wire", "--json", "--hex", digits.trim()]);
        assert_eq!(framed[0]["message"], found(&["decode", "--wire", "--json", file])[0]["message"]);
    }
}

#[test]
fn messages_behind_the_headers_of_a_vendor_are_found() {
    let Some(captures) = captures() else { return };
    for (name, number, way) in [
        ("rsu_forward_bsm", 20, "26 octets of an unknown header"),
        ("rsu_forward_psm", 32, "3 octets of an unknown header"),
        ("rsu_forward_sdsm", 41, ""),
    ] {
        let digits = fs::read_to_string(captures.join(format!("v2x/{name}.hex"))).expect("digits");
        let messages = found(&["decode", "--framed", "--wire", "--json", "--hex", digits.trim()]);
        assert_eq!(messages[0]["message"]["messageId"], number, "{name}");
        assert_eq!(messages[0]["via"][0].as_str().unwrap_or_default(), way, "{name}");
    }
}

#[test]
fn a_capture_without_messages_says_what_is_in_it() {
    let Some(captures) = captures() else { return };
    let file = captures.join("lidar/velodyne_vlp16.pcap");
    let refused = rsu_msg(&["decode", file.to_str().expect("UTF-8")], b"");
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("301 frames; not ours: 301 UDP datagrams without a message"), "{said}");
    assert!(said.contains("there is no message in the input"), "{said}");
}

#[test]
fn a_capture_that_ends_early_gives_its_messages_and_says_where() {
    let Some(captures) = captures() else { return };
    let whole = fs::read(captures.join("v2x/wsmp_map_unsecured.pcap")).expect("a capture");
    let twice = [&whole[..], &whole[24..whole.len() - 9]].concat();
    let output = rsu_msg(&["decode", "--wire", "--json", "-"], &twice);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).lines().count(), 1);
    assert!(text(&output.stderr).contains("standard input: the file ends inside frame 2"), "{}", text(&output.stderr));
}

#[test]
fn a_chinese_frame_is_read_in_its_own_message_set() {
    let dsm = "04008da60015".to_owned() + "44d8815db93d34cfe14a9dcec2a2b5f664914e80a0";
    let message = &found(&["decode", "--framed", "--json", "--hex", &dsm])[0];
    assert_eq!(message["via"][0], "DSMP for 3622 (0p8DA6)");
    assert_eq!(message["why"], "DSMP carries the messages of csae53-2020");
    assert_eq!(message["message"]["schema"], "v2x.rsi/1");
    let long = dsm.replace("8da60015", "8da60016");
    let refused = rsu_msg(&["decode", "--framed", "--json", "--hex", &long], b"");
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("DSMP: truncated, the octets end at octet 27, inside data"), "{said}");
}

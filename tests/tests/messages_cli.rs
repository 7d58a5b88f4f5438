//! What `rsu msg` prints, as the pipes of a user see it.

use serde_json::Value;
use tests::terminal::{rsu_msg, text};
use tests::vectors;
use v2x_msgs::hex;

fn digits(vector: &Value) -> &str {
    vector["hex"].as_str().expect("digits")
}

#[test]
fn the_command_prints_exactly_the_expected_fields_and_makes_exactly_the_bytes() {
    let Some(vectors) = vectors() else { return };
    let lines: String = vectors.iter().map(|v| format!("{}\n", digits(v))).collect();
    let decoded = rsu_msg(&["decode", "--profile", "csae53-2020", "--wire", "--json", "-"], lines.as_bytes());
    assert!(decoded.status.success(), "{}", text(&decoded.stderr));
    let values: Vec<Value> =
        text(&decoded.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(values.len(), vectors.len());
    for (value, vector) in values.iter().zip(&vectors) {
        assert_eq!(value, &vector["expected"]);
    }

    let encoded = rsu_msg(&["encode", "--profile", "csae53-2020", "--wire", "-"], &decoded.stdout);
    assert!(encoded.status.success(), "{}", text(&encoded.stderr));
    let made: Vec<&str> = text(&encoded.stdout).lines().collect();
    assert_eq!(made.len(), vectors.len());
    for (made, vector) in made.iter().zip(&vectors).filter(|(_, v)| v["category"] != "unknown_extension") {
        assert_eq!(*made, digits(vector));
    }

    let one = rsu_msg(&["decode", "--profile", "csae53-2020", "--wire", "--json", "--hex", digits(&vectors[0])], b"");
    assert_eq!(serde_json::from_slice::<Value>(&one.stdout).expect("JSON"), vectors[0]["expected"]);
}

const RSI: &str = "44d8815db93d34cfe14a9dcec2a2b5f664914e80a0";

#[test]
fn si_units_there_and_back_through_pipes() {
    let decoded = rsu_msg(&["decode", "--json", "--hex", RSI], b"");
    let value: Value = serde_json::from_slice(&decoded.stdout).expect("JSON");
    assert_eq!(value["schema"], "v2x.rsi/1");
    assert_eq!(value["ref_pos"]["lat_deg"], -54.625_722_9);
    let encoded = rsu_msg(&["encode", "-"], &decoded.stdout);
    assert_eq!(text(&encoded.stdout).trim(), RSI);
    let raw = rsu_msg(&["encode", "--raw", "-"], &decoded.stdout);
    assert_eq!(hex::to_hex(&raw.stdout), RSI);
    assert_eq!(rsu_msg(&["decode", "--json", "-"], &raw.stdout).stdout, decoded.stdout);
}

#[test]
fn a_bad_line_is_named_and_the_others_are_still_read() {
    let input = format!("{RSI}\n\n# a remark\n44zz\n{RSI}\n44d8\n");
    let output = rsu_msg(&["decode", "--json", "-"], input.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).lines().count(), 2);
    let complaints = text(&output.stderr);
    assert!(complaints.contains("standard input, line 4: 'z' at character 3"), "{complaints}");
    assert!(complaints.contains("standard input, line 6: truncated: the bytes end at bit 16"), "{complaints}");
}

#[test]
fn bad_documents_are_refused_with_the_field() {
    for (args, input, words) in [
        (&["encode", "-"][..], r#"{"schema":"v2x.rsm/1","msg_cnt":1,"id":"00","participants":[]}"#, "id: "),
        (&["encode", "-"], r#"{"schema":"v2x.rsm/2"}"#, "v2x.rsm/1"),
        (&["encode", "-"], "{\"schema\":\n nope}", "line 2"),
        (&["encode", "-"], "", "no document"),
        (
            &["encode", "-"],
            r#"{"schema":"v2x.rsm/1","msg_cnt":1,"id":"0000000000000000","participants":[{"ptc_type":"motor","ptc_id":1,"source":"video","speed_mps":-3.0}]}"#,
            "participants[0].speed_mps: -3",
        ),
        (&["encode", "--wire", "-"], r#"{"choice":"rsmFrame","value":{"msgCnt":200}}"#, "value.msgCnt: 200"),
        (&["encode", "-"], r#"{"choice":"rsmFrame","value":{}}"#, "--wire"),
        (&["decode", "-"], "", "no message"),
    ] {
        let output = rsu_msg(args, input.as_bytes());
        assert_eq!(output.status.code(), Some(1), "{input}");
        assert!(text(&output.stderr).contains(words), "{input}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    assert_eq!(rsu_msg(&["decode", "--profile", "j2735", "--hex", "00"], b"").status.code(), Some(2));
}

//! `rsu msg` on bad, huge and strange input, and comparing messages.

use serde_json::Value;
use tests::terminal::{rsu_msg, text};

const RSI: &str = "44d8815db93d34cfe14a9dcec2a2b5f664914e80a0";

#[test]
fn a_line_without_end_is_refused_and_the_next_one_is_read() {
    let input = [b"44".repeat(3 << 20), format!("\n{RSI}\n").into_bytes()].concat();
    let output = rsu_msg(&["decode", "--json", "-"], &input);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).lines().count(), 1);
    let said = text(&output.stderr);
    assert!(said.contains("standard input, line 1: more than") && said.contains("1 good, 1 refused"), "{said}");
}

#[test]
fn one_bad_line_among_thousands_is_named() {
    let mut lines: Vec<&str> = vec![RSI; 5000];
    lines[4321] = "44d8815db9x";
    let output = rsu_msg(&["decode", "--json", "-"], lines.join("\n").as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).lines().count(), 4999);
    let said = text(&output.stderr);
    assert!(said.contains("standard input, line 4322: 'x' at character 11"), "{said}");
    assert!(said.contains("4999 good, 1 refused"), "{said}");
}

#[test]
fn huge_and_endless_json_is_refused_in_bounded_memory() {
    for input in
        ["[".repeat(20 << 20), "{\"a\":\n".repeat(20_000), "{\n \"a\": [\n".to_owned() + &" 1,\n".repeat(4 << 20)]
    {
        let output = rsu_msg(&["encode", "-"], input.as_bytes());
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert!(text(&output.stderr).contains("error"), "{}", text(&output.stderr).len());
    }
}

#[test]
fn a_bad_document_is_named_and_the_others_are_made() {
    let good = rsu_msg(&["decode", "--json", "--hex", RSI], b"");
    let good = text(&good.stdout).trim();
    let input = format!("{good}\n{{\"schema\": \"v2x.rsi/1\",\n{good}\n{{\"schema\": 1e999}}\nNaN\n{good}\n");
    let output = rsu_msg(&["encode", "-"], input.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).lines().collect::<Vec<_>>(), [RSI; 3]);
    let said = text(&output.stderr);
    for words in [
        "document 2 in line 2: no JSON",
        "document 4 in line 4: no JSON: number out of range at line 4",
        "document 5 in line 5: no JSON",
        "3 good, 3 refused",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn numbers_that_no_field_can_hold_are_refused_with_the_field() {
    for (number, args) in
        [("1e400", &["encode", "-"][..]), ("-1e308", &["encode", "-"]), ("1e300", &["encode", "--wire", "-"])]
    {
        let document = if args.len() == 2 {
            format!(
                r#"{{"schema":"v2x.rsi/1","msg_cnt":1,"id":"0000000000000000","ref_pos":{{"lat_deg":{number},"lon_deg":0}}}}"#
            )
        } else {
            format!(r#"{{"choice":"rsiFrame","value":{{"msgCnt":{number}}}}}"#)
        };
        let output = rsu_msg(args, document.as_bytes());
        assert_eq!(output.status.code(), Some(1), "{document}");
        let said = text(&output.stderr);
        assert!(said.contains("lat") || said.contains("msgCnt") || said.contains("out of range"), "{said}");
    }
}

#[test]
fn encode_tells_more_with_json() {
    let wire = rsu_msg(&["decode", "--wire", "--json", "--hex", RSI], b"");
    let made = rsu_msg(&["encode", "--wire", "--json", "-"], &wire.stdout);
    let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    assert_eq!((&made["hex"], &made["octets"]), (&Value::from(RSI), &Value::from(21)));
}

#[test]
fn hex_dumps_are_read_like_digits() {
    let dump = "00000000: 44d8 815d b93d 34cf e14a 9dce c2a2 b5f6  D..].=4..J......\n00000010: 6491 4e80 a0                             d.N..\n";
    let plain = rsu_msg(&["decode", "--json", "--hex", RSI], b"");
    assert_eq!(text(&rsu_msg(&["decode", "--json", "-"], dump.as_bytes()).stdout), text(&plain.stdout));
    let c = "00000000  44 d8 81 5d b9 3d 34 cf  e1 4a 9d ce c2 a2 b5 f6  |D..].=4..J......|\n00000010  64 91 4e 80 a0                                    |d.N..|\n00000015\n";
    let read = rsu_msg(&["decode", "--json", "-"], c.replace("00000015\n", "").as_bytes());
    assert_eq!(text(&read.stdout), text(&plain.stdout), "{}", text(&read.stderr));
}

#[test]
fn two_messages_are_compared_field_by_field() {
    let same = rsu_msg(&["diff", RSI, RSI], b"");
    assert_eq!((same.status.code(), same.stdout.len()), (Some(0), 0));
    let wire = rsu_msg(&["decode", "--wire", "--json", "--hex", RSI], b"");
    let mut value: Value = serde_json::from_slice(&wire.stdout).expect("JSON");
    value["value"]["msgCnt"] = Value::from(7);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("after.json");
    std::fs::write(&file, serde_json::to_string_pretty(&value).expect("JSON")).expect("written");
    let file = file.to_str().expect("UTF-8");
    let different = rsu_msg(&["diff", "--wire", RSI, file], b"");
    assert_eq!((different.status.code(), text(&different.stdout)), (Some(1), "value.msgCnt: 108 → 7\n"));
    let report = rsu_msg(&["diff", "--json", RSI, file], b"");
    let report: Value = serde_json::from_slice(&report.stdout).expect("JSON");
    assert_eq!(report["differences"][0]["path"], "msg_cnt");
    for wrong in [["diff", RSI, "44d8"], ["diff", "no such file", RSI]] {
        let refused = rsu_msg(&wrong, b"");
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    }
}

#[test]
fn parts_of_messages_are_read_and_made_by_the_name_of_their_type() {
    let id = r#"{"region":1,"id":500}"#;
    let made = rsu_msg(&["encode", "--wire", "--type", "NodeReferenceID", "-"], id.as_bytes());
    let digits = text(&made.stdout).trim().to_owned();
    let read = rsu_msg(&["decode", "--wire", "--json", "--type", "NodeReferenceID", "--hex", &digits], b"");
    assert_eq!(
        serde_json::from_slice::<Value>(&read.stdout).expect("JSON"),
        serde_json::from_str::<Value>(id).expect("JSON")
    );
    let wrong = rsu_msg(&["decode", "--type", "NodeReferenceX", "--hex", &digits], b"");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("has no type `NodeReferenceX`; there is"), "{}", text(&wrong.stderr));
}

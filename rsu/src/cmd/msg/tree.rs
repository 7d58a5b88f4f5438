//! A message as indented lines, for people.

use serde_json::Value;

/// Its kind and size, then its fields.
pub(super) fn of(value: &Value, octets: usize) -> String {
    let mut lines = vec![format!("{}, {octets} octets", kind(value))];
    let body = match value.get("value") {
        // SAE J2735: the message stands in an open type behind its number.
        Some(inner) if value.get("messageId").is_some() => inner.get("value").unwrap_or(inner),
        Some(inner) => inner,
        None => value,
    };
    branch(body, 1, &mut lines);
    lines.join("\n")
}

fn kind(value: &Value) -> String {
    let inner = value.get("messageId").and(value.get("value")).unwrap_or(value);
    let name = inner.get("schema").or_else(|| inner.get("choice")).and_then(Value::as_str).unwrap_or("value");
    name.trim_start_matches("v2x.").trim_end_matches("/1").trim_end_matches("Frame").to_owned()
}

fn branch(value: &Value, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let mut item = |name: String, item: &Value| match item {
        Value::Array(list) if list.iter().all(|v| v.is_string()) => {
            let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            lines.push(format!("{indent}{name}: {}", if words.is_empty() { "none".into() } else { words.join(", ") }));
        }
        Value::Array(_) | Value::Object(_) => {
            lines.push(format!("{indent}{name}"));
            branch(item, depth + 1, lines);
        }
        Value::String(text) => lines.push(format!("{indent}{name}: {text}")),
        other => lines.push(format!("{indent}{name}: {other}")),
    };
    match value {
        Value::Object(map) => {
            map.iter().filter(|(name, _)| depth > 1 || *name != "schema").for_each(|(n, v)| item(n.clone(), v));
        }
        Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| item(format!("[{i}]"), value)),
        other => lines.push(format!("{indent}{other}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_for_people_has_no_brackets() {
        let value = json!({"schema": "v2x.rsi/1", "id": "ab", "list": [{"x": 1}], "flags": ["left"], "none": []});
        let text = "rsi, 7 octets\n  flags: left\n  id: ab\n  list\n    [0]\n      x: 1\n  none: none";
        assert_eq!(of(&value, 7), text);
        let wire = json!({"choice": "rsmFrame", "value": {"msgCnt": 1}});
        assert_eq!(of(&wire, 3), "rsm, 3 octets\n  msgCnt: 1");
        let sae = json!({"messageId": 20, "value": {"choice": "BasicSafetyMessage", "value": {"msgCnt": 1}}});
        assert_eq!(of(&sae, 9), "BasicSafetyMessage, 9 octets\n  msgCnt: 1");
        assert_eq!(of(&json!(7), 1), "value, 1 octets\n  7");
    }
}

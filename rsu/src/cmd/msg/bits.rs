//! Where every field of a message lies in its bits, and what takes how many of them.

use serde::Serialize;
use serde_json::Value;
use v2x_msgs::wire_json::Span;

use super::read::Message;
use crate::limits::RADIO_BYTES;

/// `rsu.msg.bits/1` and `rsu.msg.size/1`.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    message: String,
    octets: usize,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit: Option<usize>,
    bits: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

fn spans(message: &Message<'_>) -> anyhow::Result<Vec<Span>> {
    Ok(message.of.wire.spans(message.octets)?)
}

/// Every field with its first bit and its number of bits, as JSON.
pub(super) fn report(message: &Message<'_>) -> anyhow::Result<Value> {
    let spans = spans(message)?;
    let name = name_of(&spans);
    let field = |s: Span| Field { path: s.path, bit: Some(s.bit), bits: s.bits, value: s.value };
    let fields = spans.into_iter().map(field).collect();
    let report = Report { schema: "rsu.msg.bits/1", message: name, octets: message.octets.len(), fields };
    Ok(serde_json::to_value(report)?)
}

/// The same for people: bit, bits, octets behind the first bit, field.
pub(super) fn drawing(message: &Message<'_>) -> anyhow::Result<String> {
    let line = |s: &Span| {
        let depth = s.path.matches(['.', '[']).count();
        let name = s.path.rsplit('.').next().unwrap_or_default();
        let name = name.rfind('[').map_or(name, |at| &name[at..]);
        let bits = if s.value.is_some() { digits(message.octets, s.bit, s.bits) } else { String::new() };
        let value = s.value.as_deref().unwrap_or_default();
        format!("{:>6} {:>6}  {bits:<DRAWN$}  {}{name} {value}", s.bit, s.bits, "  ".repeat(depth))
    };
    let lines: Vec<String> = spans(message)?.iter().map(|s| line(s).trim_end().to_owned()).collect();
    Ok(format!("   bit   bits  {:<DRAWN$}  field\n{}", "", lines.join("\n")))
}

/// Bits that are drawn of a field.
const DRAWN: usize = 18;

/// The bits of a field, as far as they are drawn.
fn digits(octets: &[u8], bit: usize, bits: usize) -> String {
    let set = |at: usize| octets.get(at / 8).is_some_and(|octet| octet & (0x80 >> (at % 8)) != 0);
    let shown = if bits > DRAWN { DRAWN - 1 } else { bits };
    let mut text: String = (bit..bit + shown).map(|at| if set(at) { '1' } else { '0' }).collect();
    if shown < bits {
        text.push('…');
    }
    text
}

/// What takes how many bits.
pub(super) fn size(message: &Message<'_>, as_json: bool) -> anyhow::Result<String> {
    let spans = spans(message)?;
    let (name, fields, octets) = (name_of(&spans), sizes(&spans), message.octets.len());
    if as_json {
        return Ok(serde_json::to_string(&Report { schema: "rsu.msg.size/1", message: name, octets, fields })?);
    }
    let share = octets as f64 / RADIO_BYTES as f64 * 100.0;
    let mut text =
        format!("{name}: {octets} octets, {share:.0} % of the {RADIO_BYTES} that a radio carries\n  bits  field");
    for field in fields {
        let note = field.value.map(|value| format!("  ({value})")).unwrap_or_default();
        text.push_str(&format!("\n{:>6}  {}{note}", field.bits, field.path));
    }
    Ok(text)
}

/// The span that all fields of the message itself lie in: the alternative of the frame, or the content of its open type.
fn whole(spans: &[Span]) -> Option<&Span> {
    let first = spans.first()?;
    if first.path != "messageId" {
        return Some(first);
    }
    let inner = spans.iter().find(|s| s.path.starts_with("value."));
    inner.or_else(|| spans.iter().find(|s| s.path == "value")).or(Some(first))
}

/// The message's name: `rsm` for `rsmFrame`, `BasicSafetyMessage`.
fn name_of(spans: &[Span]) -> String {
    let name = whole(spans).and_then(|whole| whole.path.rsplit('.').next()).unwrap_or_default();
    name.trim_end_matches("Frame").to_owned()
}

/// Bits of the message's own fields, lists with the number of their elements.
fn sizes(spans: &[Span]) -> Vec<Field> {
    let Some(whole) = whole(spans) else { return Vec::new() };
    let prefix = format!("{}.", whole.path);
    let own =
        |span: &Span| span.path.strip_prefix(&prefix).filter(|name| !name.contains(['.', '['])).map(str::to_owned);
    let field = |span: &Span| {
        let path = own(span)?;
        let inner = format!("{}[", span.path);
        let element =
            |s: &&Span| s.path.strip_prefix(&inner).is_some_and(|rest| rest.ends_with(']') && !rest.contains('.'));
        let elements = spans.iter().filter(element).count();
        let value = (elements > 0).then(|| format!("{elements} of them, {} each", span.bits / elements));
        Some(Field { path, bit: None, bits: span.bits, value })
    };
    spans.iter().filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use v2x_msgs::{Profile, hex};

    use super::super::profile::Read;
    use super::super::read::Type;
    use super::*;

    const RSI: &str = "44d8815db93d34cfe14a9dcec2a2b5f664914e80a0";

    fn with_rsi<T>(look: impl FnOnce(&Message<'_>) -> T) -> T {
        let octets = hex::from_hex(RSI).unwrap();
        let profile = Profile::Csae53_2020;
        let of = Type::of(None, profile).unwrap();
        look(&Message { octets: &octets, read: Read { profile, why: None }, of, place: None })
    }

    #[test]
    fn sizes_add_up_to_the_message() {
        with_rsi(|message| {
            let spans = spans(message).unwrap();
            let fields = sizes(&spans);
            let sum: usize = fields.iter().map(|f| f.bits).sum();
            let all = message.octets.len() * 8;
            assert!(sum <= all && sum + 16 > all, "{sum} of {all}");
            assert_eq!(fields.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["msgCnt", "moy", "id", "refPos"]);
            assert_eq!(name_of(&spans), "rsi");
        });
    }

    #[test]
    fn the_bits_of_a_message_are_drawn_field_by_field() {
        let text = with_rsi(|message| drawing(message).unwrap());
        assert!(text.contains("1101100             msgCnt 108") || text.contains("msgCnt 108"), "{text}");
        assert!(text.contains("id c9e9a67f0a54ee76"), "{text}");
        let report = with_rsi(|message| report(message).unwrap());
        assert_eq!(report["fields"][1]["path"], "rsiFrame.msgCnt");
    }

    #[test]
    fn drawn_bits_are_those_of_the_octets() {
        assert_eq!(digits(&[0b0101_1100, 0xf0], 1, 7), "1011100");
        assert_eq!(digits(&[0xff; 4], 3, 29), "11111111111111111…");
        assert_eq!(digits(&[], 0, 2), "00");
    }
}

//! `rsu msg decode`: what is in messages.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;
use v2x_msgs::{DecodeError, json};

use super::bits;
use super::read::{From, Message};
use super::tree;
use crate::cli::Global;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Input: hexadecimal digits, one message a line; a hex dump; a packet capture (pcap, pcapng); or one
message in raw octets. A message without a form in SI units is shown with the standard's own fields.

Examples:
  rsu msg decode --hex 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0
  rsu msg decode --json heard.hex | jq .msg_cnt
  rsu msg decode --profile auto --json heard.hex
  rsu msg decode captured.pcap
  rsu msg decode --framed --hex 0b030f01b410010c0401…
  rsu msg decode --profile j2735-2024 --type Position3D --hex …

Exit code: 0 good, 1 when a message was refused."
)]
pub(super) struct Decode {
    #[command(flatten)]
    from: From,
    /// The standard's own fields and raw numbers instead of SI units
    #[arg(long)]
    wire: bool,
    /// Draw where every field lies in the bits
    #[arg(long, conflicts_with = "wire")]
    bits: bool,
}

/// `rsu.msg.found/1`: a message with what is known about it besides itself.
#[derive(Serialize)]
struct Found<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'a [String]>,
    profile: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    octets: usize,
    message: &'a Value,
}

impl<'a> Found<'a> {
    /// None for a plain message of a named profile: then the message is all there is to say.
    fn of(message: &'a Message<'_>, value: &'a Value) -> Option<Found<'a>> {
        let place = message.place.as_ref();
        if place.is_none() && message.read.why.is_none() {
            return None;
        }
        Some(Found {
            schema: "rsu.msg.found/1",
            frame: place.and_then(|p| p.frame),
            time: place.and_then(|p| p.time).map(|t| t.to_string()),
            via: place.map(|p| p.via.as_slice()),
            profile: message.read.profile.name(),
            why: message.read.why.as_deref(),
            octets: message.octets.len(),
            message: value,
        })
    }

    /// The same as one line for people.
    fn line(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.frame.map(|number| format!("frame {number}")));
        parts.extend(self.time.clone());
        parts.extend(self.via.unwrap_or_default().iter().cloned());
        parts.push(match self.why {
            Some(why) => format!("{} ({why})", self.profile),
            None => self.profile.to_owned(),
        });
        parts.join(" · ")
    }
}

/// Runs it.
pub(super) fn run(args: &Decode, global: &Global) -> anyhow::Result<ExitCode> {
    args.from.each(global, |message| {
        let value = if args.bits { bits::report(message)? } else { value(message, args.wire)? };
        let found = Found::of(message, &value);
        if global.json {
            return Ok(match &found {
                Some(found) => serde_json::to_string(found)?,
                None => serde_json::to_string(&value)?,
            });
        }
        let text = if args.bits { bits::drawing(message)? } else { tree::of(&value, message.octets.len()) };
        Ok(found.map_or(text.clone(), |found| format!("{}\n{text}", found.line())))
    })
}

/// The message in SI units, or with the standard's own fields when that was asked for or there is no other form.
pub(super) fn value(message: &Message<'_>, wire: bool) -> anyhow::Result<Value> {
    if wire || !message.of.whole {
        return Ok(message.of.wire.decode(message.octets)?);
    }
    match v2x_msgs::decode(message.octets, message.read.profile) {
        Ok(decoded) => Ok(json::to_json(&decoded)?),
        Err(error @ DecodeError::Unsupported { .. }) => {
            Ok(message.of.wire.decode(message.octets).map_err(|_| error)?)
        }
        Err(error) => Err(error.into()),
    }
}

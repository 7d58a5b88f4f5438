//! RSU 4.1 "immediate forward": a text block with the octets in hexadecimal digits over UDP, as `usdot-fhwa-OPS/V2X-Hub`
//! sends it (ImmediateForwardPlugin) and roadside radios take it on port 1516.

use std::fmt::Write;

use thiserror::Error;

use super::NetError;
use super::aid::Aid;
use crate::hex::{HexError, from_hex};

/// What a text block says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `Type`, upper case: `RSM`.
    pub kind: String,
    /// `PSID`; the block has its p-encoded octets.
    pub psid: Aid,
    /// `Priority`, 7 the most urgent.
    pub priority: u8,
    /// `Signature`: the radio is to sign.
    pub signature: bool,
    /// `Payload`.
    pub payload: Vec<u8>,
}

/// Why a datagram is no text block.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BlockError {
    /// Not text.
    #[error("not a text block: the datagram is not ASCII")]
    NotText,
    /// A line is missing.
    #[error("no line `{0}=…` in the text block")]
    Missing(&'static str),
    /// The payload is no hexadecimal number.
    #[error("`Payload=`: {0}")]
    Payload(HexError),
    /// The identifier is none.
    #[error("`PSID=`: {0}")]
    Psid(NetError),
    /// A value cannot be read.
    #[error("`{name}={value}`: expected {expected}")]
    Value {
        /// The line.
        name: &'static str,
        /// What it says.
        value: String,
        /// What it should say.
        expected: &'static str,
    },
}

impl Block {
    /// The text of the block. Radios of this kind know one channel and continuous access in it.
    ///
    /// ```
    /// use v2x_msgs::net::{aid::Aid, forward::Block};
    /// let block = Block { kind: "RSM".into(), psid: Aid::new(3623)?, priority: 6, signature: false, payload: vec![8, 255] };
    /// let text = block.text();
    /// assert!(text.contains("Type=RSM\nPSID=0x8DA7\n") && text.ends_with("Payload=08ff\n"));
    /// assert_eq!(Block::parse(text.as_bytes()).unwrap(), block);
    /// # Ok::<(), v2x_msgs::net::NetError>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        let (psid, octets) = self.psid.p_encoded();
        let signature = if self.signature { "True" } else { "False" };
        let mut text = format!(
            "Version=0.7\nType={}\nPSID=0x{psid:0digits$X}\nPriority={}\nTxMode=CONT\nTxChannel=183\nTxInterval=0\n\
             DeliveryStart=\nDeliveryStop=\nSignature={signature}\nEncryption=False\nPayload=",
            self.kind,
            self.priority,
            digits = 2 * octets,
        );
        for octet in &self.payload {
            // Writing to a string cannot fail.
            let _ = write!(text, "{octet:02x}");
        }
        text.push('\n');
        text
    }

    /// Reads a text block; unknown lines are skipped, `Priority` and `Signature` may be missing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(datagram: &[u8]) -> Result<Block, BlockError> {
        let text = std::str::from_utf8(datagram).ok().filter(|t| t.is_ascii()).ok_or(BlockError::NotText)?;
        let line = |name: &'static str| {
            let mut values = text.lines().filter_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix('='));
            values.next().ok_or(BlockError::Missing(name))
        };
        let wrong =
            |name, value: &str, expected| BlockError::Value { name, value: value.chars().take(20).collect(), expected };
        let psid = line("PSID")?;
        let digits = psid.strip_prefix("0x").or(psid.strip_prefix("0X")).unwrap_or(psid);
        let number = u32::from_str_radix(digits, 16).map_err(|_| wrong("PSID", psid, "hexadecimal digits"))?;
        let priority = line("Priority").unwrap_or("0");
        Ok(Block {
            kind: line("Type")?.to_uppercase(),
            psid: Aid::from_p_encoded(number).map_err(BlockError::Psid)?,
            priority: priority.trim().parse().map_err(|_| wrong("Priority", priority, "0 to 7"))?,
            signature: line("Signature").is_ok_and(|value| value.trim().eq_ignore_ascii_case("true")),
            payload: from_hex(line("Payload")?).map_err(BlockError::Payload)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_block_of_v2x_hub_is_read() {
        let block = b"Version=0.7\nType=SPAT\nPSID=0x8002\nPriority=7\nTxMode=CONT\nTxChannel=183\nTxInterval=0\nDeliveryStart=\nDeliveryStop=\nSignature=True\nEncryption=False\nPayload=0013Ab\n";
        let block = Block::parse(block).unwrap();
        assert_eq!((block.kind.as_str(), block.psid.value(), block.priority), ("SPAT", 130, 7));
        assert_eq!((block.signature, block.payload), (true, vec![0x00, 0x13, 0xab]));
        assert_eq!(Block::parse(b"Type=RSM\r\nPSID=0x8DA7\r\nPayload=08\r\n").unwrap().payload, [8]);
    }

    #[test]
    fn what_is_no_block_is_refused_with_the_reason() {
        assert_eq!(Block::parse(&[0xff, 0x00]), Err(BlockError::NotText));
        for (block, words) in [
            ("Type=RSM\nPSID=0x8DA7\n", "no line `Payload=…`"),
            ("Type=RSM\nPSID=0x8DA7\nPayload=123", "`Payload=`: 3 hexadecimal digits"),
            ("Type=RSM\nPSID=many\nPayload=12", "`PSID=many`: expected hexadecimal digits"),
            ("Type=RSM\nPSID=0xFF\nPayload=12", "`PSID=`: application identifier: malformed"),
            ("Type=RSM\nPSID=0x20\nPriority=high\nPayload=12", "`Priority=high`: expected 0 to 7"),
        ] {
            let error = Block::parse(block.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    proptest! {
        #[test]
        fn every_block_comes_back(
            payload in prop::collection::vec(any::<u8>(), 0..1400),
            psid in 0..=Aid::MOST,
            priority in 0..8_u8,
            signature: bool,
            kind in "[A-Z]{3,5}",
        ) {
            let block = Block { kind, psid: Aid::new(psid).unwrap(), priority, signature, payload };
            prop_assert_eq!(Block::parse(block.text().as_bytes()).unwrap(), block);
        }

        #[test]
        fn no_datagram_makes_the_parser_panic(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Block::parse(&octets);
        }
    }
}

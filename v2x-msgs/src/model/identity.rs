//! Who speaks, which node is meant, and words for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Identity on air, always 8 octets (T/CSAE 53-2020: `id`): a unit's id or a vehicle's temporary id.
/// In JSON and in text: 16 hexadecimal digits.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = "^(\\s*[0-9a-fA-F]){16}\\s*$")))]
#[serde(try_from = "String", into = "String")]
pub struct StationId(pub [u8; 8]);

impl StationId {
    /// The id of a unit named in ASCII, filled up with zero octets; `None` when the name is empty, longer than 8 octets
    /// or not ASCII.
    ///
    /// ```
    /// let id = v2x_msgs::model::StationId::from_name("x01").unwrap();
    /// assert_eq!(id.to_string(), "7830310000000000");
    /// assert_eq!(id.name(), Some("x01"));
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<StationId> {
        if name.is_empty() || name.len() > 8 || !name.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let mut id = [0; 8];
        for (octet, byte) in id.iter_mut().zip(name.bytes()) {
            *octet = byte;
        }
        Some(StationId(id))
    }

    /// The name in it, when it reads as an ASCII name filled up with zero octets.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let end = self.0.iter().position(|b| *b == 0).unwrap_or(8);
        let (name, rest) = self.0.split_at(end);
        let readable = !name.is_empty() && name.iter().all(u8::is_ascii_graphic) && rest.iter().all(|b| *b == 0);
        readable.then(|| std::str::from_utf8(name).ok()).flatten()
    }
}

impl fmt::Display for StationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for StationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StationId({self})")
    }
}

impl From<StationId> for String {
    fn from(id: StationId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for StationId {
    type Error = String;

    fn try_from(text: String) -> Result<StationId, String> {
        let octets = crate::hex::from_hex(&text).map_err(|e| e.to_string())?;
        let id = <[u8; 8]>::try_from(octets.as_slice())
            .map_err(|_| format!("an id has 16 hexadecimal digits, this has {}", text.len()))?;
        Ok(StationId(id))
    }
}

/// A node of the road network (DF_NodeReferenceID).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NodeId {
    /// Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<u16>,
    /// Number in the region.
    pub id: u16,
}

impl NodeId {
    /// A node in a region.
    #[must_use]
    pub fn new(region: u16, id: u16) -> NodeId {
        NodeId { region: Some(region), id }
    }
}

/// Words for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Description {
    /// ASCII text, 1..512 characters; else refused.
    TextString(String),
    /// GB 2312 octets, 2..512 of them, in JSON as hexadecimal digits; else refused.
    #[serde(rename = "text_gb2312")]
    TextGb2312(
        #[serde(with = "crate::hex::as_text")]
        #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^((\\s*[0-9a-fA-F]){2})*\\s*$")))]
        Vec<u8>,
    ),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_nine_letters_is_no_station_id() {
        assert_eq!(StationId::from_name("crossing9"), None);
        assert_eq!(StationId::from_name(""), None);
        assert_eq!(StationId::from_name("kreuz\u{fc}"), None);
        assert_eq!(
            StationId::from_name("crossing").and_then(|id| id.name().map(str::to_owned)),
            Some("crossing".into())
        );
    }

    #[test]
    fn a_station_id_reads_back_from_its_text() {
        let id = StationId([1, 2, 3, 0xfe, 0, 0, 7, 8]);
        assert_eq!(StationId::try_from(id.to_string()), Ok(id));
        assert_eq!(id.name(), None);
        assert!(StationId::try_from("0102".to_owned()).is_err());
        assert!(StationId::try_from("zz02030405060708".to_owned()).is_err());
    }
}

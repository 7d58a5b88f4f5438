//! Extension elements of a header: a number, and octets that belong to it. DSMP and WSMP write them alike.

use super::octets::Octets;
use super::{Layer, NetError};

/// One extension element, as the sender wrote it. WSMP: 4 transmit power, 15 channel, 16 data rate (IEEE 1609.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// What it is.
    pub id: u8,
    /// Its octets.
    pub value: &'a [u8],
}

/// How a layer writes the number of elements and their lengths.
#[derive(Copy, Clone)]
pub(super) enum Counting {
    /// In one octet each (DSMP).
    Octet,
    /// In the length form of IEEE 1609.3 (WSMP).
    Length,
}

impl Counting {
    fn most(self) -> usize {
        match self {
            Counting::Octet => 0xff,
            Counting::Length => 0x3fff,
        }
    }

    fn read(self, octets: &mut Octets<'_>, field: &'static str) -> Result<usize, NetError> {
        match self {
            Counting::Octet => Ok(usize::from(octets.octet(field)?)),
            Counting::Length => octets.length(field),
        }
    }

    /// Writes a number that is at most [`Counting::most`].
    fn write(self, number: usize, frame: &mut Vec<u8>) {
        match self {
            Counting::Octet => frame.push(number as u8),
            Counting::Length => write_length(number, frame),
        }
    }
}

/// Writes a length below 16384 in the form of IEEE 1609.3.
pub(super) fn write_length(length: usize, frame: &mut Vec<u8>) {
    if length >= 0x80 {
        frame.push(0x80 | (length >> 8) as u8);
    }
    frame.push(length as u8);
}

/// The number of elements, then each of them.
pub(super) fn read<'a>(octets: &mut Octets<'a>, counting: Counting) -> Result<Vec<Element<'a>>, NetError> {
    let count = counting.read(octets, "number of extension elements")?;
    // An element has two octets at least: a count that promises more than the octets hold reserves nothing.
    let mut elements = Vec::with_capacity(count.min(octets.rest().len() / 2));
    for _ in 0..count {
        let id = octets.octet("extension element number")?;
        let length = counting.read(octets, "extension element length")?;
        elements.push(Element { id, value: octets.take(length, "extension element")? });
    }
    Ok(elements)
}

/// Writes the number of elements, then each of them.
pub(super) fn write(
    layer: Layer,
    elements: &[Element<'_>],
    counting: Counting,
    frame: &mut Vec<u8>,
) -> Result<(), NetError> {
    let most = counting.most();
    let too_much = |what: String| Err(NetError::Elements { layer, what });
    if elements.len() > most {
        return too_much(format!("{} extension elements, a header takes at most {most}", elements.len()));
    }
    counting.write(elements.len(), frame);
    for element in elements {
        if element.value.len() > most {
            let octets = element.value.len();
            return too_much(format!("extension element {} has {octets} octets, at most {most} fit", element.id));
        }
        frame.push(element.id);
        counting.write(element.value.len(), frame);
        frame.extend_from_slice(element.value);
    }
    Ok(())
}

//! The generated types by themselves, without the model: what benches and fuzz targets compare with. No part of the
//! interface of this crate.

use asn1rs::prelude::{UperReader, UperWriter};
use asn1rs::syn::{Reader as _, Writer as _};

use crate::error::{DecodeError, EncodeError};
use crate::uper::{Reader, Writer};
use crate::{Profile, wire};

/// A message of T/CSAE 53-2020 as its generated type.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame(wire::csae53::MessageFrame);

impl Frame {
    /// Read by our reader.
    ///
    /// # Errors
    /// As [`crate::decode`].
    pub fn decode(bytes: &[u8]) -> Result<Frame, DecodeError> {
        Reader::message(bytes, &wire::CSAE53).map(Frame)
    }

    /// Written by our writer.
    ///
    /// # Errors
    /// As [`crate::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        Writer::message(&self.0, &wire::CSAE53)
    }

    /// Read by the reader that comes with asn1rs.
    ///
    /// # Errors
    /// Its own, as text.
    pub fn decode_stock(bytes: &[u8]) -> Result<Frame, String> {
        let mut reader = UperReader::from((bytes, bytes.len().saturating_mul(8)));
        reader.read().map(Frame).map_err(|error| format!("{error:?}"))
    }

    /// Written by the writer that comes with asn1rs.
    ///
    /// # Errors
    /// Its own, as text.
    pub fn encode_stock(&self) -> Result<Vec<u8>, String> {
        let mut writer = UperWriter::default();
        writer.write(&self.0).map_err(|error| format!("{error:?}"))?;
        Ok(writer.into_bytes_vec())
    }
}

/// What is written of what was read, through the generated types of a profile.
///
/// # Errors
/// When the bytes cannot be read; inside: when what was read cannot be written, which must never be.
pub fn again(bytes: &[u8], profile: Profile) -> Result<Result<Vec<u8>, EncodeError>, DecodeError> {
    Ok(match profile {
        Profile::Csae53_2020 => {
            Writer::message(&Reader::message::<wire::csae53::MessageFrame>(bytes, &wire::CSAE53)?, &wire::CSAE53)
        }
        Profile::Ydt3709_2020 => {
            Writer::message(&Reader::message::<wire::ydt3709::MessageFrame>(bytes, &wire::YDT3709)?, &wire::YDT3709)
        }
        Profile::Csae157_2020 => {
            Writer::message(&Reader::message::<wire::csae157::MessageFrame>(bytes, &wire::CSAE157)?, &wire::CSAE157)
        }
        Profile::J2735_2024 => {
            Writer::message(&Reader::message::<wire::j2735::MessageFrame>(bytes, &wire::J2735)?, &wire::J2735)
        }
    })
}

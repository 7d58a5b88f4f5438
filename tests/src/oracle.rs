//! A second opinion on the bytes of T/CSAE 53 messages, which are what our unit sends. All message sets have theirs in the
//! crate `oracle`, whose tests ask for it.

use serde_json::Value;
use v2x_msgs::{Profile, wire_json};

const PROFILE: Profile = Profile::Csae53_2020;

/// Whether both codecs read the same values in these bytes and make the same bytes of them; our reading of them when so.
///
/// # Errors
/// A sentence that says where they part.
pub fn agrees(bytes: &[u8]) -> Result<Value, String> {
    let ours = wire_json::decode(bytes, PROFILE).map_err(|e| format!("we refuse it: {e}"))?;
    oracle::reads(PROFILE.name(), wire_json::FRAME, bytes, &ours)?;
    // What a newer edition added is in neither's values, so the bytes made again may be fewer.
    let again = wire_json::encode(&ours, PROFILE).map_err(|e| format!("we cannot make it: {e}"))?;
    oracle::agrees(PROFILE.name(), wire_json::FRAME, &again, &ours)?;
    Ok(ours)
}

/// Compares our wire-level JSON with JSON by X.697.
///
/// # Errors
/// A sentence with the first difference and the way to it.
pub fn same(ours: &Value, theirs: &Value, path: &str) -> Result<(), String> {
    oracle::same(ours, theirs, PROFILE.name(), path)
}

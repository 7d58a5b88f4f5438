//! Messages as JSON in SI units: the fields of [`crate::model`] under the standard's names in snake case, with
//! `"schema": "v2x.rsm/1"` in front. What is not available is not there.
//!
//! ```
//! use v2x_msgs::{json, model::{Message, Participant, Position, Rsm}};
//! let walker = Participant { ptc_id: 17, speed_mps: Some(1.3), ..Participant::default() };
//! let rsm = Message::Rsm(Rsm { participants: vec![walker.at(Position::new(31.5, 121.25))], ..Rsm::default() });
//! let value = json::to_json(&rsm)?;
//! assert_eq!(value["schema"], "v2x.rsm/1");
//! assert_eq!(value["participants"][0]["lat_deg"], 31.5);
//! assert_eq!(json::from_json(&value)?, rsm);
//! # Ok::<(), json::JsonError>(())
//! ```

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::MessageKind;
use crate::model::Message;

/// Why JSON is no message, or a message no JSON.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{what}", .path.as_deref().map(|path| format!("{path}: ")).unwrap_or_default())]
pub struct JsonError {
    /// The way to what is wrong, as `participants[3].speed_mps`; none when it is the whole.
    pub path: Option<String>,
    /// What is wrong.
    pub what: String,
}

impl JsonError {
    pub(crate) fn new(what: impl Into<String>) -> JsonError {
        JsonError { path: None, what: what.into() }
    }

    /// The same error with the way to it made longer at the front.
    pub(crate) fn under(mut self, parent: &str) -> JsonError {
        self.path = Some(match self.path {
            None => parent.to_owned(),
            Some(path) if path.starts_with('[') => format!("{parent}{path}"),
            Some(path) => format!("{parent}.{path}"),
        });
        self
    }
}

/// The schema of a kind of message.
#[must_use]
pub fn schema(kind: MessageKind) -> String {
    format!("v2x.{}/1", kind.name())
}

/// The JSON of a message.
///
/// # Errors
/// When a number in it is not finite.
pub fn to_json(message: &Message) -> Result<Value, JsonError> {
    let body = match message.to_fields() {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(JsonError::new("a message is an object")),
        Err(error) => return Err(JsonError::new(error.to_string())),
    };
    let mut whole = Map::from_iter([("schema".to_owned(), Value::String(schema(message.kind())))]);
    whole.extend(body);
    let whole = Value::Object(whole);
    // What is not available is left out, so a null can only be a number that JSON cannot hold.
    match null_in(&whole) {
        Some(path) => Err(JsonError { path: Some(path), what: "the number is not finite".to_owned() }),
        None => Ok(whole),
    }
}

/// The way to the first null.
fn null_in(value: &Value) -> Option<String> {
    let join = |parent: String, path: String| match path.as_str() {
        "" => parent,
        path if path.starts_with('[') => format!("{parent}{path}"),
        path => format!("{parent}.{path}"),
    };
    match value {
        Value::Null => Some(String::new()),
        Value::Array(list) => {
            list.iter().enumerate().find_map(|(i, item)| null_in(item).map(|path| join(format!("[{i}]"), path)))
        }
        Value::Object(map) => map.iter().find_map(|(key, item)| null_in(item).map(|path| join(key.clone(), path))),
        _ => None,
    }
}

/// The message of some JSON.
///
/// # Errors
/// When the schema is not known, or a field is missing, unknown or of another form; the error has the way to it.
pub fn from_json(value: &Value) -> Result<Message, JsonError> {
    let object = value.as_object().ok_or_else(|| JsonError::new("a message is an object"))?;
    let known = || MessageKind::ALL.map(schema).join(", ");
    let named = object
        .get("schema")
        .ok_or_else(|| JsonError::new(format!("it is missing; there are {}", known())).under("schema"))?;
    let kind = MessageKind::ALL.into_iter().find(|kind| *named == schema(*kind));
    let kind =
        kind.ok_or_else(|| JsonError::new(format!("{named} is not known; there are {}", known())).under("schema"))?;
    let mut body = object.clone();
    body.remove("schema");
    Message::from_fields(kind, Value::Object(body))
}

/// A value of a type in some JSON.
pub(crate) fn parsed<T: DeserializeOwned>(body: Value) -> Result<T, JsonError> {
    serde_path_to_error::deserialize(body).map_err(|error| {
        let path = error.path().to_string();
        JsonError { path: (path != ".").then_some(path), what: error.into_inner().to_string() }
    })
}

/// The message of some JSON text.
///
/// # Errors
/// As [`from_json`], and when the text is no JSON; the error then has line and column.
pub fn from_text(text: &str) -> Result<Message, JsonError> {
    from_json(&serde_json::from_str(text).map_err(|error| JsonError::new(format!("no JSON: {error}")))?)
}

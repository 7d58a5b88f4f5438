//! How a person moves, in the messages of both sets that have it. Compiled for the types of each.

use super::wire;
use crate::csae::named::{from_enumerated, to_enumerated};
use crate::error::EncodeError;
use crate::model::Propulsion;

pub(super) fn to_propulsion(propulsion: Propulsion) -> Result<wire::PropelledInformation, EncodeError> {
    Ok(match propulsion {
        Propulsion::Human(how) => wire::PropelledInformation::Human(to_enumerated("propulsion.human", how)?),
        Propulsion::Animal(how) => wire::PropelledInformation::Animal(to_enumerated("propulsion.animal", how)?),
        Propulsion::Motor(how) => wire::PropelledInformation::Motor(to_enumerated("propulsion.motor", how)?),
    })
}

pub(super) fn from_propulsion(propulsion: &wire::PropelledInformation) -> Propulsion {
    match propulsion {
        wire::PropelledInformation::Human(how) => Propulsion::Human(from_enumerated(how).unwrap_or_default()),
        wire::PropelledInformation::Animal(how) => Propulsion::Animal(from_enumerated(how).unwrap_or_default()),
        wire::PropelledInformation::Motor(how) => Propulsion::Motor(from_enumerated(how).unwrap_or_default()),
    }
}

//! What the lights of a vehicle are told.

use super::Private;
use crate::openscenario::reader::Reader;
use crate::openscenario::xml::Element;

impl Reader {
    pub(super) fn read_appearance(&mut self, e: &Element) -> Private {
        let Some(light) = e.child("LightStateAction") else { return Private::NoEffect };
        let transition = self.optional_number(light, "transitionTime").unwrap_or(0.0).max(0.0);
        let mode = light.child("LightState").and_then(|state| self.optional(state, "mode"));
        let kind = light.child("LightType").and_then(|t| t.children.first());
        let kind = kind.and_then(|k| self.optional(k, "vehicleLightType")).unwrap_or_default();
        Private::Lights { transition, flashing: mode.as_deref() == Some("flashing"), kind }
    }
}
